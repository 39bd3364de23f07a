// `@pstream/pst/reader`: a PST to items.
export { AttachmentHandle } from './attachment-handle.js';
export type { Header } from './header.js';
export type { ItemOptions } from './message.js';
export type { NameMap } from './names.js';
export { openPst, type OpenOptions, type PstFile, type PstFolder, type PstItem } from './pst-file.js';
export { bufferSource, fileSource, type ByteSource } from './source.js';
export type { Mode } from './strictness.js';
