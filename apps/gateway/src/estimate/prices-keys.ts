import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** Where the price list of Azure is. */
export const pricesKeys = {
  pricesUrl: {
    env: 'PSTREAM_PRICES_URL',
    schema: z
      .url({ protocol: /^https?$/ })
      .default('https://prices.azure.com')
      .describe('Price list of Azure that `pstream estimate --prices online` reads.'),
  },
} satisfies ConfigKeys;
