// `@pstream/storage/files`: small files for their owner alone.
export { isLeftover, privateFolder, readPrivate, removePrivate, writePrivate } from './private-files.js';
