import { err, ok, type Rejection, type Result } from '@pstream/kernel';

/** Charges cards. A charge with an idempotency key that was seen before is the same charge. */
export interface Payments {
  /** The provider's receipt, or why nothing was charged. */
  charge(order: {
    readonly orderId: string;
    readonly quantity: number;
    readonly idempotencyKey: string;
  }): Promise<Result<string, Rejection>>;
}

/** No provider: licences are bought by wire transfer and released when the payment is recorded. */
export const noCards: Payments = { charge: () => Promise.resolve(err({ code: 'payment.no-provider', facts: {} })) };

/** A provider that says yes and moves no money, for the demo and for trials. Its receipts say so. */
export const trialCards: Payments = { charge: ({ orderId }) => Promise.resolve(ok(`trial-${orderId}`)) };
