/** Pages are 512 bytes with a 16-byte trailer. [MS-PST] 2.2.2.7. */
export const PAGE_BYTES = 512;
/** Bytes of a page in front of its trailer. [MS-PST] 2.2.2.7. */
export const PAGE_BODY_BYTES = PAGE_BYTES - 16;
/** Blocks are multiples of 64 bytes and start at multiples of 64. [MS-PST] 2.2.2.8. */
export const BLOCK_ALIGNMENT = 64;
/** BLOCKTRAILER: cb, wSig, dwCRC, bid. [MS-PST] 2.2.2.8.1. */
export const BLOCK_TRAILER_BYTES = 16;
/** Most data bytes in a block: 8192 less the trailer. [MS-PST] 2.2.2.8. */
export const MAX_BLOCK_BYTES = 8192 - BLOCK_TRAILER_BYTES;
/** HEADER, Unicode form. [MS-PST] 2.2.2.6. */
export const HEADER_BYTES = 564;
/** Offset of the density list page. [MS-PST] 2.2.2.7.4. */
export const DLIST_OFFSET = 0x4200;
/** Offset of the first allocation map page. [MS-PST] 2.2.2.7.2. */
export const FIRST_AMAP_OFFSET = 0x4400;
/** Bytes of file one allocation map page describes, itself included: 496 bytes of 8 bits of 64 bytes. [MS-PST] 2.2.2.7.2. */
export const AMAP_SPAN = PAGE_BODY_BYTES * 8 * BLOCK_ALIGNMENT;
/** Every 8th region has a PMap page behind its AMap page. [MS-PST] 2.2.2.7.3. */
export const PMAP_EVERY = 8;
/** The first FMap page belongs to region 128 (earlier ones are in header rgbFM), then one every 496. [MS-PST] 2.2.2.7.5. */
export const FIRST_FMAP_REGION = 128;
/** Regions one FMap page describes. [MS-PST] 2.2.2.7.5. */
export const FMAP_EVERY = PAGE_BODY_BYTES;
/** The first FPMap page belongs to region 8192 (earlier ones are in header rgbFP). [MS-PST] 2.2.2.7.6. */
export const FIRST_FPMAP_REGION = 128 * 64;
/** Regions one FPMap page describes: 496 bytes of 64 regions (8 PMaps of 8). [MS-PST] 2.2.2.7.6. */
export const FPMAP_EVERY = PAGE_BODY_BYTES * 64;

/** Page types (ptype). [MS-PST] 2.2.2.7.1. */
export const PAGE_TYPE = { bbt: 0x80, nbt: 0x81, fmap: 0x82, pmap: 0x83, amap: 0x84, fpmap: 0x85, dlist: 0x86 } as const;

/** Most entries in a page or internal block. [MS-PST] 2.2.2.7.7 and 2.2.2.8.3. */
export const MAX_ENTRIES = {
  bbtLeaf: 20,
  nbtLeaf: 15,
  btreeIndex: 20,
  xblock: 1021,
  slblock: 340,
  siblock: 510,
} as const;

/** Heap items are at most this long; longer values go to a subnode. [MS-PST] 2.3.1.1. */
export const MAX_HEAP_ITEM_BYTES = 3580;
