import { distributed, runProcess } from '@pstream/platform';
import { gatewayKeys } from './config.js';
import { GatewayModule } from './gateway.module.js';
import { stripeWebhookOf } from './payments/stripe-keys.js';
import { oidcOf } from './sign-in/oidc-keys.js';
import { leaveFirstToken } from './tokens/first-token.js';

await runProcess({
  name: 'gateway',
  keys: gatewayKeys,
  open: distributed,
  modules: (config) => [
    GatewayModule.with({
      tokensDir: config.tokensDir,
      hosts: config.hosts,
      pricesUrl: config.pricesUrl,
      oidc: oidcOf(config),
      stripeWebhookSecret: stripeWebhookOf(config),
    }),
  ],
  door: ({ host, port }) => ({ host, port }),
  prepare: async (config, system) => {
    // Refused before anything is made.
    oidcOf(config);
    stripeWebhookOf(config);
    await leaveFirstToken(config.tokensDir, system);
  },
});
