import {
  AMAP_SPAN,
  FIRST_AMAP_OFFSET,
  FIRST_FMAP_REGION,
  FIRST_FPMAP_REGION,
  FMAP_EVERY,
  FPMAP_EVERY,
  PAGE_BYTES,
  PAGE_TYPE,
  PMAP_EVERY,
} from '../../shared/index.js';

/** A map page in a region: its type and its offset from the region's start. */
export type MapPage = { readonly type: number; readonly offset: number };

const ORDINARY: readonly MapPage[] = [{ type: PAGE_TYPE.amap, offset: 0 }];
const WITH_PMAP: readonly MapPage[] = [...ORDINARY, { type: PAGE_TYPE.pmap, offset: PAGE_BYTES }];
const WITH_FMAP: readonly MapPage[] = [...WITH_PMAP, { type: PAGE_TYPE.fmap, offset: 2 * PAGE_BYTES }];
/** Implementations differ on which of two places holds the FPMap, so the page stands at both. */
const WITH_FPMAP: readonly MapPage[] = [
  ...WITH_PMAP,
  { type: PAGE_TYPE.fpmap, offset: 2 * PAGE_BYTES },
  { type: PAGE_TYPE.fpmap, offset: 3 * PAGE_BYTES },
];

/** The map pages at the start of region `index`, the AMap page first. [MS-PST] 2.2.2.7.2 to 2.2.2.7.6. */
export const mapPages = (index: number): readonly MapPage[] => {
  if (index % PMAP_EVERY !== 0) return ORDINARY;
  if (index >= FIRST_FMAP_REGION && (index - FIRST_FMAP_REGION) % FMAP_EVERY === 0) return WITH_FMAP;
  if (index >= FIRST_FPMAP_REGION && (index - FIRST_FPMAP_REGION) % FPMAP_EVERY === 0) return WITH_FPMAP;
  return WITH_PMAP;
};

/** File offset of region `index`. */
export const regionStart = (index: number): number => FIRST_AMAP_OFFSET + index * AMAP_SPAN;

/** Where the next block or page goes, region by region: the same arithmetic places blocks and, at the end, finds them again. */
export class Placement {
  region = 0;
  /** Next free file offset; may equal `regionEnd`. */
  next = regionStart(0) + mapPages(0).length * PAGE_BYTES;

  get regionEnd(): number {
    return regionStart(this.region + 1);
  }

  /** Whether so many bytes still fit into the region. */
  fits(bytes: number): boolean {
    return this.next + bytes <= this.regionEnd;
  }

  /** Goes on behind the map pages of the next region. */
  turn(): void {
    this.region++;
    this.next = regionStart(this.region) + mapPages(this.region).length * PAGE_BYTES;
  }
}
