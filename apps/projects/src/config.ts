import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

const atOnce = z.coerce.number().int().min(1).max(1024);

/** Keys of the admission: how many mailboxes are worked on at once. */
export const admissionKeys = {
  mailboxes: {
    env: 'PSTREAM_MAILBOXES',
    schema: atOnce
      .default(32)
      .describe('Mailboxes that are worked on at once in all, 1 to 1024; the others are queued. Each takes about 20 MiB of memory.'),
  },
  mailboxesPerTenant: {
    env: 'PSTREAM_MAILBOXES_PER_TENANT',
    schema: atOnce
      .default(16)
      .describe(
        'Mailboxes of one tenant and app that are worked on at once, 1 to 1024. 16 of them use the 64 calls that pstream makes to a tenant at once.',
      ),
  },
  mailboxesPerProject: {
    env: 'PSTREAM_MAILBOXES_PER_PROJECT',
    schema: atOnce.default(16).describe('Mailboxes of one project that are worked on at once, 1 to 1024.'),
  },
} satisfies ConfigKeys;

/** Keys of the projects service. */
export const projectsKeys = {
  ...admissionKeys,
  relay: {
    env: 'PSTREAM_RELAY',
    schema: z
      .enum(['on', 'off'])
      .default('on')
      .describe(
        'Whether this process publishes the events of the whole store: on or off. At least one must; two repeat events, which is harmless.',
      ),
  },
} satisfies ConfigKeys;
