export * from './all-pages.js';
export * from './api-error.js';
export * from './at-its-end.js';
export * from './client.js';
export * from './server-events.js';
export { ACCOUNT_SIGN_IN_PATH } from '../addresses.js';
export { ChainCheck, readAuditLine, type ChainReport } from '@pstream/contracts/audit-chain';
export { subscribableKinds, usualKinds } from '@pstream/contracts/notice-kinds';
