export * from './blob-store.js';
export { DEFAULT_LAYOUT, MAX_EXTENTS } from './extents.js';
export { folderBlobStore, type FolderBlobStoreOptions } from './folder/folder-blob-store.js';
export * from './folder/folder-part-store.js';
export { checkContainerName, checkPartName, foldPartName } from './names.js';
export * from './part-store.js';
