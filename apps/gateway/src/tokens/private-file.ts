import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@pstream/kernel';

/** Reads a small file; undefined if there is none. Fault 'tokens.unreadable' (never) if `parse` throws or it cannot be read. */
export const readPrivateFile = async <T>(dir: string, name: string, parse: (text: string) => T): Promise<T | undefined> => {
  try {
    return parse(await readFile(join(dir, name), 'utf8'));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    throw new Fault('tokens.unreadable', {
      retry: 'never',
      facts: { file: name, ...(errno === undefined ? {} : { errno }) },
      advice: 'Restore the token file from a backup, or move it away: the next start makes a new first token.',
    });
  }
};

/** Replaces a file whole, for its owner alone (0600, directory 0700). Fault 'tokens.unwritable' (retry) otherwise. */
export const writePrivateFile = async (dir: string, name: string, text: string): Promise<void> => {
  const path = join(dir, name);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await chmod(dir, 0o700);
  } catch (error) {
    throw new Fault('tokens.unwritable', {
      retry: { afterMs: 1_000 },
      facts: { file: name, errno: errnoOf(error) ?? 'unknown' },
      advice: 'Check the rights and the free space of the data directory.',
    });
  }
};

const errnoOf = (error: unknown): string | undefined => {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
};
