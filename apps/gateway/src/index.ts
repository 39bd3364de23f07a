export { GatewayModule } from './gateway.module.js';
export type { GatewayOptions } from './options.js';
export { createFirstToken, type TokenPorts } from './tokens/token-store.js';
