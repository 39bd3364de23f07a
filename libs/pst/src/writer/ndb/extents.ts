import { assert, freeNow } from '@pstream/kernel';

import type { BesidePayload } from '../../fidelity/index.js';

import {
  AMAP_SPAN,
  BLOCK_ALIGNMENT,
  FIRST_AMAP_OFFSET,
  PAGE_BODY_BYTES,
  PAGE_BYTES,
  PAGE_TYPE,
  pstCrc,
  put16,
  put32,
  put64,
} from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { Placement, mapPages, regionStart } from './regions.js';

/** Where a part's bytes go, in extents. Extent 0 holds bytes 0..0x43FF (header, DList) and is staged LAST; extents 1.. follow each
 *  other from 0x4400, each exactly extentBytes except the last. A rejected promise ends the writer: resume from the checkpoints. */
export interface PartTarget {
  /** The writer never touches `bytes` again after handing it over, and waits for the promise before it hands over the next extent. */
  stage(index: number, bytes: Uint8Array): Promise<void>;
  /** Keeps data that is too large for a PST under its name beside the part; called before the message that links to it is written, and
   *  again after a resume from an earlier checkpoint. Without it such an attachment is written empty. */
  beside?(payload: BesidePayload): Promise<void>;
}

const FULL_MAP = new Uint8Array(PAGE_BODY_BYTES).fill(0xff);
const FULL_MAP_CRC = pstCrc(FULL_MAP);

/** Writes a PAGETRAILER behind the 496 bytes at `at`. [MS-PST] 2.2.2.7.1. */
export const putPageTrailer = (page: Uint8Array, at: number, type: number, signature: number, crc: number, bid: number): void => {
  const trailer = at + PAGE_BODY_BYTES;
  page[trailer] = type; // ptype
  page[trailer + 1] = type; // ptypeRepeat
  put16(page, trailer + 2, signature); // wSig
  put32(page, trailer + 4, crc); // dwCRC
  put64(page, trailer + 8, bid); // bid
};

/** The growing end of the file: gives out space in file order, keeps the open extent in memory, writes the map pages of every region
 *  and queues extents that are complete. Free space is only ever at a region's end and in front of its first page. */
export class Extents {
  readonly #placement = new Placement();
  readonly #extentBytes: number;
  readonly #regionsPerExtent: number;
  /** Bytes of the open extent. It begins with one region and grows with those that are opened, so it is another one after each `take…`. */
  buffer: Uint8Array;
  /** File offset of the open extent's first byte. */
  start = FIRST_AMAP_OFFSET;
  #index = 1;
  readonly #full: { index: number; bytes: Uint8Array }[] = [];
  /** Free bytes of the closed regions: what cbAMapFree is made of. */
  freeBytes = 0;
  /** Skipped in the open region to align its first page, as offsets from the region's start. */
  #gapFrom = 0;
  #gapTo = 0;
  #savedNext = 0;
  #savedIndex = 0;
  #savedRegion = 0;

  constructor(regionsPerExtent: number) {
    assert(Number.isInteger(regionsPerExtent) && regionsPerExtent > 0, 'regionsPerExtent must be a positive integer');
    this.#regionsPerExtent = regionsPerExtent;
    this.#extentBytes = regionsPerExtent * AMAP_SPAN;
    this.buffer = new Uint8Array(AMAP_SPAN);
    this.#openMaps();
  }

  /** Next free file offset. */
  get next(): number {
    return this.#placement.next;
  }

  /** Bytes to the end of the open region. */
  get roomInRegion(): number {
    return this.#placement.regionEnd - this.#placement.next;
  }

  /** Offset of the end of the open region: the file's size if it ended here. */
  get regionEnd(): number {
    return this.#placement.regionEnd;
  }

  /** Number of the open region. */
  get region(): number {
    return this.#placement.region;
  }

  /** Index of the extent that is open, which is the number of extents in front of it with extent 0. */
  get index(): number {
    return this.#index;
  }

  /** Takes `bytes` (a multiple of 64) and returns their file offset; they are zero in `buffer` from `offset - start` on. */
  takeBlock(bytes: number): number {
    const placement = this.#placement;
    if (!placement.fits(bytes)) this.#turn();
    const at = placement.next;
    placement.next = at + bytes;
    return at;
  }

  /** Takes a page, aligned to 512 bytes, and returns its file offset. */
  takePage(): number {
    const placement = this.#placement;
    const aligned = Math.ceil(placement.next / PAGE_BYTES) * PAGE_BYTES;
    if (aligned + PAGE_BYTES > placement.regionEnd) this.#turn();
    else if (aligned > placement.next) {
      this.#gapFrom = placement.next - regionStart(placement.region);
      this.#gapTo = aligned - regionStart(placement.region);
      placement.next = aligned;
    }
    const at = placement.next;
    placement.next = at + PAGE_BYTES;
    return at;
  }

  /** Whether complete extents wait to be handed over. */
  get waiting(): boolean {
    return this.#full.length > 0;
  }

  /** Hands complete extents over, one after another. */
  async drain(target: PartTarget): Promise<void> {
    for (let extent = this.#full.shift(); extent !== undefined; extent = this.#full.shift()) await target.stage(extent.index, extent.bytes);
  }

  /** Closes the last region; the open extent becomes the last one, cut behind it. */
  close(): void {
    this.#closeRegion();
    const bytes = this.buffer.subarray(0, this.#placement.regionEnd - this.start);
    this.#full.push({ index: this.#index, bytes });
    this.buffer = new Uint8Array(0);
  }

  save(out: StateWriter): void {
    const { next, region } = this.#placement;
    out.int(next);
    out.int(region);
    out.int(this.#index);
    out.int(this.freeBytes);
    const sameExtent = !out.full && this.#savedIndex === this.#index;
    // a region that was open then and is closed now has got its AMap, in front of what is written below
    const patches = sameExtent && this.#savedRegion !== region;
    out.int(patches ? 1 : 0);
    if (patches) {
      const at = regionStart(this.#savedRegion);
      out.int(at);
      out.bytes(this.buffer.subarray(at - this.start, at - this.start + PAGE_BYTES));
    }
    const from = sameExtent ? this.#savedNext : this.start;
    out.int(from);
    out.bytes(this.buffer.subarray(from - this.start, next - this.start));
    this.#remember();
  }

  load(from: StateReader): void {
    const next = from.int();
    const region = from.int();
    const index = from.int();
    this.freeBytes = from.int();
    if (index !== this.#index) {
      this.#index = index;
      this.start = FIRST_AMAP_OFFSET + (index - 1) * this.#extentBytes;
      this.buffer = new Uint8Array(AMAP_SPAN);
    }
    this.#grow(regionStart(region + 1) - this.start);
    if (from.int() === 1) {
      const at = from.int();
      this.buffer.set(from.bytes(), at - this.start);
    }
    const at = from.int();
    this.buffer.set(from.bytes(), at - this.start);
    this.#placement.next = next;
    this.#placement.region = region;
    this.#remember();
  }

  #remember(): void {
    this.#savedNext = this.#placement.next;
    this.#savedIndex = this.#index;
    this.#savedRegion = this.#placement.region;
  }

  #turn(): void {
    this.#closeRegion();
    this.#placement.turn();
    if (this.#placement.region % this.#regionsPerExtent === 0) {
      this.#full.push({ index: this.#index, bytes: this.buffer });
      this.#index++;
      this.start = regionStart(this.#placement.region);
      this.buffer = new Uint8Array(AMAP_SPAN);
    }
    this.#grow(this.#placement.regionEnd - this.start);
    this.#openMaps();
  }

  /** Most parts are small: what is added is as much again, up to the whole extent. */
  #grow(bytes: number): void {
    const before = this.buffer;
    if (bytes <= before.length) return;
    this.buffer = new Uint8Array(Math.min(this.#extentBytes, Math.max(bytes, 2 * before.length)));
    this.buffer.set(before);
    freeNow(before);
  }

  /** PMap, FMap and FPMap pages are constants: every byte 0xFF, as current Outlook keeps them. */
  #openMaps(): void {
    const base = regionStart(this.#placement.region);
    for (const { type, offset } of mapPages(this.#placement.region)) {
      if (type === PAGE_TYPE.amap) continue;
      this.buffer.set(FULL_MAP, base + offset - this.start);
      putPageTrailer(this.buffer, base + offset - this.start, type, 0, FULL_MAP_CRC, base + offset);
    }
  }

  /** Writes the AMap of the open region: a bit for every 64 bytes, most significant first. [MS-PST] 2.2.2.7.2. */
  #closeRegion(): void {
    const base = regionStart(this.#placement.region);
    const at = base - this.start;
    const used = (this.#placement.next - base) / BLOCK_ALIGNMENT;
    const map = this.buffer.subarray(at, at + PAGE_BODY_BYTES);
    map.fill(0xff, 0, used >>> 3);
    if ((used & 7) !== 0) map[used >>> 3] = (0xff00 >>> (used & 7)) & 0xff;
    for (let slot = this.#gapFrom / BLOCK_ALIGNMENT; slot < this.#gapTo / BLOCK_ALIGNMENT; slot++) {
      map[slot >>> 3] = (map[slot >>> 3] as number) & ~(0x80 >>> (slot & 7));
    }
    this.freeBytes += AMAP_SPAN - used * BLOCK_ALIGNMENT + (this.#gapTo - this.#gapFrom);
    this.#gapFrom = this.#gapTo = 0;
    putPageTrailer(this.buffer, at, PAGE_TYPE.amap, 0, pstCrc(map), base);
  }
}
