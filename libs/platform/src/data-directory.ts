import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@pstream/kernel';

/** Where the parts of a data directory lie. */
export const dataPaths = (dir: string) => ({
  events: join(dir, 'events.sqlite'),
  log: join(dir, 'log.sqlite'),
  views: join(dir, 'views.sqlite'),
  work: join(dir, 'work'),
  secrets: join(dir, 'secrets'),
  tokens: join(dir, 'tokens'),
});

/** Makes the directory where it is missing, takes the rights of others away from it and what lies in it, and refuses one whose events are
 *  missing or empty beside data that follows from them, or that a development build has left.
 *  Faults: 'storage.events-missing', 'storage.other-format', 'storage.forbidden' (never). */
export const prepareDirectory = async (dir: string): Promise<void> => {
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await chmod(dir, 0o700);
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      if (entry.isDirectory()) await chmod(join(dir, entry.name), 0o700);
      else if (entry.isFile()) await chmod(join(dir, entry.name), 0o600);
    }
  } catch (error) {
    throw new Fault('storage.forbidden', {
      retry: 'never',
      facts: { dir, reason: errnoOf(error) ?? 'unknown' },
      cause: error,
      advice:
        'The data directory must be a directory that belongs to the user who runs pstream. Choose another with PSTREAM_DATA, or correct its owner.',
    });
  }
  await refuseSegments(dir);
  await refuseLostEvents(dir);
};

/** The log of development builds lay in files of its own. */
const refuseSegments = async (dir: string): Promise<void> => {
  if ((await sizeOf(join(dir, 'log', 'catalog.db'))) === 0) return;
  throw new Fault('storage.other-format', {
    retry: 'never',
    facts: { file: 'log/catalog.db' },
    advice: 'This data directory was written by a development build. Start with an empty one; exports made so far keep their PSTs.',
  });
};

const refuseLostEvents = async (dir: string): Promise<void> => {
  const paths = dataPaths(dir);
  if ((await sizeOf(paths.events)) > 0) return;
  const beside: string[] = [];
  for (const [name, path] of Object.entries(paths)) if (name !== 'events' && (await sizeOf(path)) > 0) beside.push(name);
  // A journal whose database is gone holds commits that opening would throw away.
  if ((await sizeOf(`${paths.events}-wal`)) > 0) beside.push('events.sqlite-wal');
  if (beside.length === 0) return;
  throw new Fault('storage.events-missing', {
    retry: 'never',
    facts: { dir, file: 'events.sqlite', beside },
    advice:
      'events.sqlite is missing or empty although data that follows from it is there. Restore the directory from a backup (docs/manual/how-to/back-up.md), or start with an empty one.',
  });
};

/** Code of an error of the file system. Not `instanceof`: it may come from another realm than this module. */
export const errnoOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

/** Bytes of a file, entries of a folder, 0 if it is not there. */
const sizeOf = async (path: string): Promise<number> => {
  try {
    const found = await stat(path);
    return found.isDirectory() ? (await readdir(path)).length : found.size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return 0;
    throw error;
  }
};
