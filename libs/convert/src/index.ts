// `@pstream/convert`: stores and messages of many forms to PSTs.
export { convert, type ConvertReport, type Loss } from './convert.js';
