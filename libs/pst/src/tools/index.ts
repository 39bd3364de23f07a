// `@pstream/pst/tools`: what `pstream pst` prints, as data.
export type { PrintableProperty } from './print-property.js';
export { pstCat, type PrintableItem } from './pst-cat.js';
export { pstImportCheck } from './import-check.js';
export { pstDiff } from './pst-diff.js';
export { pstInfo } from './pst-info.js';
export { pstList, type PstEntry } from './pst-list.js';
