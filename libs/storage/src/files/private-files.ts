import { constants } from 'node:fs';
import { chmod, link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, systemRandom } from '@pstream/kernel';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const SMALL = 1024 * 1024;

/** A folder for its owner alone. */
export const privateFolder = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(dir, 0o700);
};

const syncFolder = async (dir: string): Promise<void> => {
  // Windows cannot open a folder for this.
  const handle = await open(dir, constants.O_RDONLY).catch((error: unknown) => {
    if (errnoOf(error) === 'EISDIR' || errnoOf(error) === 'EPERM') return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** True for the name of a file that `writePrivate` did not finish. */
export const isLeftover = (name: string): boolean => /^\.[0-9a-f]{16}\.tmp$/.test(name);

/** Writes a file of mode 0600, whole and synced or not at all. `mode` 'new' fails with EEXIST where there is one. */
export const writePrivate = async (path: string, content: string, mode: 'new' | 'replace'): Promise<void> => {
  const temp = join(dirname(path), `.${Buffer.from(systemRandom.bytes(8)).toString('hex')}.tmp`);
  try {
    const file = await open(temp, CREATE, 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (mode === 'new') await link(temp, path);
    else await rename(temp, path);
    await syncFolder(dirname(path));
  } finally {
    await unlink(temp).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  }
};

/** A small file's text and permission bits; undefined if there is none. */
export const readPrivate = async (path: string): Promise<{ readonly text: string; readonly mode: number } | undefined> => {
  const file = await open(path, READ).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { mode, size } = await file.stat();
    if (size > SMALL) return { text: '', mode: mode & 0o777 };
    return { text: await file.readFile('utf8'), mode: mode & 0o777 };
  } finally {
    await file.close();
  }
};

/** Removes a file for good, its name synced away; fine if there is none. */
export const removePrivate = async (path: string): Promise<void> => {
  try {
    await unlink(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  await syncFolder(dirname(path));
};
