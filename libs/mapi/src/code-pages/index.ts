// `@pstream/mapi/code-pages`: the one place that decodes and encodes text by code page or charset name.
export { decodePage, widenAscii } from './decode.js';
export { encodePage } from './encode.js';
export { findPage } from './find-page.js';
export { decodeAnyway, decodeString8 } from './string8.js';
export { isKnownPage, isUtf16, UTF16, WINDOWS_1252 } from './pages.js';
