export * from './item.js';
export * from './types.js';
