import { join } from 'node:path';
import type { OidcOptions } from './sign-in/oidc-keys.js';

/** What the gateway has to be told. */
export type GatewayOptions = {
  /** Directory of `tokens.json`. */
  readonly tokensDir: string;
  /** Host names, without port, by which the gateway may be addressed beside the loopback names. */
  readonly hosts?: readonly string[];
  /** Version that `/v1/version` tells. */
  readonly version?: string;
  /** Where the bundle of the console is; the one of this workspace or image unless it is named. Without one the API is served alone. */
  readonly consoleDir?: string;
  /** The price list of Azure; the public one unless it is named. */
  readonly pricesUrl?: string;
  /** The provider whose accounts may sign in; without one, only codes sign browsers in. */
  readonly oidc?: OidcOptions | undefined;
  /** Signing secret of Stripe's reports; without one, none is heard. */
  readonly stripeWebhookSecret?: string | undefined;
};

/** Name under which the module hands out its options. */
export const GATEWAY_OPTIONS = Symbol('GatewayOptions');

/** Version told when the options name none. */
export const DEFAULT_VERSION = '0.1.0';

/** Where the console is bundled to, seen from the sources and from the compiled files alike. */
export const CONSOLE_BUNDLE = join(import.meta.dirname, '..', '..', 'console', 'bundle');
