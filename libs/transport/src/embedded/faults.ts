import { Fault, isFault, type Facts } from '@pstream/kernel';

// Circumstances seen: ENOSPC and EDQUOT from write, fdatasync and open on a full disk or quota; EFBIG under a file size
// limit; EIO from fdatasync on a failing device; SQLite error 13 (full), 5 (locked by another process).

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
const FULL_RETRY_MS = 5_000;
const FAILURE_RETRY_MS = 1_000;

const property = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;

/** True if the error says that there is no room left. */
export const isFull = (error: unknown): boolean =>
  isFault(error) ? error.code === 'storage.full' : FULL.has(String(property(error, 'code'))) || property(error, 'errcode') === SQLITE_FULL;

/** Classifies an error of the file system or of SQLite: 'storage.full', 'storage.in-use' or 'transport.unavailable'. */
export const storageFault = (cause: unknown, facts: Facts): Fault => {
  if (isFault(cause)) return cause;
  if (isFull(cause)) {
    return new Fault('storage.full', {
      retry: { afterMs: FULL_RETRY_MS },
      facts,
      advice: 'Free space on the disk that holds the log; work goes on by itself.',
      cause,
    });
  }
  if ((Number(property(cause, 'errcode')) & 0xff) === SQLITE_BUSY) {
    return new Fault('storage.in-use', {
      retry: { afterMs: FAILURE_RETRY_MS },
      facts,
      advice: 'Another process works on this directory: stop it, or use another directory.',
      cause,
    });
  }
  const code = property(cause, 'code');
  const reason = typeof code === 'string' ? code : 'unknown';
  return new Fault('transport.unavailable', {
    retry: { afterMs: FAILURE_RETRY_MS },
    facts: { ...facts, reason },
    advice: 'The disk that holds the log does not work as it should: look at its health.',
    cause,
  });
};

/** A record that is not what was written. */
export const damagedFault = (file: string, position: number, offset: bigint): Fault =>
  new Fault('transport.damaged', {
    retry: 'never',
    facts: { file, position, offset: String(offset) },
    advice: 'Bytes that had been written safely have changed on the disk. Restore the file from a copy, or move the group past the offset.',
  });
