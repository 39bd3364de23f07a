export * from './transport.js';
export { embeddedTransport, type EmbeddedTransportOptions } from './embedded/embedded-transport.js';
export type { LogFile, LogFiles } from './embedded/files.js';
