// What needs no SDK, for threads that should start quickly: `@pstream/blob/folder`.
export { openFolderParts, type FolderDestination } from '../open-folder-parts.js';
export { checkUploadName, foldPartName } from '../names.js';
