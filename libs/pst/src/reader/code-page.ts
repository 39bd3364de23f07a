import { TextDecoder } from 'node:util';

/** Windows code page numbers to encoding labels of the platform. [MS-UCODEREF] 2.2.1. */
const LABELS = new Map<number, string>([
  [437, 'windows-1252'],
  [850, 'windows-1252'],
  [866, 'ibm866'],
  [874, 'windows-874'],
  [932, 'shift_jis'],
  [936, 'gbk'],
  [949, 'euc-kr'],
  [950, 'big5'],
  [1200, 'utf-16le'],
  [10000, 'macintosh'],
  [10007, 'x-mac-cyrillic'],
  [20127, 'windows-1252'],
  [20866, 'koi8-r'],
  [20932, 'euc-jp'],
  [20936, 'gbk'],
  [20949, 'euc-kr'],
  [21866, 'koi8-u'],
  [28591, 'windows-1252'],
  [38598, 'iso-8859-8-i'],
  [50220, 'iso-2022-jp'],
  [50221, 'iso-2022-jp'],
  [50222, 'iso-2022-jp'],
  [51932, 'euc-jp'],
  [51936, 'gbk'],
  [51949, 'euc-kr'],
  [52936, 'gbk'],
  [54936, 'gb18030'],
  [65001, 'utf-8'],
  ...Array.from({ length: 9 }, (_, i): [number, string] => [1250 + i, `windows-${1250 + i}`]),
  ...[2, 3, 4, 5, 6, 7, 8, 13, 15].map((part): [number, string] => [28590 + part, `iso-8859-${part}`]),
  [28599, 'windows-1254'],
]);

/** The code page of text whose message names none. */
export const DEFAULT_CODE_PAGE = 1252;

const decoders = new Map<string, TextDecoder>();

/** String8 bytes as UTF-16LE bytes. Unknown code pages are read as 1252; undecodable bytes become U+FFFD. */
export const toUtf16 = (bytes: Uint8Array, codePage: number): Uint8Array => {
  const label = LABELS.get(codePage) ?? 'windows-1252';
  let decoder = decoders.get(label);
  if (decoder === undefined) decoders.set(label, (decoder = new TextDecoder(label, { ignoreBOM: true })));
  const text = Buffer.from(decoder.decode(bytes), 'utf16le');
  return new Uint8Array(text.buffer, text.byteOffset, text.byteLength);
};

/** UTF-16LE bytes as text; a lone byte at the end is dropped. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % 2)).toString('utf16le');
