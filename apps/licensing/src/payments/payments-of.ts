import { readFileSync, statSync } from 'node:fs';
import { errnoOf } from '@pstream/kernel';
import { ConfigError } from '@pstream/wiring';
import type { Prices } from '../config.js';
import type { Payments } from './payments.js';
import { stripeCards } from './stripe-cards.js';
import { trialCards } from './trial-cards.js';

/** How cards are paid, as it is configured. */
export type CardOptions = {
  /** `trial` accepts every card and moves no money; `none` has no card payments. */
  readonly cards: 'none' | 'trial' | 'stripe';
  readonly prices?: Prices | undefined;
  readonly stripeKeyFile?: string | undefined;
  readonly stripeReturnUrl?: string | undefined;
  /** Where Stripe's API is, for tests. */
  readonly stripeUrl?: string;
};

const STRIPE_URL = 'https://api.stripe.com';
/** Bytes; keys have about a hundred. */
const LARGEST_KEY_FILE = 4_096;

/** The provider that takes cards; undefined without one. Throws ConfigError where the settings of Stripe are not complete. */
export const paymentsOf = ({
  cards,
  prices,
  stripeKeyFile,
  stripeReturnUrl,
  stripeUrl = STRIPE_URL,
}: CardOptions): Payments | undefined => {
  if (cards === 'none') return undefined;
  if (cards === 'trial') return trialCards;
  const key = keyIn(stripeKeyFile);
  const problems = [
    ...('problem' in key ? [key.problem] : []),
    ...(stripeReturnUrl === undefined
      ? ['PSTREAM_STRIPE_RETURN_URL: needed with PSTREAM_CARDS=stripe, such as https://pstream.example/.']
      : []),
    ...(prices === undefined ? ['PSTREAM_LICENCE_PRICE: needed with PSTREAM_CARDS=stripe, such as 2026-11 15.00 EUR.'] : []),
  ];
  if ('problem' in key || stripeReturnUrl === undefined || problems.length > 0) throw new ConfigError(problems);
  return stripeCards({ key: key.value, url: stripeUrl, returnUrl: stripeReturnUrl });
};

/** The key in a file, or the problem with it, which never quotes it. */
const keyIn = (path: string | undefined): { readonly value: string } | { readonly problem: string } => {
  const wrong = (what: string): { readonly problem: string } => ({ problem: `PSTREAM_STRIPE_KEY_FILE: ${what}` });
  if (path === undefined) return wrong('needed with PSTREAM_CARDS=stripe: a file with the secret key of the Stripe account.');
  try {
    const { mode, size } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return wrong(`others may read ${path}. Run chmod 600 on it, and replace the key if others may have read it.`);
    const value = size > LARGEST_KEY_FILE ? '' : readFileSync(path, 'utf8').trim();
    // A publishable key (pk_) may ask for nothing that is needed here.
    if (!/^[rs]k_(?:test|live)_\w+$/.test(value))
      return wrong(`expected a secret or restricted key of Stripe in ${path}, which begins with sk_ or rk_, and found something else.`);
    return { value };
  } catch (error) {
    return wrong(`${path} cannot be read (${errnoOf(error) ?? 'unknown'}). Name a file with the secret key of the Stripe account.`);
  }
};
