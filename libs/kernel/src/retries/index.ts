export * from './backoff.js';
export * from './retry-after.js';
export * from './retry-budget.js';
export * from './semaphore.js';
export * from './until-aborted.js';
export * from './with-retries.js';
