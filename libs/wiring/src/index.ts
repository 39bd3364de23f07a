export * from './config.js';
export * from './log.js';
export * from './ports.module.js';
export * from './tokens.js';
