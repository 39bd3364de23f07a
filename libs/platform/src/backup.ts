import { cp, mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SqliteEventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';
import { dataPaths, errnoOf } from './data-directory.js';

/** Copies events, working storage, secrets and tokens into a directory that is missing or empty. The events come first: whatever they
 *  name in working storage was there before them. Log and views are left out, since a start rebuilds both.
 *  Fault 'backup.not-empty' (never). */
export const backupDirectory = async (store: SqliteEventStore, dir: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const there = await readdir(to);
  if (there.length > 0) {
    throw new Fault('backup.not-empty', {
      retry: 'never',
      facts: { dir: to, entries: there.length },
      advice: 'Name a directory that is missing or empty, so that no backup is mixed with another.',
    });
  }
  const paths = dataPaths(dir);
  await store.backup(join(to, basename(paths.events)));
  for (const path of [paths.work, paths.secrets, paths.tokens]) await copyFolder(path, join(to, basename(path)));
};

/** A folder as it is while others work in it: what vanishes meanwhile was not needed any more, what is half written is left out. */
const copyFolder = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true }).catch((error: unknown) => ignoreAbsent(error, []));
  for (const entry of entries) {
    if (entry.name === '~tmp' || entry.name.endsWith('.tmp')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile())
      await cp(source, target, { preserveTimestamps: true }).catch((error: unknown) => ignoreAbsent(error, undefined));
  }
};

const ignoreAbsent = <T>(error: unknown, instead: T): T => {
  if (errnoOf(error) === 'ENOENT') return instead;
  throw error;
};
