export { DROPPED_PROPERTIES, SCOPE, droppedBecause, type DropReason, type DroppedProperty } from './dropped-properties.js';
export { DropTally, KeptBag, type Oversize } from './bag.js';
export type { BesidePayload } from './beside.js';
export { digestOf, type LeafCrcs } from './digest.js';
export { int32, itemDigest, keepItem } from './keep.js';
export type { KeptAttachment, KeptItem } from './kept-item.js';
export { OVERSIZE_BYTES, storedValue } from './values.js';
