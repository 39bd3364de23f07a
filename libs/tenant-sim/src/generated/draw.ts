/** A 32-bit mix of whole numbers: the same numbers give the same result on every machine. */
export const mix = (...numbers: readonly number[]): number => {
  let state = 0x811c9dc5;
  for (const number of numbers) {
    state = Math.imul(state ^ (number >>> 0), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
};

/** A sequence of choices that follows from a 32-bit start: each item of a generated mailbox draws from its own. */
export class Draw {
  constructor(private state: number) {}

  /** 0 to 2^32 - 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** In [0, 1). */
  unit(): number {
    return this.next() / 2 ** 32;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Bell-shaped around 0 with spread 1. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Bytes; for ids and keys, not for bulk. */
  bytes(count: number): Uint8Array {
    const out = Buffer.alloc(Math.ceil(count / 4) * 4);
    for (let at = 0; at < out.length; at += 4) out.writeUInt32LE(this.next(), at);
    return out.subarray(0, count);
  }
}
