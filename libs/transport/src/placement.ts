/** Places among which keys are dealt out: as many partitions as divide it get exactly equal shares. */
export const PLACES = 120;

// Neighbours in a list come to lie far apart, so that the shares are equal too where a worker owns partitions that lie side by side. Without a
// common divisor with PLACES; of those, the one with the least skew over 2 to 8 workers, 12 to 120 partitions and 4 to 100 keys.
const STRIDE = 17;

const ENDINGS = Uint8Array.from(Buffer.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ'));
/** Characters at the end of a key that are chosen: enough that a place without an ending does not happen. */
const CHOSEN = 3;

/** The `nth` key of a list (from 0), dealt out: `key`, a ULID, with another ending, chosen so that Kafka's default partitioner gives every
 *  partition as many keys of the list as the others, give or take one, if their number divides `PLACES`. The same arguments always give
 *  the same key. About 120 endings are tried, of which only the last bytes are hashed. */
export const dealtKey = (key: string, nth: number): string => {
  const place = (nth * STRIDE) % PLACES;
  const bytes = Buffer.from(key);
  const from = bytes.length - CHOSEN;
  // Begins at the key's own ending, so that keys of one place do not all end alike.
  const own = Array.from({ length: CHOSEN }, (_, n) => ENDINGS.indexOf(bytes[from + n]!));
  const words = from - (from % 4);
  const head = hashWords(seeded(bytes.length), bytes, 0, words);
  for (let first = 0; first < ENDINGS.length; first++) {
    bytes[from] = endingAt(own[0]!, first);
    const whole = bytes.length - (bytes.length % 4);
    const state = hashWords(head, bytes, words, whole);
    // A ULID ends with two bytes behind its last whole word.
    for (let second = 0; second < ENDINGS.length; second++) {
      bytes[from + 1] = endingAt(own[1]!, second);
      for (let third = 0; third < ENDINGS.length; third++) {
        bytes[from + 2] = endingAt(own[2]!, third);
        if (hashRest(state, bytes, whole) % PLACES === place) return bytes.toString();
      }
    }
  }
  return key;
};

/** Where the dealing of a list with this name begins, for its first `nth`: not all lists begin with the same partition. */
export const dealtFrom = (name: string): number => murmur2(Buffer.from(name)) % PLACES;

const endingAt = (own: number, steps: number): number => ENDINGS[(own + steps) % ENDINGS.length]!;

/** The hash by which Kafka's default partitioner finds the partition of a key: `murmur2(key) % partitions`. 31 bits, as its sign is dropped. */
export const murmur2 = (bytes: Uint8Array): number => {
  const whole = bytes.length - (bytes.length % 4);
  return hashRest(hashWords(seeded(bytes.length), bytes, 0, whole), bytes, whole);
};

const M = 0x5bd1e995;

const seeded = (length: number): number => 0x9747b28c ^ length;

const hashWords = (state: number, bytes: Uint8Array, from: number, to: number): number => {
  let hash = state;
  for (let at = from; at < to; at += 4) {
    const word = Math.imul(bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24), M);
    hash = Math.imul(hash, M) ^ Math.imul(word ^ (word >>> 24), M);
  }
  return hash;
};

/** The bytes behind the last whole word, and the end of the hash. */
const hashRest = (state: number, bytes: Uint8Array, from: number): number => {
  let hash = state;
  const left = bytes.length - from;
  if (left > 2) hash ^= bytes[from + 2]! << 16;
  if (left > 1) hash ^= bytes[from + 1]! << 8;
  if (left > 0) hash = Math.imul(hash ^ bytes[from]!, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
};
