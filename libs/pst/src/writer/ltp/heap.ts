import { assert } from '@pstream/kernel';

import { MAX_BLOCK_BYTES, MAX_HEAP_ITEM_BYTES, copyBytes, put16, put32 } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { GrowingBytes, GrowingU16, GrowingU32 } from '../growing.js';
import type { Blocks } from '../ndb/blocks.js';

/** bClientSig values. [MS-PST] 2.3.1.2. */
export const HEAP_CLIENT = { table: 0x7c, properties: 0xbc, replicaMap: 0x9c } as const;

/** bSig of a heap-on-node. [MS-PST] 2.3.1.2. */
const HEAP_SIGNATURE = 0xec;
/** HNHDR, HNBITMAPHDR and HNPAGEHDR. [MS-PST] 2.3.1.2 to 2.3.1.4. */
const HNHDR_BYTES = 12;
const HNBITMAPHDR_BYTES = 66;
const HNPAGEHDR_BYTES = 2;
const FIRST_BITMAP_BLOCK = 8;
const BITMAP_EVERY = 128;
/** HIDs have 11 bits for the item. [MS-PST] 2.3.1.1. */
const MAX_ITEMS = 2047;
/** HIDs have 16 bits for the block. [MS-PST] 2.3.1.1. */
export const MAX_HEAP_BLOCKS = 0x1_0000;

/** Least free bytes of fill levels 0 to 14; level 15 is "full". [MS-PST] 2.3.1.2. */
const FILL_LIMITS = [3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64, 32, 16, 8];

const fillLevel = (free: number): number => {
  const level = FILL_LIMITS.findIndex((limit) => free >= limit);
  return level < 0 ? 15 : level;
};

const headerBytes = (block: number): number =>
  block === 0
    ? HNHDR_BYTES
    : block >= FIRST_BITMAP_BLOCK && (block - FIRST_BITMAP_BLOCK) % BITMAP_EVERY === 0
      ? HNBITMAPHDR_BYTES
      : HNPAGEHDR_BYTES;

const pageMapBytes = (items: number): number => 4 + 2 * (items + 1);

const even = (n: number): number => (n + 1) & ~1;

/** Builds a heap-on-node. [MS-PST] 2.3.1. Block 0, which says where the root is, stays in memory until the end. Of the others
 *  only the open one does if the owner calls `flush` now and then; without that all of them do and can be patched to the end. */
export class Heap {
  readonly #open: GrowingBytes;
  /** Where the items of the open block begin. */
  readonly #starts = new GrowingU16(16);
  /** Block 0 once it is full. */
  readonly #first = new GrowingBytes();
  /** Bids of blocks 1.. as they are written. */
  readonly #written = new GrowingU32();
  /** Full blocks after the first that are not written yet. */
  readonly #held: Uint8Array[] = [];
  #client: number;
  #block = 0;
  /** Where the item is that was made last, in `bytesOf(itemBlock)`. */
  itemBlock = 0;
  itemAt = 0;

  constructor(client: number, initialBytes: number) {
    this.#client = client;
    this.#open = new GrowingBytes(initialBytes);
    this.#open.length = HNHDR_BYTES;
  }

  /** Starts again, keeping the memory. */
  reset(client: number): void {
    this.#client = client;
    this.#open.clear();
    this.#open.data.fill(0);
    this.#open.length = HNHDR_BYTES;
    this.#starts.clear();
    this.#first.clear();
    this.#written.clear();
    this.#held.length = 0;
    this.#block = 0;
  }

  /** Heap blocks up to now, the open one included. */
  get blocks(): number {
    return this.#block + 1;
  }

  /** Bytes of the node's data if the heap ended here. */
  get bytes(): number {
    return this.#block * MAX_BLOCK_BYTES + even(this.#open.length) + pageMapBytes(this.#starts.length);
  }

  /** Bytes that are still in memory. */
  get openBytes(): number {
    return this.#open.length + 2 * this.#starts.length + this.#first.length;
  }

  /** Makes an item of 1 to 3,580 bytes and returns its HID; its bytes are zero and stand at `itemAt` of `bytesOf(itemBlock)`. */
  make(bytes: number): number {
    assert(bytes > 0 && bytes <= MAX_HEAP_ITEM_BYTES, 'heap item of a wrong size');
    const items = this.#starts.length;
    if (items === MAX_ITEMS || even(this.#open.length + bytes) + pageMapBytes(items + 1) > MAX_BLOCK_BYTES) this.#turn();
    const at = this.#open.length;
    this.#open.room(bytes);
    this.#open.length = at + bytes;
    this.itemBlock = this.#block;
    this.itemAt = at;
    this.#starts.push(at);
    return ((this.#block << 16) | (this.#starts.length << 5)) >>> 0;
  }

  /** Makes an item of these bytes. */
  add(value: Uint8Array): number {
    const hid = this.make(value.length);
    copyBytes(value, 0, value.length, this.#open.data, this.itemAt);
    return hid;
  }

  /** Bytes of a block that is still in memory, to write items into; not to be kept. */
  bytesOf(block: number): Uint8Array {
    if (block === this.#block) return this.#open.data;
    const bytes = block === 0 ? this.#first.data : this.#held[block - 1];
    assert(bytes !== undefined, 'heap block is not in memory');
    return bytes;
  }

  /** Writes what is in memory; `root` becomes hidUserRoot. Returns the bid of the node's data tree. */
  finish(blocks: Blocks, root: number): number {
    const single = this.#block === 0;
    const last = this.#closeLast();
    const first = single ? this.#open.data : this.#first.data;
    first[2] = HEAP_SIGNATURE; // bSig
    first[3] = this.#client; // bClientSig
    put32(first, 4, root); // hidUserRoot
    // rgbFillLevel, low nibble first: full blocks say so, the last says its level
    first.fill(0, 8, HNHDR_BYTES);
    for (let block = 0; block <= Math.min(this.#block, FIRST_BITMAP_BLOCK - 1); block++) {
      const level = block < this.#block ? 15 : fillLevel(last.free);
      first[8 + (block >> 1)] = (first[8 + (block >> 1)] as number) | (level << (4 * (block & 1)));
    }
    if (single) return blocks.writeData(this.#open.data, 0, last.length);
    const bids = new Uint32Array(this.#block + 1);
    for (const held of this.#held) this.#written.push(blocks.writeData(held, 0, MAX_BLOCK_BYTES));
    bids.set(this.#written.data.subarray(0, this.#written.length), 1);
    bids[this.#block] = blocks.writeData(this.#open.data, 0, last.length);
    bids[0] = blocks.writeData(this.#first.data, 0, MAX_BLOCK_BYTES);
    return blocks.dataTree(bids, bids.length);
  }

  /** Writes blocks that are full. To be called after their items were filled in. */
  flush(blocks: Blocks): void {
    if (this.#held.length === 0) return;
    for (const full of this.#held) this.#written.push(blocks.writeData(full, 0, MAX_BLOCK_BYTES));
    this.#held.length = 0;
  }

  save(out: StateWriter): void {
    assert(this.#held.length === 0, 'checkpoint of a heap with unwritten blocks');
    out.int(this.#block);
    this.#open.save(out);
    this.#starts.save(out);
    this.#first.save(out);
    this.#written.save(out);
  }

  load(from: StateReader): void {
    this.#block = from.int();
    this.#open.load(from);
    this.#starts.load(from);
    this.#first.load(from);
    this.#written.load(from);
  }

  /** Closes a full block: page map at the very end, as Outlook has it. */
  #turn(): void {
    const block = this.#open;
    const items = this.#starts.length;
    const map = MAX_BLOCK_BYTES - pageMapBytes(items);
    block.room(MAX_BLOCK_BYTES - block.length);
    this.#putPageMap(block.data, map, items, block.length);
    const full = block.data.slice(0, MAX_BLOCK_BYTES);
    if (this.#block === 0) {
      this.#first.clear();
      this.#first.data = full;
      this.#first.length = MAX_BLOCK_BYTES;
    } else this.#held.push(full);
    this.#block++;
    assert(this.#block < MAX_HEAP_BLOCKS, 'heap of more than 65,536 blocks');
    block.data.fill(0);
    block.clear();
    this.#starts.clear();
    const header = headerBytes(this.#block);
    block.room(header);
    block.length = header;
    // levels of blocks that do not exist yet: "full" is always safe
    if (header === HNBITMAPHDR_BYTES) block.data.fill(0xff, 2, HNBITMAPHDR_BYTES);
  }

  #closeLast(): { length: number; free: number } {
    const block = this.#open;
    const items = this.#starts.length;
    const end = block.length;
    const map = even(end);
    const length = map + pageMapBytes(items);
    block.room(length - end);
    this.#putPageMap(block.data, map, items, end);
    return { length, free: MAX_BLOCK_BYTES - length + map - end };
  }

  /** HNPAGEMAP. [MS-PST] 2.3.1.5. */
  #putPageMap(to: Uint8Array, map: number, items: number, end: number): void {
    put16(to, 0, map); // ibHnpm
    put16(to, map, items); // cAlloc; cFree 0
    put16(to, map + 2, 0);
    let at = map + 4;
    if (items === 0) put16(to, at, end);
    for (let i = 0; i < items; i++, at += 2) put16(to, at, this.#starts.at(i)); // rgibAlloc
    put16(to, map + 4 + 2 * items, end);
  }
}
