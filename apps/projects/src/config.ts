import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** Keys of the projects service. */
export const projectsKeys = {
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
