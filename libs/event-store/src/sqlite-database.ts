import { Fault, isFault } from '@pstream/kernel';
import { DatabaseSync } from 'node:sqlite';
import { unavailable, type StoreName } from './unavailable.js';

// Primary result codes of SQLite (the low byte of an extended one) with the circumstances in which they were seen.
/** Another connection holds the lock: a second process on the same file. */
const SQLITE_BUSY = 5;
/** The disk, the quota or `max_page_count` is exhausted; the statement has been undone. */
const SQLITE_FULL = 13;
/** The file is damaged. */
const SQLITE_CORRUPT = 11;
/** The file is something else than a database. */
const SQLITE_NOTADB = 26;

// Not `instanceof Error`: the driver's errors may come from another realm than this module.
const primaryCode = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

/** Runs a step on the database and turns SQLite's errors into Faults. */
export const sqliteFaults = <T>(store: StoreName, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw classify(store, error);
  }
};

const classify = (store: StoreName, error: unknown): unknown => {
  if (isFault(error)) return error;
  const errcode = primaryCode(error);
  switch (errcode) {
    case undefined:
      return error;
    case SQLITE_FULL:
      return new Fault('storage.full', {
        retry: { afterMs: 5_000 },
        cause: error,
        advice: 'Free space on the disk of the database; refused calls succeed again by themselves.',
      });
    case SQLITE_BUSY:
      return new Fault('storage.in-use', {
        retry: 'never',
        cause: error,
        advice: 'Another process has this database open. Stop it, or give this one a data folder of its own.',
      });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault('storage.corrupt', {
        retry: 'never',
        facts: { errcode },
        cause: error,
        advice: 'The database file is damaged. Restore it from a backup.',
      });
    default:
      return unavailable(store, error, { errcode });
  }
};

/** Opens a database for this process alone and prepares its schema. The exclusive lock is taken at once and held until
 *  `close`: two processes that both believe they own the store would both publish and both decide. */
export const openLocked = (store: StoreName, path: string, schema: string, maxBytes?: number): DatabaseSync =>
  sqliteFaults(store, () => {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      // Before WAL, so that no shared-memory file is needed and the lock stays with this connection.
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = FULL');
      database.exec('BEGIN IMMEDIATE; COMMIT');
      database.exec(schema);
      if (maxBytes !== undefined) {
        const pageSize = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
        database.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageSize)}`);
      }
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
