export * from './blob-store.js';
export * from './part-store.js';
