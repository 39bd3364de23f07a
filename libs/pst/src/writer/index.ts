export type { FolderSpec } from './messaging/folders.js';
export type { PartTarget } from './ndb/extents.js';
export { HEADER_EXTENT_BYTES, PstWriter, type ItemReceipt, type PstWriterOptions, type SealReceipt } from './pst-writer.js';
