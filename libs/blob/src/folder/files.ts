import { errnoOf } from '@pstream/kernel';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';

/** What the folder adapters look at. `links` is 0 once the last name of an open file is gone. */
export type FileInfo = {
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: number;
  readonly inode: string;
  readonly modifiedNs: string;
  readonly links: number;
};

/** An open file. */
export interface OpenFile {
  /** Writes all bytes at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Fewer bytes than asked for only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  truncate(bytes: number): Promise<void>;
  sync(): Promise<void>;
  stat(): Promise<FileInfo>;
  close(): Promise<void>;
}

/** The file system as the folder adapters see it: few calls, so that a test can fail each of them in turn. All paths are absolute,
 *  the last segment is never followed if it is a symbolic link, and errors are those of node:fs. */
export interface Files {
  open(path: string, how: 'read' | 'update' | 'create'): Promise<OpenFile>;
  /** Undefined if there is nothing under the path. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** Names and kinds in a folder, unsorted; undefined if there is no such folder. */
  list(path: string): Promise<readonly { readonly name: string; readonly kind: FileInfo['kind'] }[] | undefined>;
  /** Makes one folder; fine if it is there. True if it was made. */
  makeFolder(path: string): Promise<boolean>;
  /** Removes a folder if it is empty; otherwise does nothing. */
  removeEmptyFolder(path: string): Promise<void>;
  /** Gives a file a second name; fails with EEXIST where there is one. */
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Fine if there is nothing. */
  remove(path: string): Promise<void>;
  /** Copies a file to a name that must not exist; shares blocks copy-on-write where the file system can. */
  copy(from: string, to: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
}

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const FLAGS = {
  read: constants.O_RDONLY | NO_FOLLOW,
  update: constants.O_RDWR | NO_FOLLOW,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
};

type Stat = Awaited<ReturnType<typeof lstatBig>>;
const lstatBig = (path: string) => lstat(path, { bigint: true });
const infoOf = (stat: Stat): FileInfo => ({
  kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other',
  bytes: Number(stat.size),
  inode: String(stat.ino),
  modifiedNs: String(stat.mtimeNs),
  links: Number(stat.nlink),
});

const unless = async <T>(work: Promise<T>, codes: readonly string[], instead: T): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (codes.includes(errnoOf(error) ?? '')) return instead;
    throw error;
  }
};

/** The machine's own file system. Files are made with mode 0600, folders with 0700: what lies in them is mail. */
export const systemFiles: Files = {
  open: async (path, how) => {
    const handle = await open(path, FLAGS[how], 0o600);
    return {
      write: async (bytes, position) => {
        for (let done = 0; done < bytes.length; )
          done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
      },
      read: async (position, length) => {
        const buffer = Buffer.allocUnsafe(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return buffer.subarray(0, done);
      },
      truncate: (bytes) => handle.truncate(bytes),
      sync: () => handle.sync(),
      stat: async () => infoOf(await handle.stat({ bigint: true })),
      close: () => handle.close(),
    };
  },
  stat: async (path) => unless(lstatBig(path).then(infoOf), ['ENOENT', 'ENOTDIR'], undefined),
  list: (path) =>
    unless(
      readdir(path, { withFileTypes: true }).then((entries) =>
        entries.map((e) => ({
          name: e.name,
          kind: e.isFile() ? ('file' as const) : e.isDirectory() ? ('folder' as const) : ('other' as const),
        })),
      ),
      ['ENOENT', 'ENOTDIR'],
      undefined,
    ),
  makeFolder: (path) =>
    unless(
      mkdir(path, 0o700).then(() => true),
      ['EEXIST'],
      false,
    ),
  removeEmptyFolder: (path) => unless(rmdir(path), ['ENOTEMPTY', 'EEXIST', 'ENOENT', 'EBUSY', 'EPERM', 'EACCES'], undefined),
  link,
  rename,
  remove: (path) => unless(unlink(path), ['ENOENT'], undefined),
  copy: (from, to) => copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE),
  syncFolder: async (path) => {
    // Windows cannot open a folder for this; NTFS journals its names.
    const handle = await unless(open(path, constants.O_RDONLY), ['EISDIR', 'EPERM'], undefined);
    if (handle === undefined) return;
    try {
      await unless(handle.sync(), ['EINVAL', 'EPERM', 'ENOTSUP'], undefined);
    } finally {
      await handle.close();
    }
  },
};
