/** Size of a page and its parts, and of the entries, per form of the file; all in bytes. Derived from the layouts. */
import {
  BBTENTRY,
  BBTENTRY_ANSI,
  BLOCKTRAILER,
  BLOCKTRAILER_4K,
  BLOCKTRAILER_ANSI,
  BTENTRY,
  BTENTRY_ANSI,
  BTPAGE_META,
  BTPAGE_META_4K,
  NBTENTRY,
  NBTENTRY_ANSI,
  PAGETRAILER,
  PAGETRAILER_4K,
  PAGETRAILER_ANSI,
  SIENTRY,
  SIENTRY_ANSI,
  SLENTRY,
  SLENTRY_ANSI,
} from './structures.js';

/** How the three forms of the file differ; everything in bytes unless said otherwise. */
export type FileForm = {
  readonly name: 'unicode' | 'ansi' | 'unicode-4k';
  /** Bytes of a bid or ib. */
  readonly wide: boolean;
  readonly pageBytes: number;
  /** Offset of the page trailer, which is also how many bytes the page checksum covers. */
  readonly pageTrailerAt: number;
  /** Offset of the counts of a B-tree page, which is also how many bytes its entries may take. */
  readonly pageMetaAt: number;
  readonly indexEntryBytes: number;
  readonly blockEntryBytes: number;
  readonly nodeEntryBytes: number;
  /** Blocks start at multiples of this and are multiples of it. */
  readonly blockAlignment: number;
  readonly blockTrailerBytes: number;
  /** Most bytes of data a block holds, as stored. */
  readonly maxBlockBytes: number;
  /** Where the entries of a subnode block start. */
  readonly subnodeEntriesAt: number;
  readonly subnodeEntryBytes: number;
  readonly subnodeIndexBytes: number;
};

const PAGE = 512;
const PAGE_4K = 4096;

/** Outlook 2003 and later: wVer 23 (and 21, 37). [MS-PST] 2.2.2. */
export const UNICODE: FileForm = {
  name: 'unicode',
  wide: true,
  pageBytes: PAGE,
  pageTrailerAt: PAGE - PAGETRAILER.size,
  // four bytes of dwPadding between the counts and the trailer
  pageMetaAt: PAGE - PAGETRAILER.size - BTPAGE_META.size - 4,
  indexEntryBytes: BTENTRY.size,
  blockEntryBytes: BBTENTRY.size,
  nodeEntryBytes: NBTENTRY.size,
  blockAlignment: 64,
  blockTrailerBytes: BLOCKTRAILER.size,
  maxBlockBytes: 8192 - BLOCKTRAILER.size,
  subnodeEntriesAt: 8,
  subnodeEntryBytes: SLENTRY.size,
  subnodeIndexBytes: SIENTRY.size,
};

/** Outlook 97 to 2002: wVer 14 and 15. [MS-PST] 2.2.2. */
export const ANSI: FileForm = {
  name: 'ansi',
  wide: false,
  pageBytes: PAGE,
  pageTrailerAt: PAGE - PAGETRAILER_ANSI.size,
  pageMetaAt: PAGE - PAGETRAILER_ANSI.size - BTPAGE_META.size,
  indexEntryBytes: BTENTRY_ANSI.size,
  blockEntryBytes: BBTENTRY_ANSI.size,
  nodeEntryBytes: NBTENTRY_ANSI.size,
  blockAlignment: 64,
  blockTrailerBytes: BLOCKTRAILER_ANSI.size,
  maxBlockBytes: 8192 - BLOCKTRAILER_ANSI.size,
  subnodeEntriesAt: 4,
  subnodeEntryBytes: SLENTRY_ANSI.size,
  subnodeIndexBytes: SIENTRY_ANSI.size,
};

/** OST files of Outlook 2013 and later: wVer 36. Not in the specification; measured. Blocks may be zlib-compressed. */
export const UNICODE_4K: FileForm = {
  name: 'unicode-4k',
  wide: true,
  pageBytes: PAGE_4K,
  pageTrailerAt: PAGE_4K - PAGETRAILER_4K.size,
  // ten bytes between the six of counts and the trailer
  pageMetaAt: PAGE_4K - PAGETRAILER_4K.size - BTPAGE_META_4K.size - 10,
  indexEntryBytes: BTENTRY.size,
  blockEntryBytes: BBTENTRY.size,
  nodeEntryBytes: NBTENTRY.size,
  blockAlignment: 512,
  blockTrailerBytes: BLOCKTRAILER_4K.size,
  maxBlockBytes: 65536 - BLOCKTRAILER_4K.size,
  subnodeEntriesAt: 8,
  subnodeEntryBytes: SLENTRY.size,
  subnodeIndexBytes: SIENTRY.size,
};

/** Bytes a block of `cb` data bytes takes on disk: data, gap and trailer, rounded up. [MS-PST] 2.2.2.8. */
export const blockBytes = (form: FileForm, cb: number): number =>
  Math.ceil((cb + form.blockTrailerBytes) / form.blockAlignment) * form.blockAlignment;
