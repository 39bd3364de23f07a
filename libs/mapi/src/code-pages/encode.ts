import { isUtf16, KOREAN, MULTI_BYTE, PLATFORM, UTF16 } from './pages.js';
import { koreanText } from './korean.js';
import { swapped } from './decode.js';
import { NONE, tableOf } from './tables.js';

/** Encodes UTF-16LE bytes into a code page; undefined if a character is not in it or the page has no table here. */
export const encodePage = (page: number, text: Uint8Array): Uint8Array | undefined => {
  if (isUtf16(page)) return page === UTF16 ? text : swapped(text);
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

const reverses = new Map<number, ReadonlyMap<number, number>>();

/** Byte or byte pair (lead in the upper 8 bits) of each character of a page. Built once per page by decoding all of them. */
const codesOf = (page: number): ReadonlyMap<number, number> | undefined => {
  const made = reverses.get(page) ?? makeCodes(page);
  if (made !== undefined) reverses.set(page, made);
  return made;
};

/** Pages whose characters are one or two bytes, whatever came before. */
const PAIRS: ReadonlySet<string> = new Set([...MULTI_BYTE].filter((label) => !['utf-8', 'iso-2022-jp', 'gb18030'].includes(label)));

const makeCodes = (page: number): ReadonlyMap<number, number> | undefined => {
  const codes = new Map<number, number>();
  const table = tableOf(page);
  if (table !== undefined) {
    for (let byte = 255; byte >= 0; byte--) if (table[byte] !== NONE) codes.set(table[byte]!, byte);
    return codes;
  }
  const decode = pairDecoder(page);
  if (decode === undefined) return undefined;
  const add = (code: number, bytes: Uint8Array): void => {
    const text = decode(bytes);
    if (text?.length === 1 && !codes.has(text.charCodeAt(0))) codes.set(text.charCodeAt(0), code);
  };
  for (let byte = 0; byte < 0x100; byte++) add(byte, Uint8Array.of(byte));
  for (let lead = 0x81; lead < 0xff; lead++)
    for (let trail = 0x40; trail < 0xff; trail++) add((lead << 8) | trail, Uint8Array.of(lead, trail));
  return codes;
};

/** Decodes one character of a page of pairs; undefined where the bytes are none. */
const pairDecoder = (page: number): ((bytes: Uint8Array) => string | undefined) | undefined => {
  if (KOREAN.has(page)) return koreanText;
  const label = PLATFORM.get(page);
  if (label === undefined || !PAIRS.has(label)) return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return undefined; // no character of this page
    }
  };
};
