/** UTF-16LE, the page of Unicode strings in export streams. */
export const UTF16 = 1200;
/** UTF-16BE. */
export const UTF16_BE = 1201;
/** Western Windows page: every byte has a character, so decoding by it always succeeds and loses nothing. */
export const WINDOWS_1252 = 1252;
export const ASCII = 20127;
export const LATIN_1 = 28591;
export const UTF7 = 65000;
const UTF8 = 65001;
export const JOHAB = 1361;
/** ISO-2022-KR and HZ: seven bits with shifts; the same characters as 949 and 936 in eight. */
export const ISO_2022_KR = 50225;
export const HZ = 52936;
/** ISO-2022-JP, and the two forms of it in which half-width kana have a way of their own. */
export const ISO_2022_JP = [50220, 50221, 50222] as const;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** Pages that the platform decodes: fast, and as browsers do. Labels of the Encoding Standard. [MS-UCODEREF] 2.2.1. */
export const PLATFORM: ReadonlyMap<number, string> = new Map<number, string>([
  [866, 'ibm866'],
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [950, 'big5'],
  [10000, 'macintosh'],
  [10007, 'x-mac-cyrillic'],
  [20866, 'koi8-r'],
  [20932, 'euc-jp'],
  [20936, 'gbk'],
  [21866, 'koi8-u'],
  ...range(1250, 1258).map((page) => [page, `windows-${String(page)}`] as const),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => [28590 + part, `iso-8859-${String(part)}`] as const),
  [28599, 'windows-1254'],
  [28601, 'windows-874'],
  [38598, 'iso-8859-8-i'],
  ...ISO_2022_JP.map((page) => [page, 'iso-2022-jp'] as const),
  [51932, 'euc-jp'],
  [51936, 'gbk'],
  [54936, 'gb18030'],
  [UTF8, 'utf-8'],
  // As it stands in the type of a property, where bit 0x8000 is the mark of a code page.
  [UTF8 & 0x7fff, 'utf-8'],
]);

/** ISO pages that the Encoding Standard answers with a Windows page: bytes 0x80 to 0x9F are control characters here. */
export const ISO_BY_WINDOWS: ReadonlySet<number> = new Set([28599, 28601]);

/** Labels whose characters take more than one byte. */
export const MULTI_BYTE: ReadonlySet<string> = new Set(['shift_jis', 'gbk', 'gb18030', 'big5', 'euc-jp', 'iso-2022-jp', 'utf-8']);

/** Single-byte pages that the platform lacks and iconv-lite has, under its names. */
export const ICONV: ReadonlyMap<number, string> = new Map([
  ...[437, 720, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 869, 1125].map(
    (page) => [page, `cp${String(page)}`] as const,
  ),
  [10006, 'macgreek'],
  [10010, 'macromania'],
  [10021, 'macthai'],
  [10029, 'maccenteuro'],
  [10079, 'maciceland'],
  [10081, 'macturkish'],
  [10082, 'maccroatian'],
]);

/** Korean pages: the platform's euc-kr lacks the 8,822 syllables that 949 has beyond the standard, and reads their bytes as controls. */
export const KOREAN: ReadonlySet<number> = new Set([949, 20949, 51949]);

/** Pages that nobody has a table for, and the page that is nearest: what it decodes is a guess. */
export const STAND_INS: ReadonlyMap<number, number> = new Map([
  [708, 28596], // ASMO 708, of which ISO 8859-6 is the later form
  [10001, 932], // the Macintosh forms of four East Asian pages differ from these in some signs
  [10002, 950],
  [10003, 949],
  [10008, 936],
]);

/** True for a code page that has a decoder of its own here. */
export const isKnownPage = (page: number): boolean =>
  PLATFORM.has(page) ||
  ICONV.has(page) ||
  KOREAN.has(page) ||
  [UTF16, UTF16_BE, ASCII, LATIN_1, JOHAB, UTF7, ISO_2022_KR, HZ].includes(page);

/** True for the two UTF-16 pages, whose strings have an even length. */
export const isUtf16 = (page: number): boolean => page === UTF16 || page === UTF16_BE;
