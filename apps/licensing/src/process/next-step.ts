import { assertNever } from '@pstream/kernel';
import type { Order } from '../domain/licence-pool/state.js';

/** What the provider is to be asked next about an order paid by card. */
export type Step = 'open' | 'look' | 'close' | 'refund';

/** The next step of an order; undefined where nothing is left to do. */
export const nextStep = ({ payment, status, checkout }: Order): Step | undefined => {
  if (payment !== 'card') return undefined;
  switch (status) {
    case 'awaiting-payment':
      return checkout === null ? 'open' : 'look';
    case 'cancelling':
      // The provider may have been asked by a process that died before it could record the answer: it says the same again.
      return checkout === null ? 'open' : 'close';
    case 'refunding':
      return 'refund';
    case 'cancelled':
    case 'failed':
    case 'released':
    case 'refund-failed':
    case 'refunded':
      return undefined;
    default:
      return assertNever(status);
  }
};
