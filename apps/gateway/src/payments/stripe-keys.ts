import { ConfigError, type ConfigKeys, type ConfigOf } from '@pstream/wiring';
import { z } from 'zod';
import { secretIn } from '../sign-in/oidc-keys.js';

/** Keys of reports from Stripe; they belong to the gateway, which Stripe calls. */
export const stripeKeys = {
  stripeWebhookSecretFile: {
    env: 'PSTREAM_STRIPE_WEBHOOK_SECRET_FILE',
    schema: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File with the signing secret of a Stripe webhook, readable by its owner only. With it, Stripe may report payments to /webhooks/stripe; without it, payments are found by asking.',
      ),
  },
} satisfies ConfigKeys;

/** The signing secret of Stripe's reports; undefined where none is configured. Throws ConfigError, which never quotes the file. */
export const stripeWebhookOf = ({ stripeWebhookSecretFile }: ConfigOf<typeof stripeKeys>): string | undefined => {
  if (stripeWebhookSecretFile === undefined) return undefined;
  const read = secretIn(stripeWebhookSecretFile, 'PSTREAM_STRIPE_WEBHOOK_SECRET_FILE', 'signing secret');
  if ('problem' in read) throw new ConfigError([read.problem]);
  if (!/^whsec_\w+$/.test(read.secret))
    throw new ConfigError([
      `PSTREAM_STRIPE_WEBHOOK_SECRET_FILE: expected a signing secret in ${stripeWebhookSecretFile}, which begins with whsec_, and found something else.`,
    ]);
  return read.secret;
};
