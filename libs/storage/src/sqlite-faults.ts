import { Fault, isFault, type Facts } from '@pstream/kernel';

// Primary result codes of SQLite (the low byte of an extended one) with the circumstances in which they were seen.
/** Another connection holds the lock: a second process on the same file. */
const SQLITE_BUSY = 5;
/** The operating system refused a read or a write: EIO of a failing disk, EFBIG under a file size limit. */
const SQLITE_IOERR = 10;
/** A page is not what it should be. */
const SQLITE_CORRUPT = 11;
/** The disk, the quota or `max_page_count` is exhausted; the statement has been undone. */
const SQLITE_FULL = 13;
/** The file cannot be opened: a directory in its place, or no right to it. */
const SQLITE_CANTOPEN = 14;
/** The file is something other than a database. */
const SQLITE_NOTADB = 26;
const SQLITE_PERM = 3;
const SQLITE_READONLY = 8;
/** An extended code of SQLITE_IOERR: no block left for the index of the write-ahead log, which every opening of a database needs. */
const SQLITE_IOERR_SHMSIZE = 4874;

/** SQLite's extended result code of an error, or undefined if the error is not SQLite's. Not `instanceof`: the error may come from
 *  another realm than this module. */
export const errcodeOf = (error: unknown): number | undefined =>
  typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

const primaryOf = (error: unknown): number => (errcodeOf(error) ?? 0) & 0xff;

/** Whether an error says that pages of the file are damaged or cannot be read. */
export const isDamage = (error: unknown): boolean =>
  !isFull(error) && [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_IOERR].includes(primaryOf(error));

/** Whether an error says that there is no room left. */
export const isFull = (error: unknown): boolean => primaryOf(error) === SQLITE_FULL || errcodeOf(error) === SQLITE_IOERR_SHMSIZE;

/** Turns an error of SQLite into a Fault; leaves other errors alone. `facts` name the file. */
export const classify = (error: unknown, facts: Facts): unknown => {
  const errcode = errcodeOf(error);
  if (isFault(error) || errcode === undefined) return error;
  if (isFull(error)) {
    return new Fault('storage.full', {
      retry: { afterMs: 5_000 },
      facts,
      cause: error,
      advice: 'Free space on the disk that holds the data directory; refused calls succeed again without a restart.',
    });
  }
  switch (errcode & 0xff) {
    case SQLITE_BUSY:
      return new Fault('storage.in-use', {
        retry: 'never',
        facts,
        cause: error,
        advice: 'Another process has this data directory open. Stop it, or give this one a directory of its own.',
      });
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new Fault('storage.corrupt', {
        retry: 'never',
        facts: { ...facts, errcode },
        cause: error,
        advice:
          'The database file is damaged. Restore events.sqlite from a backup; log.sqlite and views.sqlite may be removed while pstream is stopped: they are rebuilt.',
      });
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return new Fault('storage.forbidden', {
        retry: 'never',
        facts: { ...facts, errcode },
        cause: error,
        advice: 'The database file cannot be opened for writing. Give the user that runs pstream the data directory and everything in it.',
      });
    default:
      return new Fault('storage.unavailable', {
        retry: { afterMs: 500 },
        facts: { ...facts, errcode },
        cause: error,
        advice: 'The disk that holds the data directory does not work as it should: check its health.',
      });
  }
};

/** A commit failed in a way that leaves open what is on the disk. Retried calls keep their work waiting until the process restarts. */
export const syncFailed = (cause: unknown, facts: Facts): Fault =>
  new Fault('storage.sync-failed', {
    retry: { afterMs: 5_000 },
    facts: { ...facts, errcode: errcodeOf(cause) ?? 0 },
    cause,
    advice:
      'The disk did not confirm a write, so nothing is read or written until the database has been opened again. Check the disk, then restart pstream: everything that was confirmed is there.',
  });
