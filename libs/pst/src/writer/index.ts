// `@pstream/pst/writer`: items to a PST.
export { AMAP_SPAN } from '../shared/index.js';
export type { FolderSpec } from './messaging/folders.js';
export type { PartTarget } from './ndb/extents.js';
export { HEADER_EXTENT_BYTES, PstWriter, type ItemReceipt, type PstWriterOptions } from './pst-writer.js';
