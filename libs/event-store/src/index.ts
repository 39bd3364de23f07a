export * from './event-store.js';
export { keptInMemory, type KeptStates } from './kept-states.js';
export { readPassControl } from './read-pass-control.js';
export { readParts } from './read-parts.js';
export { startRelay, type EventPublisher, type Relay, type RelayOptions } from './relay.js';
export { memoryEventStore, sqliteEventStore, type SqliteEventStore, type SqliteEventStoreOptions } from './sqlite-event-store.js';
export { isVersionConflict } from './version-conflict.js';
export { streamOf, toReply, type CommandOutcome, type Concerns, type Stream, type StreamKind } from './stream.js';
