export { toMapiItem } from './convert.js';
export { extendedIds } from './extended.js';
export { notOffered } from './faults.js';
export { fallbackKind, type FallbackKind } from './kinds.js';
export { isExpunged, mailItem } from './mail-item.js';
export type { JsonObject, PlainItem } from './plain-item.js';
