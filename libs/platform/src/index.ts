export { destinationConfig, PST_LAYOUT } from './destination.js';
export { openEmbedded, type EmbeddedOptions, type Platform } from './embedded.js';
export { tenantConnection } from './tenant.js';
