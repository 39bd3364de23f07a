import { WINDOWS_1252 } from '@pstream/mapi/code-pages';

/** The code page of text whose message names none. */
export const DEFAULT_CODE_PAGE = WINDOWS_1252;

/** UTF-16LE bytes as text; a lone byte at the end is dropped. */
export const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % 2)).toString('utf16le');
