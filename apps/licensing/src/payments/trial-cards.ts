import { Fault } from '@pstream/kernel';
import type { Payments } from './payments.js';

/** A provider that says yes and moves no money, for the demo and for trials. Its receipts say so. What was begun or paid with another provider
 *  stays as it is: there may be money. */
export const trialCards: Payments = {
  isImmediate: true,
  open: ({ orderId }) => Promise.resolve({ is: 'paid', reference: receiptOf(orderId), paid: null }),
  look: (checkout) => Promise.reject(notOurs(checkout)),
  close: (checkout) => Promise.reject(notOurs(checkout)),
  refund: ({ orderId, reference }) =>
    Promise.resolve(
      reference === receiptOf(orderId)
        ? { is: 'refunded', reference: `trial-refund-${orderId}` }
        : { is: 'failed', code: 'payment.refund-refused' },
    ),
  addressOf: () => Promise.resolve(undefined),
};

const receiptOf = (orderId: string): string => `trial-${orderId}`;

const notOurs = (checkout: string): Fault =>
  new Fault('payment.unknown', {
    retry: { afterMs: 60_000 },
    facts: { checkout },
    advice: 'This payment was begun with another provider. Set PSTREAM_CARDS to that one again.',
  });
