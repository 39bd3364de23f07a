export * from './file-secret-store.js';
export * from './key-file.js';
export { masterKey, masterKeyFromBase64, type MasterKey, type MasterKeys } from './master-key.js';
export * from './secret.js';
export * from './secret-store.js';
export * from './secret-sweep.js';
