import type { PaymentMethod } from '@pstream/contracts';

/** An order and what is left of it. `expiresAt` is known once its licences are released. */
export type Order = {
  readonly quantity: number;
  readonly payment: PaymentMethod;
  readonly status: 'awaiting-payment' | 'paid' | 'released';
  readonly left: number;
  readonly expiresAt: string | null;
};

/** Licences of one workgroup. `bundles` says until when each user's bundle is valid, by `bundleKey`; a bundle can't move and can't be applied
 *  again while it is valid. The maps belong to the fold that made them. */
export type LicencePool = { readonly orders: Map<string, Order>; readonly bundles: Map<string, string> };

export const emptyPool = (): LicencePool => ({ orders: new Map(), bundles: new Map() });

/** Bundles hang on the user of a customer, not on a project. */
export const bundleKey = (customerId: string, user: string): string => `${customerId}/${user.trim().toLowerCase()}`;
