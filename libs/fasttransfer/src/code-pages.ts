import { utf16 } from '@pstream/mapi';
import { DOS_PAGES } from './dos-pages.js';

/** UTF-16LE, the page of Unicode strings in export streams. */
export const UTF16 = 1200;
/** UTF-16BE. */
export const UTF16_BE = 1201;
/** Western Windows page: every byte has a character, so decoding by it always succeeds and loses nothing. */
export const WINDOWS_1252 = 1252;

/** Labels of the Encoding Standard. Pages that fit into 15 bits only; 65001 comes as 65001 & 0x7fff, since its own bit 15 is the mark. */
const LABELS = new Map<number, string>([
  [866, 'ibm866'],
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [10000, 'macintosh'],
  [10007, 'x-mac-cyrillic'],
  [20866, 'koi8-r'],
  [20932, 'euc-jp'],
  [20936, 'gbk'],
  [21866, 'koi8-u'],
  ...[1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => [page, `windows-${page}`] as const),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => [28590 + part, `iso-8859-${part}`] as const),
  [28599, 'windows-1254'],
  [28601, 'windows-874'],
  [65001, 'utf-8'],
  [65001 & 0x7fff, 'utf-8'],
]);

/** ISO pages that the Encoding Standard answers with a Windows page: bytes 0x80 to 0x9F are control characters here. */
const ISO_BY_WINDOWS = new Set([28599, 28601]);
const MULTI_BYTE = new Set(['shift_jis', 'gbk', 'euc-kr', 'big5', 'euc-jp', 'utf-8']);
const ASCII = 20127;
const LATIN_1 = 28591;
/** Pages that are recognized as such, so that bit 0x1000 is read rightly, but have no table here: their strings take the fallback. */
const WITHOUT_TABLE = new Set([720, 737, 775, 855, 857, 860, 861, 862, 863, 864, 865, 869, 1361]);

/** No character: outside every table since lone surrogates never appear in one. */
const NONE = 0xdfff;

/** True for a code page number that may stand in a property type. */
export const isKnownPage = (page: number): boolean =>
  page === UTF16 ||
  page === UTF16_BE ||
  page === ASCII ||
  page === LATIN_1 ||
  LABELS.has(page) ||
  DOS_PAGES.has(page) ||
  WITHOUT_TABLE.has(page);

/** True for the two UTF-16 pages, whose strings have an even length. */
export const isUtf16 = (page: number): boolean => page === UTF16 || page === UTF16_BE;

/** Decodes `bytes` of a code page into UTF-16LE bytes; undefined if the page has no table here or the bytes do not fit it. */
export const decodePage = (page: number, bytes: Uint8Array): Uint8Array | undefined => {
  if (page === UTF16) return bytes;
  if (page === UTF16_BE) return swapped(bytes);
  const label = LABELS.get(page);
  if (label !== undefined && MULTI_BYTE.has(label)) {
    try {
      return new Uint8Array(utf16(new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes))); // a copy, because utf16 gives a Buffer
    } catch {
      return undefined; // the only reason a fatal decoder throws: bytes that the page does not have
    }
  }
  const table = tableOf(page);
  if (table === undefined) return undefined;
  const out = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const unit = table[bytes[index]!]!;
    if (unit === NONE) return undefined;
    out[index * 2] = unit & 0xff;
    out[index * 2 + 1] = unit >>> 8;
  }
  return out;
};

/** Widens ASCII bytes to UTF-16LE; undefined if one is above 0x7F. Right for every code page that a string may have. */
export const widenAscii = (bytes: Uint8Array): Uint8Array | undefined => {
  const out = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (byte > 0x7f) return undefined;
    out[index * 2] = byte;
  }
  return out;
};

/** Encodes UTF-16LE bytes into a code page; undefined if a character is not in it or the page has no table here. */
export const encodePage = (page: number, text: Uint8Array): Uint8Array | undefined => {
  if (page === UTF16) return text;
  if (page === UTF16_BE) return swapped(text);
  const codes = codesOf(page);
  if (codes === undefined) return undefined;
  const out: number[] = [];
  for (let at = 0; at < text.length; at += 2) {
    const code = codes.get(text[at]! | (text[at + 1]! << 8));
    if (code === undefined) return undefined;
    if (code > 0xff) out.push(code >>> 8);
    out.push(code & 0xff);
  }
  return Uint8Array.from(out);
};

const swapped = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 2) {
    out[at] = bytes[at + 1]!;
    out[at + 1] = bytes[at]!;
  }
  return out;
};

const tables = new Map<number, Uint16Array>();

/** Character of each byte of a single-byte page, or undefined if there is no such table. Built once per page. */
const tableOf = (page: number): Uint16Array | undefined => {
  const made = tables.get(page) ?? makeTable(page);
  if (made !== undefined) tables.set(page, made);
  return made;
};

const makeTable = (page: number): Uint16Array | undefined => {
  if (page === ASCII) return Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : NONE));
  if (page === LATIN_1) return Uint16Array.from({ length: 256 }, (_, byte) => byte);
  const upper = DOS_PAGES.get(page);
  if (upper !== undefined) return Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : upper.charCodeAt(byte - 0x80)));
  const label = LABELS.get(page);
  if (label === undefined || MULTI_BYTE.has(label)) return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    if (byte < 0x80 || (ISO_BY_WINDOWS.has(page) && byte < 0xa0)) return byte;
    try {
      return decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
    } catch {
      return NONE; // a byte to which the page gives no character
    }
  });
};

const reverses = new Map<number, ReadonlyMap<number, number>>();

/** Byte or byte pair (lead in the upper 8 bits) of each character of a page. Built once per page by decoding all of them. */
const codesOf = (page: number): ReadonlyMap<number, number> | undefined => {
  const made = reverses.get(page) ?? makeCodes(page);
  if (made !== undefined) reverses.set(page, made);
  return made;
};

const makeCodes = (page: number): ReadonlyMap<number, number> | undefined => {
  const codes = new Map<number, number>();
  const table = tableOf(page);
  if (table !== undefined) {
    for (let byte = 255; byte >= 0; byte--) if (table[byte] !== NONE) codes.set(table[byte]!, byte);
    return codes;
  }
  const label = LABELS.get(page);
  if (label === undefined || label === 'utf-8') return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  const add = (code: number, bytes: Uint8Array): void => {
    try {
      const text = decoder.decode(bytes);
      if (text.length === 1 && !codes.has(text.charCodeAt(0))) codes.set(text.charCodeAt(0), code);
    } catch {
      // not a character of this page
    }
  };
  for (let byte = 0; byte < 0x100; byte++) add(byte, Uint8Array.of(byte));
  for (let lead = 0x81; lead < 0xff; lead++)
    for (let trail = 0x40; trail < 0xff; trail++) add((lead << 8) | trail, Uint8Array.of(lead, trail));
  return codes;
};
