export * from './crc.js';
export * from './geography.js';
export * from './hash16.js';
export * from './little-endian.js';
export * from './node-ids.js';
export * from './permute.js';
export * from './signature.js';
