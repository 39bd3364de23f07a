import { PstCorrupt } from '../format/index.js';
import type { Strictness } from '../reader/strictness.js';

/** What the file must contain: the digests (`itemDigest`, 16 bytes) of its items in the order they were written, hidden ones marked. */
export type ExpectedItems = {
  readonly items: number;
  digest(n: number): Uint8Array;
  /** True if item n is hidden (FAI); none is if this is left out. */
  associated?(n: number): boolean;
};

/** Bytes of an item digest. */
const DIGEST_BYTES = 16;

/** Digests found, in nid order of one kind. Nids rise in the order of writing within a kind. */
export class FoundDigests {
  private bytes = new Uint8Array(DIGEST_BYTES * 1024);
  count = 0;

  /** `digest` undefined: the item could not be read. */
  add(digest: Uint8Array | undefined): void {
    if ((this.count + 1) * DIGEST_BYTES > this.bytes.length) {
      const next = new Uint8Array(this.bytes.length * 2);
      next.set(this.bytes);
      this.bytes = next;
    }
    if (digest !== undefined) this.bytes.set(digest, this.count * DIGEST_BYTES);
    this.count++;
  }

  at(n: number): Uint8Array {
    return this.bytes.subarray(n * DIGEST_BYTES, (n + 1) * DIGEST_BYTES);
  }
}

const hex = (digest: Uint8Array): string => Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex');

/** Numbers in `expected` of the items of one kind, in order. */
export const numbersOf = (expected: ExpectedItems, associated: boolean): readonly number[] => {
  const out: number[] = [];
  for (let n = 0; n < expected.items; n++) if ((expected.associated?.(n) === true) === associated) out.push(n);
  return out;
};

/** Compares what was written with what is there, for one kind of items. Problems name items by their number in `expected`: 'pst.item-changed'
 *  where as many are there as expected, else 'pst.item-missing' and 'pst.item-unexpected' after matching by content. */
export const compareItems = (
  expected: ExpectedItems,
  numbers: readonly number[],
  found: FoundDigests,
  what: string,
  strictness: Strictness,
): void => {
  if (numbers.length === found.count) {
    numbers.forEach((n, i) => {
      const [want, got] = [expected.digest(n), found.at(i)];
      if (Buffer.compare(want, got) === 0) return;
      strictness.flaw(new PstCorrupt('item-changed', `${what} ${n}`, { expected: hex(want), actual: hex(got) }));
    });
    return;
  }
  const left = new Map<string, number[]>();
  for (const n of numbers) {
    const want = hex(expected.digest(n));
    const known = left.get(want);
    if (known === undefined) left.set(want, [n]);
    else known.push(n);
  }
  for (let i = 0; i < found.count; i++) {
    const got = hex(found.at(i));
    if (left.get(got)?.shift() === undefined) strictness.flaw(new PstCorrupt('item-unexpected', `${what} at rank ${i}`, { actual: got }));
  }
  for (const [want, missing] of left)
    for (const n of missing) strictness.flaw(new PstCorrupt('item-missing', `${what} ${n}`, { expected: want }));
};
