export * from './all-pages.js';
export * from './api-error.js';
export * from './client.js';
