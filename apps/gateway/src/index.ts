export { GatewayModule } from './gateway.module.js';
export type { GatewayOptions } from './options.js';
export { createSignInCode } from './callers/sign-in-codes.js';
export { createFirstToken, discardFirstToken, type TokenPorts } from './tokens/token-store.js';
export { stripeKeys, stripeWebhookOf } from './payments/stripe-keys.js';
export { oidcKeys, oidcOf } from './sign-in/oidc-keys.js';
export { pricesKeys } from './estimate/prices-keys.js';
