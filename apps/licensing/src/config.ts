import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** Keys of the licensing service. */
export const licensingKeys = {
  cards: {
    env: 'PSTREAM_CARDS',
    schema: z
      .enum(['none', 'trial'])
      .default('none')
      .describe('Card payments: none, or trial, which accepts every card and moves no money.'),
  },
} satisfies ConfigKeys;
