/** What the hashing thread is given: buffers that are filled in turn, bytes in each from `from` on, and three counters. */
export type HashJob = {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly places: typeof CONTROL;
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly buffers: readonly SharedArrayBuffer[];
  readonly from: number;
};

/** Places in `control`: buffers filled so far, buffers hashed so far, and how many there are in all, -1 until that is known. Who sets the last one
 *  counts up the first, which is what the thread sleeps on. */
export const CONTROL = { filled: 0, hashed: 1, last: 2 } as const;
