/** Bytes of an item's entry: whether it is hidden, then its digest. */
const ENTRY_BYTES = 17;

/** The entry of an item: what the verifier must find, in order of arrival. */
export const itemEntry = (digest: Uint8Array, associated: boolean): Uint8Array => {
  const entry = new Uint8Array(ENTRY_BYTES);
  entry[0] = associated ? 1 : 0;
  entry.set(digest, 1);
  return entry;
};

/** The inverse of `joinEntries`. */
export const splitEntries = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: bytes.length / ENTRY_BYTES }, (_, n) => bytes.subarray(n * ENTRY_BYTES, (n + 1) * ENTRY_BYTES));

/** Entries one after another, as a checkpoint keeps them. */
export const joinEntries = (entries: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(entries.length * ENTRY_BYTES);
  entries.forEach((entry, n) => all.set(entry, n * ENTRY_BYTES));
  return all;
};
