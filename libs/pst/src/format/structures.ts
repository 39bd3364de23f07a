import { bytes, layout, magic, nested, u16, u32, u32s, u64, u8 } from './layout.js';

/** BREF, Unicode form: a block or page id and its file offset. [MS-PST] 2.2.2.4. */
export const BREF = layout('[MS-PST] 2.2.2.4 BREF (Unicode)', 16, { bid: u64(0), ib: u64(8) });

/** BREF, ANSI form. [MS-PST] 2.2.2.4. */
export const BREF_ANSI = layout('[MS-PST] 2.2.2.4 BREF (ANSI)', 8, { bid: u32(0), ib: u32(4) });

/** ROOT, Unicode form: file size, allocation maps and the two B-tree roots. [MS-PST] 2.2.2.5. */
export const ROOT = layout('[MS-PST] 2.2.2.5 ROOT (Unicode)', 72, {
  dwReserved: u32(0),
  ibFileEof: u64(4),
  ibAMapLast: u64(12),
  cbAMapFree: u64(20),
  cbPMapFree: u64(28),
  BREFNBT: nested(36, BREF),
  BREFBBT: nested(52, BREF),
  fAMapValid: u8(68),
  bReserved: u8(69),
  wReserved: u16(70),
});

/** ROOT, ANSI form. [MS-PST] 2.2.2.5. */
export const ROOT_ANSI = layout('[MS-PST] 2.2.2.5 ROOT (ANSI)', 40, {
  dwReserved: u32(0),
  ibFileEof: u32(4),
  ibAMapLast: u32(8),
  cbAMapFree: u32(12),
  cbPMapFree: u32(16),
  BREFNBT: nested(20, BREF_ANSI),
  BREFBBT: nested(28, BREF_ANSI),
  fAMapValid: u8(36),
  bReserved: u8(37),
  wReserved: u16(38),
});

/** HEADER, Unicode form, also at the head of 4k-page stores. [MS-PST] 2.2.2.6. 564 bytes at file offset 0.
 *  dwCRCPartial covers 471 bytes from offset 8, dwCRCFull 516 bytes from offset 8. */
export const HEADER = layout('[MS-PST] 2.2.2.6 HEADER (Unicode)', 564, {
  dwMagic: magic(0, '!BDN'),
  dwCRCPartial: u32(4),
  wMagicClient: magic(8, 'SM'),
  wVer: u16(10, 23),
  wVerClient: u16(12, 19),
  bPlatformCreate: u8(14, 1),
  bPlatformAccess: u8(15, 1),
  dwReserved1: u32(16),
  dwReserved2: u32(20),
  bidUnused: u64(24),
  bidNextP: u64(32),
  dwUnique: u32(40),
  rgnid: u32s(44, 32),
  qwUnused: u64(172),
  root: nested(180, ROOT),
  dwAlign: u32(252),
  rgbFM: bytes(256, 128),
  rgbFP: bytes(384, 128),
  bSentinel: u8(512, 0x80),
  bCryptMethod: u8(513),
  rgbReserved: u16(514),
  bidNextB: u64(516),
  dwCRCFull: u32(524),
  rgbReserved2: bytes(528, 3),
  bReserved: u8(531),
  rgbReserved3: bytes(532, 32),
});

/** HEADER, ANSI form. [MS-PST] 2.2.2.6. 512 bytes at file offset 0; dwCRCPartial as in the Unicode form, no dwCRCFull. */
export const HEADER_ANSI = layout('[MS-PST] 2.2.2.6 HEADER (ANSI)', 512, {
  dwMagic: magic(0, '!BDN'),
  dwCRCPartial: u32(4),
  wMagicClient: magic(8, 'SM'),
  wVer: u16(10),
  wVerClient: u16(12, 19),
  bPlatformCreate: u8(14, 1),
  bPlatformAccess: u8(15, 1),
  dwReserved1: u32(16),
  dwReserved2: u32(20),
  bidNextB: u32(24),
  bidNextP: u32(28),
  dwUnique: u32(32),
  rgnid: u32s(36, 32),
  root: nested(164, ROOT_ANSI),
  rgbFM: bytes(204, 128),
  rgbFP: bytes(332, 128),
  bSentinel: u8(460, 0x80),
  bCryptMethod: u8(461),
  rgbReserved: u16(462),
  ullReserved: u64(464),
  dwReserved: u32(472),
  rgbReserved2: bytes(476, 3),
  bReserved: u8(479),
  rgbReserved3: bytes(480, 32),
});

/** PAGETRAILER, Unicode form, at offset 496 of a 512-byte page. [MS-PST] 2.2.2.7.1. */
export const PAGETRAILER = layout('[MS-PST] 2.2.2.7.1 PAGETRAILER (Unicode)', 16, {
  ptype: u8(0),
  ptypeRepeat: u8(1),
  wSig: u16(2),
  dwCRC: u32(4),
  bid: u64(8),
});

/** PAGETRAILER, ANSI form, at offset 500 of a 512-byte page: bid and checksum change places. [MS-PST] 2.2.2.7.1. */
export const PAGETRAILER_ANSI = layout('[MS-PST] 2.2.2.7.1 PAGETRAILER (ANSI)', 12, {
  ptype: u8(0),
  ptypeRepeat: u8(1),
  wSig: u16(2),
  bid: u32(4),
  dwCRC: u32(8),
});

/** Trailer of a 4096-byte page at its offset 4072. Not in the specification; measured on stores of Outlook 2013. */
export const PAGETRAILER_4K = layout('PAGETRAILER (4k pages)', 24, {
  ptype: u8(0),
  ptypeRepeat: u8(1),
  wSig: u16(2),
  dwCRC: u32(4),
  bid: u64(8),
  qwUnknown: u64(16),
});

/** What follows the entries of a BTPAGE, both 512-byte forms. [MS-PST] 2.2.2.7.7.1. */
export const BTPAGE_META = layout('[MS-PST] 2.2.2.7.7.1 BTPAGE', 4, { cEnt: u8(0), cEntMax: u8(1), cbEnt: u8(2), cLevel: u8(3) });

/** The same for 4096-byte pages, at offset 4056: 16-bit counts. Measured on stores of Outlook 2013. */
export const BTPAGE_META_4K = layout('BTPAGE (4k pages)', 6, { cEnt: u16(0), cEntMax: u16(2), cbEnt: u8(4), cLevel: u8(5) });

/** BTENTRY, Unicode form. [MS-PST] 2.2.2.7.7.2. */
export const BTENTRY = layout('[MS-PST] 2.2.2.7.7.2 BTENTRY (Unicode)', 24, { btkey: u64(0), BREF: nested(8, BREF) });

/** BTENTRY, ANSI form. [MS-PST] 2.2.2.7.7.2. */
export const BTENTRY_ANSI = layout('[MS-PST] 2.2.2.7.7.2 BTENTRY (ANSI)', 12, { btkey: u32(0), BREF: nested(4, BREF_ANSI) });

/** BBTENTRY, Unicode form. [MS-PST] 2.2.2.7.7.3. */
export const BBTENTRY = layout('[MS-PST] 2.2.2.7.7.3 BBTENTRY (Unicode)', 24, {
  BREF: nested(0, BREF),
  cb: u16(16),
  cRef: u16(18),
  dwPadding: u32(20),
});

/** BBTENTRY, ANSI form. [MS-PST] 2.2.2.7.7.3. */
export const BBTENTRY_ANSI = layout('[MS-PST] 2.2.2.7.7.3 BBTENTRY (ANSI)', 12, { BREF: nested(0, BREF_ANSI), cb: u16(8), cRef: u16(10) });

/** BBTENTRY of 4k-page stores: stored and inflated byte counts. Measured on stores of Outlook 2013. */
export const BBTENTRY_4K = layout('BBTENTRY (4k pages)', 24, {
  BREF: nested(0, BREF),
  cb: u16(16),
  cbInflated: u16(18),
  cRef: u16(20),
  wPadding: u16(22),
});

/** NBTENTRY, Unicode form. [MS-PST] 2.2.2.7.7.4. */
export const NBTENTRY = layout('[MS-PST] 2.2.2.7.7.4 NBTENTRY (Unicode)', 32, {
  nid: u64(0),
  bidData: u64(8),
  bidSub: u64(16),
  nidParent: u32(24),
  dwPadding: u32(28),
});

/** NBTENTRY, ANSI form. [MS-PST] 2.2.2.7.7.4. */
export const NBTENTRY_ANSI = layout('[MS-PST] 2.2.2.7.7.4 NBTENTRY (ANSI)', 16, {
  nid: u32(0),
  bidData: u32(4),
  bidSub: u32(8),
  nidParent: u32(12),
});

/** BLOCKTRAILER, Unicode form, in the last 16 bytes of a block. [MS-PST] 2.2.2.8.1. */
export const BLOCKTRAILER = layout('[MS-PST] 2.2.2.8.1 BLOCKTRAILER (Unicode)', 16, {
  cb: u16(0),
  wSig: u16(2),
  dwCRC: u32(4),
  bid: u64(8),
});

/** BLOCKTRAILER, ANSI form. [MS-PST] 2.2.2.8.1. */
export const BLOCKTRAILER_ANSI = layout('[MS-PST] 2.2.2.8.1 BLOCKTRAILER (ANSI)', 12, {
  cb: u16(0),
  wSig: u16(2),
  bid: u32(4),
  dwCRC: u32(8),
});

/** Block trailer of 4k-page stores. Measured on stores of Outlook 2013. */
export const BLOCKTRAILER_4K = layout('BLOCKTRAILER (4k pages)', 24, {
  cb: u16(0),
  wSig: u16(2),
  dwCRC: u32(4),
  bid: u64(8),
  wUnknown: u16(16),
  cbInflated: u16(18),
  dwUnknown: u32(20),
});

/** Head of an XBLOCK (cLevel 1) or XXBLOCK (cLevel 2); block ids follow. [MS-PST] 2.2.2.8.3.2. */
export const XBLOCK = layout('[MS-PST] 2.2.2.8.3.2 XBLOCK', 8, { btype: u8(0, 1), cLevel: u8(1), cEnt: u16(2), lcbTotal: u32(4) });

/** Head of an SLBLOCK (cLevel 0) or SIBLOCK (cLevel 1), without the padding of the Unicode form. [MS-PST] 2.2.2.8.3.3. */
export const SLBLOCK = layout('[MS-PST] 2.2.2.8.3.3 SLBLOCK', 4, { btype: u8(0, 2), cLevel: u8(1), cEnt: u16(2) });

/** SLENTRY, Unicode form. [MS-PST] 2.2.2.8.3.3.1.1. */
export const SLENTRY = layout('[MS-PST] 2.2.2.8.3.3.1.1 SLENTRY (Unicode)', 24, { nid: u64(0), bidData: u64(8), bidSub: u64(16) });

/** SLENTRY, ANSI form. [MS-PST] 2.2.2.8.3.3.1.1. */
export const SLENTRY_ANSI = layout('[MS-PST] 2.2.2.8.3.3.1.1 SLENTRY (ANSI)', 12, { nid: u32(0), bidData: u32(4), bidSub: u32(8) });

/** SIENTRY, Unicode form. [MS-PST] 2.2.2.8.3.3.2.1. */
export const SIENTRY = layout('[MS-PST] 2.2.2.8.3.3.2.1 SIENTRY (Unicode)', 16, { nid: u64(0), bid: u64(8) });

/** SIENTRY, ANSI form. [MS-PST] 2.2.2.8.3.3.2.1. */
export const SIENTRY_ANSI = layout('[MS-PST] 2.2.2.8.3.3.2.1 SIENTRY (ANSI)', 8, { nid: u32(0), bid: u32(4) });

/** HNHDR, at the start of block 0 of a heap. [MS-PST] 2.3.1.2. */
export const HNHDR = layout('[MS-PST] 2.3.1.2 HNHDR', 12, {
  ibHnpm: u16(0),
  bSig: u8(2, 0xec),
  bClientSig: u8(3),
  hidUserRoot: u32(4),
  rgbFillLevel: u32(8),
});

/** Fixed part of HNPAGEMAP; rgibAlloc (cAlloc + 1 offsets) follows. [MS-PST] 2.3.1.5. */
export const HNPAGEMAP = layout('[MS-PST] 2.3.1.5 HNPAGEMAP', 4, { cAlloc: u16(0), cFree: u16(2) });

/** BTHHEADER. [MS-PST] 2.3.2.1. */
export const BTHHEADER = layout('[MS-PST] 2.3.2.1 BTHHEADER', 8, {
  bType: u8(0, 0xb5),
  cbKey: u8(1),
  cbEnt: u8(2),
  bIdxLevels: u8(3),
  hidRoot: u32(4),
});

/** Fixed part of TCINFO; cCols TCOLDESCs follow. [MS-PST] 2.3.4.1. */
export const TCINFO = layout('[MS-PST] 2.3.4.1 TCINFO', 22, {
  bType: u8(0, 0x7c),
  cCols: u8(1),
  TCI_4b: u16(2),
  TCI_2b: u16(4),
  TCI_1b: u16(6),
  TCI_bm: u16(8),
  hidRowIndex: u32(10),
  hnidRows: u32(14),
  hidIndex: u32(18),
});

/** TCOLDESC. [MS-PST] 2.3.4.2. */
export const TCOLDESC = layout('[MS-PST] 2.3.4.2 TCOLDESC', 8, { tag: u32(0), ibData: u16(4), cbData: u8(6), iBit: u8(7) });

/** NAMEID, an entry of the name-to-id map. [MS-PST] 2.4.7.1. wGuid: bit 0 says string, the rest is the GUID index. */
export const NAMEID = layout('[MS-PST] 2.4.7.1 NAMEID', 8, { dwPropertyID: u32(0), wGuid: u16(4), wPropIdx: u16(6) });
