import { TextDecoder } from 'node:util';
import iconv from 'iconv-lite';
import { utf16 } from '../text.js';
import { HZ, ISO_2022_KR, JOHAB, KOREAN, MULTI_BYTE, PLATFORM, UTF16, UTF16_BE, UTF7, WINDOWS_1252 } from './pages.js';
import { johabText } from './johab.js';
import { koreanText, koreanTextAnyway } from './korean.js';
import { eightBitChinese, eightBitKorean, escapedKana } from './shifted.js';
import { NONE, tableOf } from './tables.js';

const REPLACEMENT = 0xfffd;
/** The form of ISO-2022-JP with shifts for kana. */
const SHIFTED_KANA = 50222;

/** Decodes `bytes` of a code page into UTF-16LE bytes; undefined if the page has no table here or the bytes do not fit it. */
export const decodePage = (page: number, bytes: Uint8Array): Uint8Array | undefined => {
  if (page === UTF16) return bytes;
  if (page === UTF16_BE) return swapped(bytes);
  const table = tableOf(page);
  if (table !== undefined) return byTable(table, bytes);
  if (KOREAN.has(page)) return wide(koreanText(bytes));
  switch (page) {
    case JOHAB:
      return wide(johabText(bytes));
    case UTF7:
      return wide(iconv.decode(bytes, 'utf-7'));
    case ISO_2022_KR:
      return converted(949, eightBitKorean(bytes));
    case HZ:
      return converted(936, eightBitChinese(bytes));
    default:
      return byPlatform(page, bytes, true);
  }
};

/** Decodes by a page that `decodePage` knows; what it does not have becomes U+FFFD. */
export const decodeReplacing = (page: number, bytes: Uint8Array): Uint8Array => {
  if (KOREAN.has(page)) return wide(koreanTextAnyway(bytes))!;
  const table = tableOf(page);
  if (table !== undefined) return byTable(table, bytes, REPLACEMENT)!;
  return byPlatform(page, bytes, false) ?? byTable(tableOf(WINDOWS_1252)!, bytes)!;
};

/** Widens ASCII bytes to UTF-16LE; undefined if one is above 0x7F. Right for every page but the seven-bit ones with shifts. */
export const widenAscii = (bytes: Uint8Array): Uint8Array | undefined => {
  const out = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    if (byte > 0x7f) return undefined;
    out[index * 2] = byte;
  }
  return out;
};

/** UTF-16 with the bytes of each unit exchanged. */
export const swapped = (bytes: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 2) {
    out[at] = bytes[at + 1]!;
    out[at + 1] = bytes[at]!;
  }
  return out;
};

const byTable = (table: Uint16Array, bytes: Uint8Array, instead?: number): Uint8Array | undefined => {
  const out = new Uint8Array(bytes.length * 2);
  for (let index = 0; index < bytes.length; index++) {
    let unit = table[bytes[index]!]!;
    if (unit === NONE) {
      if (instead === undefined) return undefined;
      unit = instead;
    }
    out[index * 2] = unit & 0xff;
    out[index * 2 + 1] = unit >>> 8;
  }
  return out;
};

const byPlatform = (page: number, bytes: Uint8Array, fatal: boolean): Uint8Array | undefined => {
  const label = PLATFORM.get(page);
  if (label === undefined || !MULTI_BYTE.has(label)) return undefined;
  const source = page === SHIFTED_KANA ? escapedKana(bytes) : bytes;
  try {
    return wide(decoderOf(label, fatal).decode(source));
  } catch {
    return undefined; // the only reason a fatal decoder throws: bytes that the page does not have
  }
};

const decoders = new Map<string, TextDecoder>();

const decoderOf = (label: string, fatal: boolean): TextDecoder => {
  const key = `${label} ${String(fatal)}`;
  let decoder = decoders.get(key);
  if (decoder === undefined) decoders.set(key, (decoder = new TextDecoder(label, { fatal, ignoreBOM: true })));
  return decoder;
};

const converted = (page: number, bytes: Uint8Array | undefined): Uint8Array | undefined =>
  bytes === undefined ? undefined : decodePage(page, bytes);

/** A copy, because `utf16` gives a Buffer. */
const wide = (text: string | undefined): Uint8Array | undefined => (text === undefined ? undefined : new Uint8Array(utf16(text)));
