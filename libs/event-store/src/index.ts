export * from './event-store.js';
export { sqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.js';
