import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

const SAMPLE_BYTES = 4096;
const SAMPLES = 16;
const PIECE_BYTES = 1024 * 1024;
const ID_DIGITS = 16;

/** Reads into the whole array, or as much as there is. */
export const readAt = async (file: FileHandle, into: Uint8Array, at: number): Promise<number> => {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
};

/** A short digest of a file by its length and samples from start to end: the same for copies, and another one after Outlook has written to it, since
 *  that changes the header. Begins with a letter, so that no spreadsheet takes it for a number. */
export const sampleId = async (file: FileHandle, bytes: number): Promise<string> => {
  const hash = createHash('sha256').update(String(bytes));
  const piece = new Uint8Array(SAMPLE_BYTES);
  const step = Math.max(SAMPLE_BYTES, Math.floor((bytes - SAMPLE_BYTES) / (SAMPLES - 1)));
  for (let at = 0, n = 0; at < bytes && n < SAMPLES; at += step, n++) hash.update(piece.subarray(0, await readAt(file, piece, at)));
  return `s${hash.digest('hex').slice(0, ID_DIGITS)}`;
};

/** SHA-256 of a whole file, as hexadecimal digits. */
export const wholeSha256 = async (file: FileHandle, signal: AbortSignal | undefined): Promise<string> => {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  for (let at = 0; ; ) {
    signal?.throwIfAborted();
    const read = await readAt(file, piece, at);
    if (read === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, read));
    at += read;
  }
};
