export * from './fidelity/index.js';
export * from './format/index.js';
export * from './reader/index.js';
export * from './shared/index.js';
export * from './tools/index.js';
export * from './verify/index.js';
export * from './writer/index.js';
