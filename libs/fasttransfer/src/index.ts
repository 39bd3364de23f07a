export { decodeBase64 } from './base64.js';
export { DOUBTS, doubts, everyWarning, isSmallerThanListed, type Doubt, type Listing } from './doubts.js';
export { encodeExportStream, type EncodeOptions } from './encoder.js';
export type { Condition } from './faults.js';
export { decodeExportStream, ExportStreamParser, type DecodeOptions } from './parser.js';
