export * from './corrupt.js';
export * from './file-form.js';
export * from './layout.js';
export * from './structures.js';
