export { compareItemPair, type Compared, type ItemDifference } from './compare-items.js';
export { printProperty, propertyLabel, type PrintableProperty } from './print-property.js';
export { findByPath, printItem, pstCat, type PrintableItem, type PstCat } from './pst-cat.js';
export { pstDiff, type DiffOptions, type PstDiff } from './pst-diff.js';
export { pstInfo, type PstInfo } from './pst-info.js';
export { itemPath, pathNames, pathText, pstList, type ListOptions, type PstEntry } from './pst-list.js';
