import { assert } from '@pstream/kernel';

import {
  BLOCK_ALIGNMENT,
  BLOCK_TRAILER_BYTES,
  MAX_BLOCK_BYTES,
  MAX_ENTRIES,
  PERMUTE_ENCODE,
  pstCrc,
  put16,
  put32,
  signature,
  substitute,
} from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { GrowingU16 } from '../growing.js';
import type { Extents } from './extents.js';

/** Bit of a bid that marks internal blocks. [MS-PST] 2.2.2.2. */
const INTERNAL = 2;
/** Block bids go up in steps of four. [MS-PST] 2.2.2.2. */
const BID_STEP = 4;
/** Set in the size list for internal blocks; sizes are below 2^13. */
const INTERNAL_SIZE = 0x8000;
const SIZE_MASK = 0x1fff;

/** Bytes a block takes in the file. */
export const blockDiskBytes = (length: number): number => (length + BLOCK_TRAILER_BYTES + BLOCK_ALIGNMENT - 1) & -BLOCK_ALIGNMENT;

/** Writes blocks and remembers their sizes. Bids follow from the order of writing, places from the sizes before them, and every block
 *  has exactly one reference, so two bytes a block are all the block index needs until the end. */
export class Blocks {
  readonly #extents: Extents;
  readonly #permute: boolean;
  readonly #sizes = new GrowingU16(1024);
  readonly #internal = new Uint8Array(MAX_BLOCK_BYTES);

  constructor(extents: Extents, permute: boolean) {
    this.#extents = extents;
    this.#permute = permute;
  }

  /** Blocks written so far. */
  get count(): number {
    return this.#sizes.length;
  }

  /** The bid the next block would get without flags: bidNextB of the header. */
  get nextBid(): number {
    return (this.#sizes.length + 1) * BID_STEP;
  }

  /** Bid of the block at `position` of the order of writing. */
  bidAt(position: number): number {
    return (position + 1) * BID_STEP + ((this.#sizes.at(position) & INTERNAL_SIZE) === 0 ? 0 : INTERNAL);
  }

  /** Data bytes of the block at `position` of the order of writing. */
  sizeAt(position: number): number {
    return this.#sizes.at(position) & SIZE_MASK;
  }

  /** Data bytes of the block with this bid. */
  sizeOf(bid: number): number {
    return this.sizeAt((bid >>> 2) - 1);
  }

  /** Writes a data block of 1 to 8,176 bytes and returns its bid. `crc` is that of the bytes, if it is known. */
  writeData(from: Uint8Array, at: number, length: number, crc?: number): number {
    const bid = this.nextBid;
    assert(length > 0 && length <= MAX_BLOCK_BYTES, 'data block of a wrong size');
    this.#write(from, at, length, bid, this.#permute, crc);
    this.#sizes.push(length);
    return bid;
  }

  /** Writes a value as the leaves of a data tree and returns the tree's bid; 0 for no bytes. `crcs` are those of the leaves, if known. */
  writeValue(value: Uint8Array, crcs?: Uint32Array): number {
    if (value.length <= MAX_BLOCK_BYTES) return value.length === 0 ? 0 : this.writeData(value, 0, value.length, crcs?.[0]);
    const first = this.#sizes.length;
    let leaf = 0;
    for (let at = 0; at < value.length; at += MAX_BLOCK_BYTES) {
      this.writeData(value, at, Math.min(MAX_BLOCK_BYTES, value.length - at), crcs?.[leaf++]);
    }
    const bids = new Uint32Array(this.#sizes.length - first);
    for (let i = 0; i < bids.length; i++) bids[i] = this.bidAt(first + i);
    return this.dataTree(bids, bids.length);
  }

  /** Ties data blocks together and returns the bid of the whole: the block itself, an XBLOCK or an XXBLOCK; 0 for none. [MS-PST] 2.2.2.8.3.2. */
  dataTree(bids: Uint32Array, count: number): number {
    if (count <= 1) return count === 0 ? 0 : (bids[0] as number);
    if (count <= MAX_ENTRIES.xblock) return this.#xblock(1, bids, 0, count, this.treeBytes(bids, count));
    const parents = new Uint32Array(Math.ceil(count / MAX_ENTRIES.xblock));
    assert(parents.length <= MAX_ENTRIES.xblock, 'data tree of more than two levels');
    let total = 0;
    for (let i = 0; i < parents.length; i++) {
      const from = i * MAX_ENTRIES.xblock;
      const to = Math.min(count, from + MAX_ENTRIES.xblock);
      let bytes = 0;
      for (let k = from; k < to; k++) bytes += this.sizeOf(bids[k] as number);
      total += bytes;
      parents[i] = this.#xblock(1, bids, from, to, bytes);
    }
    return this.#xblock(2, parents, 0, parents.length, total);
  }

  /** Data bytes of so many data blocks. */
  treeBytes(bids: Uint32Array, count: number): number {
    let total = 0;
    for (let i = 0; i < count; i++) total += this.sizeOf(bids[i] as number);
    return total;
  }

  /** Writes the subnode B-tree of a node and returns its bid; 0 for none. `entries` holds nid, data bid and subnode bid of each
   *  subnode, ascending by nid. [MS-PST] 2.2.2.8.3.3. */
  subnodeTree(entries: ArrayLike<number>, count: number): number {
    if (count === 0) return 0;
    if (count <= MAX_ENTRIES.slblock) return this.#slblock(entries, 0, count);
    const leaves = Math.ceil(count / MAX_ENTRIES.slblock);
    assert(leaves <= MAX_ENTRIES.siblock, 'more subnodes than a subnode tree holds');
    const block = new Uint8Array(8 + 16 * leaves);
    block[0] = 0x02; // btype
    block[1] = 1; // cLevel
    put16(block, 2, leaves); // cEnt
    for (let i = 0; i < leaves; i++) {
      const from = i * MAX_ENTRIES.slblock;
      put32(block, 8 + 16 * i, entries[3 * from] as number); // nid
      put32(block, 16 + 16 * i, this.#slblock(entries, from, Math.min(count, from + MAX_ENTRIES.slblock))); // bid
    }
    return this.#writeInternal(block, block.length);
  }

  save(out: StateWriter): void {
    this.#sizes.save(out);
  }

  load(from: StateReader): void {
    this.#sizes.load(from);
  }

  #slblock(entries: ArrayLike<number>, from: number, to: number): number {
    const block = this.#internal;
    const length = 8 + 24 * (to - from);
    block.fill(0, 0, length);
    block[0] = 0x02; // btype
    put16(block, 2, to - from); // cEnt; cLevel and dwPadding 0
    for (let i = from, at = 8; i < to; i++, at += 24) {
      put32(block, at, entries[3 * i] as number); // nid
      put32(block, at + 8, entries[3 * i + 1] as number); // bidData
      put32(block, at + 16, entries[3 * i + 2] as number); // bidSub
    }
    return this.#writeInternal(block, length);
  }

  #xblock(level: number, bids: Uint32Array, from: number, to: number, total: number): number {
    assert(total <= 0xffff_ffff, 'data tree of 4 GiB or more');
    const block = this.#internal;
    const length = 8 + 8 * (to - from);
    block.fill(0, 0, length);
    block[0] = 0x01; // btype
    block[1] = level; // cLevel
    put16(block, 2, to - from); // cEnt
    put32(block, 4, total); // lcbTotal
    for (let i = from, at = 8; i < to; i++, at += 8) put32(block, at, bids[i] as number); // rgbid
    return this.#writeInternal(block, length);
  }

  #writeInternal(block: Uint8Array, length: number): number {
    const bid = this.nextBid | INTERNAL;
    this.#write(block, 0, length, bid, false, undefined);
    this.#sizes.push(length | INTERNAL_SIZE);
    return bid;
  }

  /** Puts a block into the open extent with its BLOCKTRAILER. [MS-PST] 2.2.2.8.1. */
  #write(from: Uint8Array, fromAt: number, length: number, bid: number, encode: boolean, knownCrc: number | undefined): void {
    const disk = blockDiskBytes(length);
    const ib = this.#extents.takeBlock(disk);
    const { buffer } = this.#extents;
    const at = ib - this.#extents.start;
    const piece = from.subarray(fromAt, fromAt + length);
    buffer.set(piece, at);
    let crc: number;
    if (encode) {
      const encoded = buffer.subarray(at, at + length);
      substitute(encoded, PERMUTE_ENCODE);
      crc = pstCrc(encoded);
    } else crc = knownCrc ?? pstCrc(piece);
    const trailer = at + disk - BLOCK_TRAILER_BYTES;
    put16(buffer, trailer, length); // cb
    put16(buffer, trailer + 2, signature(ib, bid)); // wSig
    put32(buffer, trailer + 4, crc); // dwCRC
    put32(buffer, trailer + 8, bid); // bid, upper half 0
  }
}
