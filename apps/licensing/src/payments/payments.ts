import type { Money } from '@pstream/contracts';

/** What a provider is to be paid for. It is on record before the provider is called, and its id is the idempotency key of every call. */
export type PayableOrder = {
  readonly workgroupId: string;
  readonly orderId: string;
  readonly quantity: number;
  readonly due: Money | null;
};

/** What the provider says of a payment. `paid` is what came; null where it moves no money. */
export type PaymentState =
  /** The buyer has not paid yet. */
  | { readonly is: 'open'; readonly checkout: string }
  | { readonly is: 'paid'; readonly reference: string; readonly paid: Money | null }
  /** Nothing was paid and nothing will be. */
  | { readonly is: 'closed'; readonly code: string };

/** What the provider says of a refund. */
export type RefundState =
  | { readonly is: 'refunded'; readonly reference: string }
  | { readonly is: 'pending' }
  | { readonly is: 'failed'; readonly code: string };

/** A refund of all that was paid; `attempt` counts from 1 and tells a new try from a repeat. */
export type Refund = { readonly orderId: string; readonly reference: string; readonly attempt: number };

/** Takes card payments and returns them. Every call may come again, after a crash as well, and does nothing twice then.
 *  Faults 'payment.unavailable' (retry): the provider did not answer, and what it did is not known; 'payment.unknown' (retry): the payment was
 *  begun elsewhere, and there may be money. */
export interface Payments {
  /** Whether a payment is made within the call of `open`: then nobody waits for it elsewhere. */
  readonly isImmediate: boolean;
  /** Asks for the payment of an order, or says how far it is. */
  open(order: PayableOrder): Promise<PaymentState>;
  /** How far a payment is that was asked for. */
  look(checkout: string): Promise<PaymentState>;
  /** Ends what was asked for, so that nothing can be paid any more; `paid` if that was too late. */
  close(checkout: string): Promise<PaymentState>;
  refund(refund: Refund): Promise<RefundState>;
  /** Where the buyer pays; undefined once nothing can be paid there. */
  addressOf(checkout: string): Promise<string | undefined>;
}
