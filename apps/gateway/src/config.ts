import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';
import { pricesKeys } from './estimate/prices-keys.js';
import { stripeKeys } from './payments/stripe-keys.js';
import { oidcKeys } from './sign-in/oidc-keys.js';

/** Keys of the gateway as a process of its own. */
export const gatewayKeys = {
  host: { env: 'PSTREAM_HOST', schema: z.string().default('127.0.0.1').describe('Address to listen on; loopback by default.') },
  port: {
    env: 'PSTREAM_PORT',
    schema: z.coerce.number().int().min(0).max(65_535).default(4321).describe('Port to listen on; 0 takes any free one.'),
  },
  hosts: {
    env: 'PSTREAM_HOSTS',
    schema: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      )
      .describe('Host names by which clients address the gateway beside the loopback names, a comma between several.'),
  },
  tokensDir: {
    env: 'PSTREAM_TOKENS',
    schema: z
      .string()
      .default('pstream-data/tokens')
      .describe('Directory of the API tokens (hashed); the first one is left there once in the file first-token.'),
  },
  ...pricesKeys,
  ...oidcKeys,
  ...stripeKeys,
} satisfies ConfigKeys;
