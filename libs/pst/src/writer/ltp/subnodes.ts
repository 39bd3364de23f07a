import { MAX_HEAP_ITEM_BYTES, NID_TYPE, makeNid } from '../../shared/index.js';
import { GrowingU32 } from '../growing.js';
import type { Blocks } from '../ndb/blocks.js';

/** First index given out inside a node; lower ones have fixed meanings. */
export const FIRST_SUBNODE_INDEX = 0x401;

/** Bids of long values that are in the file already, by value: one bid for each time the value occurs. */
export type WrittenValues = Map<Uint8Array, number[]>;

/** CRCs of the leaves of long values, by value. */
export type KnownCrcs = ReadonlyMap<Uint8Array, Uint32Array>;

/** Collects the subnodes of one node. */
export class Subnodes {
  readonly #entries: number[] = [];
  #nextValueIndex = FIRST_SUBNODE_INDEX;
  /** Data bytes of all of them, recursively: what they add to PidTagMessageSize. */
  bytes = 0;

  /** Highest index of a value subnode, or the one below the first. */
  get lastValueIndex(): number {
    return this.#nextValueIndex - 1;
  }

  add(nid: number, bidData: number, bidSub: number, bytes: number): void {
    this.#entries.push(nid, bidData, bidSub);
    this.bytes += bytes;
  }

  /** Adds a data tree under a fresh nid of type LTP, and returns the nid. */
  addTree(bid: number, bytes: number): number {
    const nid = makeNid(NID_TYPE.ltp, this.#nextValueIndex++);
    this.add(nid, bid, 0, bytes);
    return nid;
  }

  /** Adds a value under a fresh nid of type LTP, and returns the nid. */
  addValue(blocks: Blocks, value: Uint8Array, written: WrittenValues | undefined, crcs: KnownCrcs | undefined): number {
    const bid = written?.get(value)?.shift() ?? blocks.writeValue(value, crcs?.get(value));
    return this.addTree(bid, value.length);
  }

  /** Writes the tree and returns its bid; 0 for none. */
  finish(blocks: Blocks): number {
    const count = this.#entries.length / 3;
    if (count === 0) return 0;
    const entries = this.#entries;
    let sorted = true;
    for (let i = 3; i < entries.length; i += 3) if ((entries[i] as number) < (entries[i - 3] as number)) sorted = false;
    if (sorted) return blocks.subnodeTree(entries, count);
    const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => (entries[3 * a] as number) - (entries[3 * b] as number));
    const ordered = new GrowingU32(entries.length);
    for (const i of order) for (let k = 0; k < 3; k++) ordered.push(entries[3 * i + k] as number);
    return blocks.subnodeTree(ordered.data, count);
  }
}

/** Whether a value is too long for the heap. */
export const needsSubnode = (value: Uint8Array): boolean => value.length > MAX_HEAP_ITEM_BYTES;
