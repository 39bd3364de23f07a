// `@pstream/msg`: messages as files, read to MAPI items.
export { isCompoundFile } from './compound-file.js';
export { readMsg, type MsgFile } from './msg.js';
export { isTnef, readTnef } from './tnef/tnef.js';
