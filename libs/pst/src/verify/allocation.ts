import { PstCorrupt } from '../format/index.js';
import {
  AMAP_SPAN,
  BLOCK_ALIGNMENT,
  FIRST_AMAP_OFFSET,
  FIRST_FMAP_REGION,
  FIRST_FPMAP_REGION,
  FMAP_EVERY,
  FPMAP_EVERY,
  PAGE_BODY_BYTES,
  PAGE_BYTES,
  PAGE_TYPE,
  PMAP_EVERY,
  pstCrc,
} from '../shared/index.js';
import { pageTrailer } from '../reader/b-tree.js';
import type { Strictness } from '../reader/strictness.js';
import { UNICODE } from '../format/index.js';

/** A page at a fixed place. */
export type MapPage = { readonly ib: number; readonly ptype: number };

/** What is allocated according to the B-trees, to compare with what the AMap pages say. One bit for 64 bytes, as in an AMap. */
export class Allocation {
  private readonly bits: Uint8Array;
  readonly regions: number;
  private freeSlots = 0;

  constructor(
    fileBytes: number,
    private readonly strictness: Strictness,
  ) {
    this.regions = Math.max(0, Math.floor((fileBytes - FIRST_AMAP_OFFSET) / AMAP_SPAN));
    this.bits = new Uint8Array(this.regions * PAGE_BODY_BYTES);
    for (const page of this.mapPages()) this.mark(page.ib, PAGE_BYTES, 0);
  }

  /** Every map page in file order. [MS-PST] 2.2.2.7. */
  *mapPages(): Generator<MapPage> {
    for (let region = 0; region < this.regions; region++) {
      const base = FIRST_AMAP_OFFSET + region * AMAP_SPAN;
      yield { ib: base, ptype: PAGE_TYPE.amap };
      if (region % PMAP_EVERY !== 0) continue;
      yield { ib: base + PAGE_BYTES, ptype: PAGE_TYPE.pmap };
      if (region >= FIRST_FMAP_REGION && (region - FIRST_FMAP_REGION) % FMAP_EVERY === 0)
        yield { ib: base + 2 * PAGE_BYTES, ptype: PAGE_TYPE.fmap };
      if (region >= FIRST_FPMAP_REGION && (region - FIRST_FPMAP_REGION) % FPMAP_EVERY === 0) {
        // the specification leaves open which of two slots it takes; the writer fills both
        yield { ib: base + 2 * PAGE_BYTES, ptype: PAGE_TYPE.fpmap };
        yield { ib: base + 3 * PAGE_BYTES, ptype: PAGE_TYPE.fpmap };
      }
    }
  }

  /** Marks a page or block as in use; overlap and places outside the mapped area are flaws. */
  mark(ib: number, bytes: number, bid: number): void {
    const from = (ib - FIRST_AMAP_OFFSET) / BLOCK_ALIGNMENT;
    const to = from + Math.ceil(bytes / BLOCK_ALIGNMENT);
    if (from < 0 || to > this.bits.length * 8 || !Number.isInteger(from)) {
      this.strictness.flaw(new PstCorrupt('outside-the-maps', 'BREF/ib', { ib, bid }));
      return;
    }
    let overlaps = false;
    for (let slot = from; slot < to; ) {
      const byte = Math.floor(slot / 8);
      const first = slot % 8;
      const last = Math.min(8, first + to - slot);
      const mask = (0xff >>> first) & (0xff << (8 - last)) & 0xff;
      if (((this.bits[byte] as number) & mask) !== 0) overlaps = true;
      (this.bits[byte] as number) |= mask;
      slot += last - first;
    }
    if (overlaps) this.strictness.flaw(new PstCorrupt('overlap', 'BREF/ib', { ib, bid }));
  }

  /** Judges a map page as read from the file. */
  judge(page: Uint8Array, { ib, ptype }: MapPage): void {
    const { strictness } = this;
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    const trailer = pageTrailer(view, UNICODE.pageTrailerAt, UNICODE);
    const compare = (condition: string, field: string, expected: number, actual: number): void => {
      if (expected !== actual) strictness.flaw(new PstCorrupt(condition, field, { ib, expected, actual }));
    };
    compare('wrong-page-type', 'PAGETRAILER/ptype', ptype, trailer.twice ? trailer.ptype : -1);
    compare('crc-mismatch', 'PAGETRAILER/dwCRC', trailer.dwCRC, pstCrc(page.subarray(0, PAGE_BODY_BYTES)));
    compare('signature-mismatch', 'PAGETRAILER/wSig', 0, trailer.wSig);
    compare('id-mismatch', 'PAGETRAILER/bid', ib, trailer.bid);
    if (ptype === PAGE_TYPE.amap) this.judgeAMap(page, ib);
    else if (ptype !== PAGE_TYPE.fmap && ptype !== PAGE_TYPE.pmap) return;
    else if (ptype === PAGE_TYPE.fmap) {
      const region = Math.floor((ib - FIRST_AMAP_OFFSET) / AMAP_SPAN);
      const used = Math.min(FMAP_EVERY, this.regions - region);
      const wrong = page.subarray(0, used).findIndex((byte) => byte !== 0xff);
      if (wrong >= 0)
        strictness.flaw(new PstCorrupt('free-map', 'FMAPPAGE/rgbFMapBits', { ib, expected: 0xff, actual: page[wrong] as number }));
    }
  }

  private judgeAMap(page: Uint8Array, ib: number): void {
    const base = ((ib - FIRST_AMAP_OFFSET) / AMAP_SPAN) * PAGE_BODY_BYTES;
    let missing = 0;
    let unused = 0;
    for (let i = 0; i < PAGE_BODY_BYTES; i++) {
      const has = page[i] as number;
      const needs = this.bits[base + i] as number;
      this.freeSlots += ones(~has & 0xff);
      missing += ones(needs & ~has);
      unused += ones(has & ~needs);
    }
    if (missing > 0) this.strictness.flaw(new PstCorrupt('used-but-free', 'AMAPPAGE/rgbAMapBits', { ib, actual: missing }));
    if (unused > 0) this.strictness.flaw(new PstCorrupt('free-but-used', 'AMAPPAGE/rgbAMapBits', { ib, actual: unused }));
  }

  /** Bytes that the AMap pages judged so far call free. */
  get freeBytes(): number {
    return this.freeSlots * BLOCK_ALIGNMENT;
  }
}

const ONES = Uint8Array.from({ length: 256 }, (_, i) => i.toString(2).replaceAll('0', '').length);
const ones = (byte: number): number => ONES[byte & 0xff] as number;
