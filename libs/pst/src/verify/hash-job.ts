/** What the hashing thread is given: buffers that are filled in turn, bytes in each from `from` on, and two counters. */
export type HashJob = {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly buffers: readonly SharedArrayBuffer[];
  readonly from: number;
};

/** Places in `control`: buffers filled so far, buffers hashed so far. */
export const CONTROL = { filled: 0, hashed: 1 } as const;

/** A length that says that no more will come. */
export const END = -1;
