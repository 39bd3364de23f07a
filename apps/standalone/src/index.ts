export { standaloneKeys, type StandaloneConfig } from './config.js';
export { startSystem, type System, type SystemPorts } from './system.js';
