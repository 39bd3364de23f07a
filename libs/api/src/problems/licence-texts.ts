import { amount, count, day, type ProblemText } from './problem-text.js';

/** Codes about licences, orders and payments. */
export const LICENCE_TEXTS = {
  'licence.not-applied': {
    title: 'No licence applied',
    detail:
      'Pre-Stage and Full need a User Migration Bundle for this user. Apply one with `pstream licence apply`; Verify, Trial and Retry Errors need none.',
  },
  'licence.expired': {
    title: 'The licence has expired',
    detail: (facts) => `The bundle of this user ended on ${day(facts, 'expiredAt')}. Apply a new one with \`pstream licence apply\`.`,
  },
  'licence.seats-exhausted': {
    title: 'Not enough licences',
    detail: (facts) =>
      `${amount(facts, 'wanted', 'licence')} needed, ${count(facts, 'free')} free. Order more with \`pstream licence buy\`.`,
  },
  'licence.not-enforced': {
    title: 'No licences are needed',
    detail:
      'This installation asks for no licences (PSTREAM_LICENCES is off): start the pass, there is nothing to buy and nothing to apply.',
  },
  'coupon.unknown': { title: 'No such coupon', detail: 'There is no coupon with this code. Check its spelling.' },
  'coupon.withdrawn': { title: 'The coupon is withdrawn', detail: 'Whoever made this coupon has withdrawn it. Order without it.' },
  'coupon.expired': {
    title: 'The coupon has expired',
    detail: (facts) =>
      `This coupon could be used until ${day(facts, 'expiredAt')}. Order without it; a new coupon needs an end in the future.`,
  },
  'coupon.used': {
    title: 'The coupon is used',
    detail: 'Another order of this workgroup has used this coupon, and each counts once. Order without it.',
  },
  'coupon.no-price': {
    title: 'No price to reduce',
    detail: 'A coupon takes something off the price, and none is configured here. Set PSTREAM_LICENCE_PRICE, or order without the coupon.',
  },
  'coupon.other-currency': {
    title: 'The coupon is in another currency',
    detail: 'The amount of this coupon is in another currency than the one that licences are sold in. Order without it.',
  },
  'coupon.code-taken': {
    title: 'Code already in use',
    detail: 'There is or was a coupon with this code. Choose another one: a code is never used again.',
  },
  'order.renewed': {
    title: 'The licences are renewed',
    detail: 'These licences have been prolonged by another order, and a renewal counts as used. Neither of the two orders is refunded.',
  },
  'order.is-a-renewal': {
    title: 'This order is a renewal',
    detail: 'Renew the order whose licences it prolonged; `pstream licence show` has its id.',
  },
  'order.without-licences': {
    title: 'The order has no licences',
    detail: 'Only released licences can be renewed. `pstream licence orders` shows which orders have some.',
  },
  'order.renewal-open': {
    title: 'A renewal is waiting',
    detail: 'There is a renewal of this order that is not paid yet. Pay it, or give it up with `pstream licence cancel`.',
  },
  'order.unknown': { title: 'No such order', detail: 'There is no order with this id. `pstream licence orders` shows them.' },
  'order.purchase-orders-refused': {
    title: 'No purchase orders',
    detail: 'Licences are released when they are paid, never on a promise to pay. Pay by card, or by wire transfer from 100 licences on.',
  },
  'order.wire-below-minimum': {
    title: 'Too few licences for a wire transfer',
    detail: (facts) => `Wire transfers are taken from ${count(facts, 'minimum')} licences on. Order more, or pay by card.`,
  },
  'order.price-changed': {
    title: 'The price has changed',
    detail: 'The price list has changed since the price was shown. Look at `pstream licence prices`, and order again.',
  },
  'order.not-by-wire': {
    title: 'Not paid by wire transfer',
    detail: 'A reference is recorded by hand for wire transfers only; card payments are reported by their provider.',
  },
  'order.paid-otherwise': {
    title: 'Paid with another reference',
    detail:
      'The payment of this order is on record with another reference. Check which order the transfer was for; `pstream licence show` has the reference.',
  },
  'order.paid': {
    title: 'The order is paid',
    detail: 'A paid order cannot be cancelled. Return its money with `pstream licence refund`, as long as none of its licences is applied.',
  },
  'order.not-paid': {
    title: 'The order is not paid',
    detail: 'There is no money to return. An order that waits for its payment is given up with `pstream licence cancel`.',
  },
  'order.closed': {
    title: 'The order is closed',
    detail: 'This order was given up, or its money went back; it cannot be opened again. Place a new one with `pstream licence buy`.',
  },
  'order.licences-applied': {
    title: 'Licences are in use',
    detail: (facts) =>
      `Licences of this order are applied to users already (${count(facts, 'applied')}), and an applied licence is used up. An order is refunded as long as none is.`,
  },
  'order.expired': {
    title: 'The licences have expired',
    detail: (facts) =>
      `The licences of this order ended on ${day(facts, 'expiredAt')}, so they can be neither refunded nor renewed. Buy new ones with \`pstream licence buy\`.`,
  },
  'order.refund-needs-reference': {
    title: 'The reference is missing',
    detail:
      'An order paid by wire is refunded by a transfer back. Make it, and record its reference: `pstream licence refund ORDER --reference REFERENCE --yes`.',
  },
  'payment.no-provider': {
    title: 'Cards are not set up',
    detail: 'This installation has no card payments. Pay by wire transfer and record the payment, or set PSTREAM_CARDS.',
  },
} as const satisfies Readonly<Record<string, ProblemText>>;
