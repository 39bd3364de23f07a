import { mkdir, open, readdir, unlink, type FileHandle } from 'node:fs/promises';
import { existsSync, writeSync } from 'node:fs';

/** An open segment file. All positions are absolute. */
export interface LogFile {
  /** Reads until `into` is full or the file ends; returns the bytes read. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes everything, or throws with any prefix of it written. */
  write(parts: readonly Uint8Array[], position: number): Promise<void>;
  /** Resolves when the file's bytes and length are on the disk. */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** What the embedded log asks of a file system. Tests put faults in between. */
export interface LogFiles {
  /** Opens for reading and writing; with `create` a missing file is made. */
  open(path: string, create?: 'create'): Promise<LogFile>;
  /** Names in a directory; none if it does not exist. */
  list(dir: string): Promise<readonly string[]>;
  /** Makes a directory and those above it. */
  makeDir(dir: string): Promise<void>;
  /** Resolves when names made in or removed from the directory are on the disk. */
  syncDir(dir: string): Promise<void>;
  remove(path: string): Promise<void>;
}

// More buffers in one call than this and the kernel refuses or splits the write.
const MAX_PARTS = 1024;

// Up to here a write goes straight to the page cache: microseconds, where a trip through the thread pool costs more.
const WRITE_AT_ONCE_BYTES = 16 * 1024;

const nodeFile = (handle: FileHandle): LogFile => ({
  read: async (into, position) => {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  },
  write: async (parts, position) => {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined && only.length <= WRITE_AT_ONCE_BYTES) {
      for (let done = 0; done < only.length; ) done += writeSync(handle.fd, only, done, only.length - done, position + done);
      return;
    }
    let at = position;
    for (let i = 0; i < parts.length; i += MAX_PARTS) {
      const group = parts.slice(i, i + MAX_PARTS);
      const total = group.reduce((sum, part) => sum + part.length, 0);
      let done = group.length === 1 ? 0 : (await handle.writev(group, at)).bytesWritten;
      if (done < total) {
        // A short write, often the step before "no space left": the rest one by one, which brings the reason to light.
        const rest = group.length === 1 ? group[0]! : Buffer.concat(group);
        while (done < total) done += (await handle.write(rest, done, total - done, at + done)).bytesWritten;
      }
      at += total;
    }
  },
  datasync: () => handle.datasync(),
  truncate: (bytes) => handle.truncate(bytes),
  size: async () => (await handle.stat()).size,
  close: () => handle.close(),
});

/** The machine's own file system. */
export const nodeFiles: LogFiles = {
  open: async (path, create) => nodeFile(await open(path, create === undefined || existsSync(path) ? 'r+' : 'wx+')),
  list: async (dir) => (existsSync(dir) ? await readdir(dir) : []),
  makeDir: async (dir) => {
    await mkdir(dir, { recursive: true });
  },
  syncDir: async (dir) => {
    const handle = await open(dir, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  remove: (path) => unlink(path),
};
