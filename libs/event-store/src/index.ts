export * from './event-store.js';
export { keptInMemory, type Folded, type KeptState, type KeptStates } from './kept-states.js';
export { mongoEventStore, type MongoEventStoreOptions } from './mongo-event-store.js';
export { DURABLE, isDuplicateKey, mongoFaults, requireMajority } from './mongo-faults.js';
export { startRelay, type EventPublisher, type Relay, type RelayOptions } from './relay.js';
export { openLocked, sqliteFaults } from './sqlite-database.js';
export { streamOf, toReply, type CommandOutcome, type FactsToAppend, type Stream, type StreamKind } from './stream.js';
export { sqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.js';
