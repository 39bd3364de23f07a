export * from './client.js';
export { connectTenant } from './connect.js';
export { isListingFault } from './calls/listing-fault.js';
export { isPlain, PLAIN_LISTING } from './listing/plain.js';
export { ListingProgress } from './listing/progress.js';
export { DEFAULT_LIMITS, MAX_CONCURRENT_PER_MAILBOX } from './limits.js';
export { DEFAULT_BATCH_LIMITS, planBatches, type BatchLimits } from './export/plan-batches.js';
export { PROBE_STEPS, probeMailbox, type ProbeOptions, type ProbeStep } from './probe/probe.js';
