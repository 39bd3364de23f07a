export * from './config.js';
export * from './health.js';
export * from './log.js';
export * from './ports.module.js';
export { inRounds, Resident } from './resident.js';
export * from './tokens.js';
export * from './variables.js';
