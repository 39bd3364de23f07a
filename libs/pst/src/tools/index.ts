// `@pstream/pst/tools`: what `pstream pst` prints, as data.
export type { ItemDifference } from './compare-items.js';
export type { PrintableProperty } from './print-property.js';
export { pstCat, type PrintableItem, type PstCat } from './pst-cat.js';
export { pstDiff, type DiffOptions, type PstDiff } from './pst-diff.js';
export { pstInfo, type PstInfo } from './pst-info.js';
export { pstList, type ListOptions, type PstEntry } from './pst-list.js';
