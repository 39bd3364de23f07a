import { HEADER, PstCorrupt, UNICODE } from '../format/index.js';
import { pageTrailer } from '../reader/b-tree.js';
import type { NodeDatabase } from '../reader/node-database.js';
import type { WindowCache } from '../reader/window-cache.js';
import { DLIST_OFFSET, FIRST_AMAP_OFFSET, PAGE_BODY_BYTES, PAGE_BYTES, PAGE_TYPE, pstCrc, signature } from '../shared/index.js';

/** Most entries of a density list. [MS-PST] 2.2.2.7.4.2: 476 bytes of four. */
const MOST_DENSITY_ENTRIES = 119;
/** Regions described by one byte of rgbFM, and PMaps by one of rgbFP. [MS-PST] 2.2.2.6. */
const REGIONS_PER_FP_BYTE = 64;

/** Judges what tells Outlook where room is: rgbFM and rgbFP of the HEADER, which current versions keep at 0xFF, and the density list, which may
 *  be absent but not damaged. [MS-PST] 2.2.2.6 and 2.2.2.7.4. */
export const checkFreeMaps = async (cache: WindowCache, { header, strictness }: NodeDatabase, regions: number): Promise<void> => {
  if (cache.size < FIRST_AMAP_OFFSET) return;
  const { rgbFM, rgbFP } = HEADER.decode(await cache.read(0, HEADER.size));
  const flaw = (condition: string, field: string, place: { ib: number; expected: number; actual: number }): void => {
    if (place.expected !== place.actual) strictness.flaw(new PstCorrupt(condition, field, place));
  };
  const full = (field: string, ib: number, bytes: Uint8Array, used: number): void => {
    const wrong = bytes.subarray(0, used).findIndex((byte) => byte !== 0xff);
    if (wrong >= 0) flaw('free-map', field, { ib: ib + wrong, expected: 0xff, actual: bytes[wrong] as number });
  };
  full('HEADER/rgbFM', HEADER.offset.rgbFM, rgbFM, regions);
  full('HEADER/rgbFP', HEADER.offset.rgbFP, rgbFP, Math.ceil(regions / REGIONS_PER_FP_BYTE));

  const page = await cache.read(DLIST_OFFSET, PAGE_BYTES);
  if (page.every((byte) => byte === 0)) return;
  const view = new DataView(page.buffer, page.byteOffset, PAGE_BYTES);
  const { ptype, wSig, dwCRC, bid } = pageTrailer(view, UNICODE.pageTrailerAt, UNICODE);
  const wrong = (condition: string, field: string, expected: number, actual: number): void =>
    flaw(condition, field, { ib: DLIST_OFFSET, expected, actual });
  wrong('wrong-page-type', 'DLISTPAGE/ptype', PAGE_TYPE.dlist, ptype);
  wrong('crc-mismatch', 'DLISTPAGE/dwCRC', dwCRC, pstCrc(page.subarray(0, PAGE_BODY_BYTES)));
  wrong('signature-mismatch', 'DLISTPAGE/wSig', signature(DLIST_OFFSET, bid), wSig);
  wrong('id-mismatch', 'DLISTPAGE/bid', header.bidNextP, bid);
  const entries = page[1] as number;
  if (entries > MOST_DENSITY_ENTRIES) wrong('count-too-large', 'DLISTPAGE/cEntDList', MOST_DENSITY_ENTRIES, entries);
  for (let i = 0; i < Math.min(entries, MOST_DENSITY_ENTRIES); i++) {
    const amap = view.getUint32(8 + 4 * i, true) & 0xf_ffff;
    if (amap >= regions) wrong('density-entry', 'DLISTPAGEENT/dwPageNum', regions - 1, amap);
  }
};
