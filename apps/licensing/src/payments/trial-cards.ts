import type { Payments } from './payments.js';

/** A provider that says yes and moves no money, for the demo and for trials. Its receipts say so. */
export const trialCards: Payments = {
  isImmediate: true,
  open: ({ orderId }) => Promise.resolve({ is: 'paid', reference: `trial-${orderId}`, paid: null }),
  look: () => Promise.resolve({ is: 'closed', code: 'payment.unknown' }),
  close: () => Promise.resolve({ is: 'closed', code: 'payment.unknown' }),
  refund: ({ orderId }) => Promise.resolve({ is: 'refunded', reference: `trial-refund-${orderId}` }),
  addressOf: () => Promise.resolve(undefined),
};
