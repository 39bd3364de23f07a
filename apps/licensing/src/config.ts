import { cardProviders, currencyDigits, Price } from '@pstream/contracts';
import type { ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** What licences cost, as it is configured. */
export type Prices = Price;

const SAMPLE = 'expected VERSION AMOUNT CURRENCY, such as 2026-11 15.00 EUR';

/** A price list as one line: its version, the price of one licence, and the currency. */
const PriceLine = z.string().transform((text, context): Prices => {
  const [, version = '', whole = '', fraction = '', currency = ''] =
    /^([\w.-]{1,40}) +(\d{1,7})(?:\.(\d{1,2}))? +([A-Z]{3})$/.exec(text.trim()) ?? [];
  const digits = currencyDigits(currency);
  const unitMinor = Number(whole) * 10 ** (digits ?? 0) + Number(fraction.padEnd(digits ?? 0, '0'));
  if (digits === undefined || fraction.length > digits || unitMinor === 0) {
    context.addIssue({ code: 'custom', message: SAMPLE });
    return z.NEVER;
  }
  return { version, currency, unitMinor };
});

/** Keys of the licensing service. */
export const licensingKeys = {
  licences: {
    env: 'PSTREAM_LICENCES',
    schema: z
      .enum(['needed', 'off'])
      .default('needed')
      .describe('Whether Pre-Stage and Full passes need a licence. With `off`, nobody is asked for one, and there is nothing to buy.'),
  },
  cards: {
    env: 'PSTREAM_CARDS',
    schema: z
      .enum(cardProviders)
      .default('none')
      .describe('Card payments: none; trial, which accepts every card and moves no money; or stripe, whose page the buyer pays on.'),
  },
  stripeKeyFile: {
    env: 'PSTREAM_STRIPE_KEY_FILE',
    schema: z
      .string()
      .optional()
      .describe('With PSTREAM_CARDS=stripe: file with the secret key of the Stripe account, readable by its owner only.'),
  },
  stripeReturnUrl: {
    env: 'PSTREAM_STRIPE_RETURN_URL',
    schema: z
      .url({ protocol: /^https?$/, error: 'expected an address such as https://pstream.example/' })
      .optional()
      .describe('With PSTREAM_CARDS=stripe: where buyers go from the payment page, paid or not.'),
  },
  prices: {
    env: 'PSTREAM_LICENCE_PRICE',
    schema: PriceLine.optional().describe(
      'Price of one licence: a name for this price list, the amount and the currency, such as `2026-11 15.00 EUR`. An order keeps the price it was made with. Without it, orders carry no price.',
    ),
  },
} satisfies ConfigKeys;
