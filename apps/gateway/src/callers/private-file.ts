import { dirname, join } from 'node:path';
import { errnoOf, Fault } from '@pstream/kernel';
import { privateFolder, readPrivate, writePrivate } from '@pstream/storage/files';

/** Reads a small file; undefined if there is none. Fault 'tokens.unreadable' (never) if `parse` throws or it cannot be read. */
export const readPrivateFile = async <T>(dir: string, name: string, parse: (text: string) => T): Promise<T | undefined> => {
  try {
    const file = await readPrivate(join(dir, name));
    return file === undefined ? undefined : parse(file.text);
  } catch (error) {
    const errno = errnoOf(error);
    throw new Fault('tokens.unreadable', {
      retry: 'never',
      facts: { file: name, ...(errno === undefined ? {} : { errno }) },
      advice: 'Restore the token file from a backup, or move it away: the next start makes a new first token.',
    });
  }
};

/** Replaces a file whole, for its owner alone (0600, directory 0700). Fault 'tokens.unwritable' (retry) otherwise. */
export const writePrivateFile = async (dir: string, name: string, text: string): Promise<void> => {
  try {
    const path = join(dir, name);
    await privateFolder(dirname(path));
    await writePrivate(path, text, 'replace');
  } catch (error) {
    throw new Fault('tokens.unwritable', {
      retry: { afterMs: 1_000 },
      facts: { file: name, errno: errnoOf(error) ?? 'unknown' },
      advice: 'Check the rights and the free space of the data directory.',
    });
  }
};
