// `@pstream/pst/reader`: a PST to items.
export { AttachmentHandle } from './attachment-handle.js';
export { openPst, type PstFile, type PstFolder, type PstItem } from './pst-file.js';
export { bufferSource, fileSource, type ByteSource } from './source.js';
export type { Mode } from './strictness.js';
export { HEAD_BYTES, storeHead, type StoreHead } from './store-head.js';
