export * from './decider.js';
export * from './fake-clock.js';
export * from './recorded.js';
export * from './servers/child.js';
export * from './servers/mongo.js';
export * from './shared-dir.js';
export * from './temp-dir.js';
export * from './wait-for.js';
