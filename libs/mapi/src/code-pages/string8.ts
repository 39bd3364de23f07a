import { decodePage, decodeReplacing, widenAscii } from './decode.js';
import { findPage } from './find-page.js';
import { ASCII, HZ, ISO_2022_JP, ISO_2022_KR, isUtf16, UTF7, WINDOWS_1252 } from './pages.js';

/** Text of a PtypString8 with the page that explained it. `isGuess`: no page that was stated did. */
export type String8 = { readonly text: Uint8Array; readonly page: number; readonly isGuess: boolean };

/** Decodes a PtypString8, which names no page, by the pages that its message states, the first that explains it (UTF-16LE bytes). A message may state
 *  an internet code page, the one of its MIME: Windows programs write their 8-bit properties in the Windows page of the same script. So a
 *  seven-bit page explains only what has its shifts, and an ISO page only what has no bytes of its Windows page. Where no stated page fits,
 *  1252, which keeps every byte. */
export const decodeString8 = (bytes: Uint8Array, stated: readonly (number | undefined)[]): String8 => {
  const ascii = widenAscii(bytes);
  // Shifts that no stated page reads: the text is something else than what stands there.
  if (ascii !== undefined)
    return shifted(bytes, stated) ?? { text: ascii, page: ASCII, isGuess: bytes.some((byte) => byte === ESC || byte === SO) };
  for (const page of stated) {
    const found = page === undefined || isUtf16(page) ? undefined : explained(page, bytes);
    if (found !== undefined) return found;
  }
  return { text: decodePage(WINDOWS_1252, bytes)!, page: WINDOWS_1252, isGuess: true };
};

/** Decodes text of whatever page into UTF-16LE bytes, as `decodeString8` does; what the page does not have becomes U+FFFD. */
export const decodeAnyway = (page: number, bytes: Uint8Array): Uint8Array => {
  if (isUtf16(page)) return decodePage(page, bytes)!;
  const { text, isGuess } = decodeString8(bytes, [page]);
  const found = isGuess ? findPage(page) : undefined;
  return found === undefined ? text : (decodePage(found.page, bytes) ?? decodeReplacing(found.page, bytes));
};

const ESC = 0x1b;
const SO = 0x0e;

/** Pages whose characters are written in seven bits. */
const SEVEN_BIT: ReadonlySet<number> = new Set([...ISO_2022_JP, ISO_2022_KR, HZ, UTF7]);

const shifted = (bytes: Uint8Array, stated: readonly (number | undefined)[]): String8 | undefined => {
  for (const page of stated) {
    const text = page !== undefined && SEVEN_BIT.has(page) ? decodePage(page, bytes) : undefined;
    if (text?.some((byte, at) => (at % 2 === 0 ? byte > 0x7f : byte !== 0)) === true) return { text, page: page!, isGuess: false };
  }
  return undefined;
};

const explained = (page: number, bytes: Uint8Array): String8 | undefined => {
  const found = findPage(page);
  const own = found === undefined ? undefined : decodePage(found.page, bytes);
  const family = FAMILY.get(page);
  const isOwn = own !== undefined && (family === undefined || !hasControls(own));
  if (isOwn) return { text: own, page: found!.page, isGuess: found!.isGuess };
  const windows = family === undefined ? undefined : decodePage(family, bytes);
  if (windows !== undefined) return { text: windows, page: family!, isGuess: false };
  return own === undefined ? undefined : { text: own, page: found!.page, isGuess: found!.isGuess };
};

/** U+0080 to U+009F: an ISO page has controls there that no text contains, a Windows page has letters and quotes. */
const hasControls = (text: Uint8Array): boolean => text.some((byte, at) => at % 2 === 1 && byte === 0 && (text[at - 1]! & 0xe0) === 0x80);

/** The Windows page of the same script. [MS-UCODEREF] 2.2.1. */
const FAMILY: ReadonlyMap<number, number> = new Map([
  ...[...ISO_2022_JP, 20932, 51932].map((page) => [page, 932] as const),
  ...[ISO_2022_KR, 20949, 51949].map((page) => [page, 949] as const),
  ...[HZ, 20936, 51936].map((page) => [page, 936] as const),
  [ASCII, WINDOWS_1252],
  [28591, WINDOWS_1252],
  [28592, 1250],
  [28593, 1254],
  [28594, 1257],
  [28595, 1251],
  [28596, 1256],
  [28597, 1253],
  [28598, 1255],
  [38598, 1255],
  [28599, 1254],
  [28600, 1257],
  [28601, 874],
  [28603, 1257],
  [28604, WINDOWS_1252],
  [28605, WINDOWS_1252],
  [28606, 1250],
  [20866, 1251],
  [21866, 1251],
]);
