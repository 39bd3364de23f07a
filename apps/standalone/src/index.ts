export { standaloneKeys, type StandaloneConfig } from './config.js';
export { startSystem, type System } from './system.js';
