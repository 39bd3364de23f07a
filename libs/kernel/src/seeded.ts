import { encodeUlid, type Ids } from './ids.js';
import type { Random } from './random.js';

/** A small, fast generator with a 32-bit state: the same seed gives the same sequence on every machine. Not for secrets. */
export const seededRandom = (seed: number): Random => {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
    unit: () => next() / 2 ** 32,
  };
};

/** Ids that count upwards from `start`: readable in tests, sortable like ULIDs. */
export const countingIds = (start = 1): Ids => {
  let next = start;
  return {
    ulid: () => {
      const bytes = new Uint8Array(16);
      new DataView(bytes.buffer).setBigUint64(8, BigInt(next++));
      return encodeUlid(bytes);
    },
  };
};
