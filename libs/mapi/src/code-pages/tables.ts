import iconv from 'iconv-lite';
import { ASCII, ICONV, ISO_BY_WINDOWS, LATIN_1, MULTI_BYTE, PLATFORM } from './pages.js';

/** No character: outside every table, since a lone surrogate never appears in one. */
export const NONE = 0xdfff;

const REPLACEMENT = 0xfffd;
const tables = new Map<number, Uint16Array>();

/** UTF-16 unit of each byte of a single-byte page, NONE where it has no character; undefined if the page is none of those. Built once per page. */
export const tableOf = (page: number): Uint16Array | undefined => {
  const made = tables.get(page) ?? makeTable(page);
  if (made !== undefined) tables.set(page, made);
  return made;
};

const makeTable = (page: number): Uint16Array | undefined => {
  const characterOf = upperHalf(page);
  if (characterOf === undefined) return undefined;
  // ASCII holds in every page: 864 has another percent sign by the letter, and nobody writes it so.
  return Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : characterOf(byte)));
};

/** The unit of a byte of 0x80 and above. */
const upperHalf = (page: number): ((byte: number) => number) | undefined => {
  if (page === ASCII) return () => NONE;
  if (page === LATIN_1) return (byte) => byte;
  const name = ICONV.get(page);
  if (name !== undefined) {
    return (byte) => {
      const unit = iconv.decode(Buffer.of(byte), name).charCodeAt(0);
      return unit === REPLACEMENT ? NONE : unit;
    };
  }
  const label = PLATFORM.get(page);
  if (label === undefined || MULTI_BYTE.has(label)) return undefined;
  const decoder = new TextDecoder(label, { fatal: true });
  return (byte) => {
    if (ISO_BY_WINDOWS.has(page) && byte < 0xa0) return byte;
    try {
      return decoder.decode(Uint8Array.of(byte)).charCodeAt(0);
    } catch {
      return NONE; // a byte to which the page gives no character
    }
  };
};
