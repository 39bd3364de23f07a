export { environment, platformKeys, platformProblems, serviceKeys, type PlatformConfig, type ServiceConfig } from './config.js';
export { destinationConfig, PST_LAYOUT } from './destination.js';
export { openDistributed, type DistributedOptions } from './distributed.js';
export { openEmbedded, type EmbeddedOptions, type EmbeddedPlatform } from './embedded.js';
export type { Platform, SystemPorts } from './platform.js';
export { runService, type Service, type ServiceParts } from './run-service.js';
export { tenantConnection } from './tenant.js';
