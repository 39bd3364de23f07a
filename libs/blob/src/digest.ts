import { createHash, webcrypto } from 'node:crypto';

/** SHA-256 as 64 hex digits. */
export const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The same, computed in another thread: for what is large. */
export const sha256HexAside = async (bytes: Uint8Array): Promise<string> =>
  // Typed for memory of its own only; shared memory never comes here.
  Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)).toString('hex');

/** True if both hold the same bytes. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && Buffer.compare(a, b) === 0;
