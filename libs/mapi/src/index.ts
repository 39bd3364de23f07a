export * from './filetime.js';
export * from './item.js';
export * from './property-sets.js';
export * from './tags.js';
export * from './text.js';
export * from './types.js';
