export * from './event-store.js';
export { executeCommand, foldStream, type CommandExecution, type CommandOutcome, type Fold, type Folded } from './handle.js';
export { mongoEventStore, type MongoEventStoreOptions } from './mongo-event-store.js';
export { DURABLE, isDuplicateKey, mongoFaults, requireMajority } from './mongo-faults.js';
export { startRelay, type EventPublisher, type Relay, type RelayOptions } from './relay.js';
export { openLocked, sqliteFaults } from './sqlite-database.js';
export { sqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.js';
