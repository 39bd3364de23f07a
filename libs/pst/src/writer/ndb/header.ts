import {
  CRYPT,
  DLIST_OFFSET,
  FIRST_AMAP_OFFSET,
  HEADER_BYTES,
  PAGE_BODY_BYTES,
  PAGE_TYPE,
  pstCrc,
  put16,
  put32,
  put64,
  signature,
} from '../../shared/index.js';
import type { PageRef } from './btree.js';
import { putPageTrailer } from './extents.js';
import { regionStart } from './regions.js';

/** What the header says about a finished file. */
export type HeaderFacts = {
  readonly permute: boolean;
  readonly regions: number;
  readonly freeBytes: number;
  readonly nbt: PageRef;
  readonly bbt: PageRef;
  readonly bidNextP: number;
  readonly bidNextB: number;
  /** Highest index in use for each of the 32 nid types. */
  readonly rgnid: Uint32Array;
};

/** Counters dwCRCPartial and dwCRCFull cover bytes 8 up to here. [MS-PST] 2.2.2.6. */
const PARTIAL_CRC_END = 8 + 471;
const FULL_CRC_END = 8 + 516;

/** Extent 0: HEADER ([MS-PST] 2.2.2.6), zeros, and an empty DList page ([MS-PST] 2.2.2.7.4). 0x4400 bytes. */
export const headerExtent = (facts: HeaderFacts): Uint8Array => {
  const out = new Uint8Array(FIRST_AMAP_OFFSET);
  out.set(Buffer.from('!BDN'), 0); // dwMagic
  out.set(Buffer.from('SM'), 8); // wMagicClient
  put16(out, 10, 23); // wVer: Unicode, 512-byte pages
  put16(out, 12, 19); // wVerClient
  out[14] = 1; // bPlatformCreate
  out[15] = 1; // bPlatformAccess
  put64(out, 32, facts.bidNextP);
  put32(out, 40, 1); // dwUnique: goes up with every write of the header, and this is the first
  for (let type = 0; type < 32; type++) put32(out, 44 + 4 * type, facts.rgnid[type] as number); // rgnid
  put64(out, 184, regionStart(facts.regions)); // ROOT.ibFileEof
  put64(out, 192, regionStart(facts.regions - 1)); // ROOT.ibAMapLast
  put64(out, 200, facts.freeBytes); // ROOT.cbAMapFree; cbPMapFree 0
  put64(out, 216, facts.nbt.bid); // ROOT.BREFNBT
  put64(out, 224, facts.nbt.ib);
  put64(out, 232, facts.bbt.bid); // ROOT.BREFBBT
  put64(out, 240, facts.bbt.ib);
  out[248] = 2; // ROOT.fAMapValid: VALID_AMAP2
  out.fill(0xff, 256, 512); // rgbFM, rgbFP
  out[512] = 0x80; // bSentinel
  out[513] = facts.permute ? CRYPT.permute : CRYPT.none; // bCryptMethod
  put64(out, 516, facts.bidNextB);
  put32(out, 4, pstCrc(out.subarray(8, PARTIAL_CRC_END))); // dwCRCPartial
  put32(out, HEADER_BYTES - 40, pstCrc(out.subarray(8, FULL_CRC_END))); // dwCRCFull, at 524
  // a density list is fresh, to Outlook, when its bid is bidNextP
  const list = out.subarray(DLIST_OFFSET, DLIST_OFFSET + PAGE_BODY_BYTES);
  putPageTrailer(out, DLIST_OFFSET, PAGE_TYPE.dlist, signature(DLIST_OFFSET, facts.bidNextP), pstCrc(list), facts.bidNextP);
  return out;
};
