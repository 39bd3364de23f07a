export { GatewayModule } from './gateway.module.js';
export type { GatewayOptions } from './options.js';
export { createFirstToken, discardFirstToken, type TokenPorts } from './tokens/token-store.js';
