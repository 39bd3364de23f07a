export { handOver, quickWrite, read, write, type Call, type Calls, type HandedOver } from './calls.js';
export { openFile, type DatabaseSpec, type OpenFile } from './database-file.js';
export { inlineStorage } from './inline-storage.js';
export { errcodeOf, isDamage } from './sqlite-faults.js';
export type { Database, Program, Storage, StorageOptions } from './storage.js';
export { threadStorage } from './thread-storage.js';
