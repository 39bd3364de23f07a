import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { ConfigError } from '@pstream/wiring';
import { paymentsOf, type CardOptions } from './payments-of.js';

const keyFile = (text: string, mode = 0o600): string => {
  const path = join(tempDir(), 'stripe.key');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};
const complete = (): CardOptions => ({
  cards: 'stripe',
  prices: { version: '2026-11', currency: 'EUR', unitMinor: 1500 },
  stripeKeyFile: keyFile('sk_test_4eC39Hq\n'),
  stripeReturnUrl: 'https://pstream.example/',
});
const problemsOf = (options: CardOptions): readonly string[] => {
  try {
    paymentsOf(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('the settings of card payments', () => {
  it('choose the provider', () => {
    expect(paymentsOf({ cards: 'none' })).toBeUndefined();
    expect(paymentsOf({ cards: 'trial' })).toMatchObject({ isImmediate: true });
    expect(paymentsOf(complete())).toMatchObject({ isImmediate: false });
    expect(paymentsOf({ ...complete(), stripeKeyFile: keyFile('rk_live_4eC39Hq') })).toMatchObject({ isImmediate: false });
  });

  it('report everything that Stripe lacks at once', () => {
    expect(problemsOf({ cards: 'stripe' })).toEqual([
      'PSTREAM_STRIPE_KEY_FILE: needed with PSTREAM_CARDS=stripe: a file with the secret key of the Stripe account.',
      'PSTREAM_STRIPE_RETURN_URL: needed with PSTREAM_CARDS=stripe, such as https://pstream.example/.',
      'PSTREAM_LICENCE_PRICE: needed with PSTREAM_CARDS=stripe, such as 2026-11 15.00 EUR.',
    ]);
  });

  it.each(['', 'pk_test_4eC39Hq', 'acct_4eC39Hq', 'sk_test_one\nsk_test_two', `sk_test_${'x'.repeat(5_000)}`])(
    'refuse a file that holds something else, without quoting it (%#)',
    (text) => {
      const stripeKeyFile = keyFile(text);
      const problems = problemsOf({ ...complete(), stripeKeyFile });
      expect(problems).toEqual([
        `PSTREAM_STRIPE_KEY_FILE: expected a secret or restricted key of Stripe in ${stripeKeyFile}, which begins with sk_ or rk_, and found something else.`,
      ]);
    },
  );

  it('refuse a file that is not there, or that others may read', () => {
    const missing = join(tempDir(), 'none');
    expect(problemsOf({ ...complete(), stripeKeyFile: missing })).toEqual([
      `PSTREAM_STRIPE_KEY_FILE: ${missing} cannot be read (ENOENT). Name a file with the secret key of the Stripe account.`,
    ]);
    expect(problemsOf({ ...complete(), stripeKeyFile: keyFile('sk_test_4eC39Hq', 0o640) })[0]).toMatch(/others may read .*chmod 600/);
  });
});
