import { utf16Text } from '@pstream/mapi';
import { decodeAnyway, decodePage, decodeString8, findPage, isUtf16, WINDOWS_1252 } from '@pstream/mapi/code-pages';

/** Text of bytes. `isGuess`: nothing that was stated explains them all. */
export type PartText = { readonly text: string; readonly isGuess: boolean };

/** The text of bytes in `charset`. Without one: in the page that an HTML text names itself, else UTF-8 if the bytes are that, else 1252. A charset
 *  that the bytes contradict, or that nobody has, is no reason for U+FFFD where another one explains them. */
export const textOfPart = (bytes: Uint8Array, charset: string | undefined, isHtml = false): PartText => {
  const named = charset ?? (isHtml ? metaCharset(bytes) : undefined);
  const page = named === undefined ? undefined : findPage(named)?.page;
  if (page !== undefined) {
    const found = byPage(page, bytes);
    if (found !== undefined) return { text: found, isGuess: false };
  }
  const utf8 = exact(UTF8, bytes);
  if (utf8 !== undefined) return { text: utf8, isGuess: named !== undefined && (page !== undefined || !isAscii(bytes)) };
  // Most of it may be what it claims to be: then only the broken places are lost.
  if (page !== undefined && page !== WINDOWS_1252) {
    const mostly = utf16Text(decodeAnyway(page, bytes));
    if (count(mostly, /\uFFFD/g) <= count(mostly, /[^\0-\x7f\uFFFD]/g)) return { text: mostly, isGuess: true };
  }
  return { text: exact(WINDOWS_1252, bytes)!, isGuess: true };
};

const UTF8 = 65001;

const byPage = (page: number, bytes: Uint8Array): string | undefined => {
  if (isUtf16(page)) return exact(page, bytes);
  const { text, isGuess, page: by } = decodeString8(bytes, [page]);
  // Text that calls itself ASCII and is not: what it is, has to be seen.
  return isGuess || (page === ASCII && by !== ASCII) ? undefined : utf16Text(text);
};

const ASCII = 20127;

const exact = (page: number, bytes: Uint8Array): string | undefined => {
  const text = decodePage(page, bytes);
  return text === undefined ? undefined : utf16Text(text);
};

const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);
const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

/** Bytes in which browsers look for a page's own word about its characters; rounded up. */
const HEAD = 4_096;

const metaCharset = (bytes: Uint8Array): string | undefined => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEAD)).toString('latin1');
  return /<meta\b[^>]*?\bcharset\s*=\s*["']?([^"'\s/>;]+)/i.exec(head)?.[1];
};
