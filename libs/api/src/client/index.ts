export * from './all-pages.js';
export * from './api-error.js';
export * from './at-its-end.js';
export * from './client.js';
export * from './server-events.js';
