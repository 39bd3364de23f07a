import { extractorKeys } from '@pstream/extractor';
import { oidcKeys, pricesKeys, stripeKeys } from '@pstream/gateway';
import { licensingKeys } from '@pstream/licensing';
import { notifierKeys } from '@pstream/notifier';
import { embeddedKeys } from '@pstream/platform';
import { admissionKeys } from '@pstream/projects';
import { builderKeys } from '@pstream/pst-builder';
import type { ConfigKeys, ConfigOf } from '@pstream/wiring';
import { z } from 'zod';

/** Keys of the services that run in one process. */
export const systemKeys = {
  host: { env: 'PSTREAM_HOST', schema: z.string().default('127.0.0.1').describe('Address to listen on; loopback by default.') },
  port: {
    env: 'PSTREAM_PORT',
    schema: z.coerce.number().int().min(0).max(65_535).default(4321).describe('Port to listen on; 0 takes any free one.'),
  },
  ...licensingKeys,
  ...notifierKeys,
  ...pricesKeys,
  ...oidcKeys,
  ...stripeKeys,
  ...admissionKeys,
  ...extractorKeys,
  ...builderKeys,
} satisfies ConfigKeys;

/** Keys of the embedded system: those of its adapters and of its services. */
export const standaloneKeys = { ...embeddedKeys, ...systemKeys };

export type StandaloneConfig = ConfigOf<typeof standaloneKeys>;
