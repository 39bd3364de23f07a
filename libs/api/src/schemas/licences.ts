import {
  BUNDLE_MONTHS,
  cardProviders,
  countField,
  CouponView,
  COVERED_PROJECT_TYPES,
  field,
  LicencesView,
  OrderView,
  textField,
  WIRE_MINIMUM,
} from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';

// What the operations on licences answer.

export const Licences = named('Licences', LicencesView);
export type Licences = z.infer<typeof Licences>;

export const Order = named('Order', OrderView);
export type Order = z.infer<typeof Order>;

export const ShownOrder = named(
  'ShownOrder',
  OrderView.extend({
    checkoutUrl: field(
      z.string().nullable(),
      'Page where the buyer pays a card order that is `awaiting-payment`, for callers who may buy licences. Null when there is nothing to pay, and until the provider has answered: ask again then. Whoever has the address can pay there.',
      null,
    ),
  }),
);
export type ShownOrder = z.infer<typeof ShownOrder>;

export const Coupon = named('Coupon', CouponView);
export type Coupon = z.infer<typeof Coupon>;
export const Coupons = page('Coupons', Coupon, 'Coupons');

export const Prices = named(
  'Prices',
  z.object({
    enforced: field(z.boolean(), 'Whether Pre-Stage and Full passes need a licence here; where not, there is nothing to buy.', true),
    price: z
      .object({
        version: textField('Version of the price list; `priceVersion` of an order takes it.', '2026-11'),
        currency: textField('Currency, ISO 4217.', 'EUR'),
        unitMinor: countField('Price of one licence in minor units, such as cents.', 1500),
      })
      .nullable()
      .meta({ description: 'Null where no price is configured.' }),
    cards: field(
      z.enum(cardProviders),
      '`none` takes no cards; `trial` accepts every card and moves no money; `stripe` has its own payment page.',
      'trial',
    ),
    wireMinimum: field(z.int(), 'Wire transfers are taken from this many licences on.', WIRE_MINIMUM),
    months: field(z.int(), 'A licence ends this many months after its purchase.', BUNDLE_MONTHS),
    covers: field(z.array(z.enum(COVERED_PROJECT_TYPES)), 'Kinds of projects that one licence of a user covers.', [
      ...COVERED_PROJECT_TYPES,
    ]),
  }),
);
export type Prices = z.infer<typeof Prices>;

export const Considerations = named(
  'Considerations',
  z.object({
    items: z
      .array(
        z.object({
          title: textField('What it is about.', 'One licence per user'),
          text: textField('What to know before buying.', 'A licence is applied to one user and cannot be moved to another.'),
        }),
      )
      .meta({ description: 'In the order in which they are best read.' }),
  }),
);
export type Considerations = z.infer<typeof Considerations>;

/** What a buyer should know, before any money is taken. */
export const CONSIDERATIONS: Considerations['items'] = [
  {
    title: 'One licence per user',
    text: 'A licence (User Migration Bundle) is applied by hand to a user of a customer. It is used up then and cannot be moved to another user.',
  },
  {
    title: 'What needs one',
    text: 'Pre-Stage and Full passes need a licence. Verify, Trial and Retry Errors are always free.',
  },
  {
    title: 'What it covers',
    text: 'All passes of the user, without a limit on data: mailbox, in-place archive, document and personal-archive projects. It stays with the user when a project is removed.',
  },
  {
    title: 'When it ends',
    text: `Licences end ${BUNDLE_MONTHS} months after their purchase, whether they are applied or not. Until then they can be renewed for as long again. A mailbox exported before that stays exported.`,
  },
  {
    title: 'How to pay',
    text: `Cards are charged at once, or as soon as you have paid on the payment page of the order. Wire transfers are taken from ${WIRE_MINIMUM} licences on, and the licences are released when the money has come. Purchase orders are not taken.`,
  },
  {
    title: 'Changing your mind',
    text: 'An order can be cancelled until it is paid, and refunded until the first of its licences is applied.',
  },
];
