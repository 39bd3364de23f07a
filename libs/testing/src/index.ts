export * from './servers/child.js';
