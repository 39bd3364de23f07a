import type { CouponUse, Money, OrderStatus, PaymentMethod, Price } from '@pstream/contracts';

/** An order and what is left of it. */
export type Order = {
  readonly quantity: number;
  readonly payment: PaymentMethod;
  readonly status: OrderStatus;
  /** Licences that may still be applied. */
  readonly left: number;
  /** Known once its licences are released. */
  readonly expiresAt: string | null;
  readonly price: Price | null;
  /** In minor units of the price's currency; null without a price. */
  readonly dueMinor: number | null;
  readonly coupon: CouponUse | null;
  /** The order whose licences it prolongs; null if it buys new ones. */
  readonly renews: string | null;
  /** The provider's id of the payment that the buyer is asked for. */
  readonly checkout: string | null;
  /** Of the payment. */
  readonly reference: string | null;
  /** Refunds that were asked for. */
  readonly refunds: number;
  /** The least number of days left that was warned of; null if nobody was warned yet. */
  readonly warnedDays: number | null;
};

/** A user's bundle: the order that it came from, and until when it is valid. */
export type Bundle = { readonly orderId: string; readonly expiresAt: string };

/** Licences of one workgroup. `bundles` has each user's bundle by `bundleKey`; a bundle can't move and can't be applied
 *  again while it is valid. `coupons` says which order holds each coupon that is used. The maps belong to the fold that made them. */
export type LicencePool = {
  readonly orders: Map<string, Order>;
  readonly bundles: Map<string, Bundle>;
  readonly coupons: Map<string, string>;
};

export const emptyPool = (): LicencePool => ({ orders: new Map(), bundles: new Map(), coupons: new Map() });

/** What is to be paid for an order; null where no price was configured. */
export const dueOf = ({ price, dueMinor }: Order): Money | null =>
  price === null || dueMinor === null ? null : { currency: price.currency, minor: dueMinor };

/** Bundles hang on the user of a customer, not on a project. */
export const bundleKey = (customerId: string, user: string): string => `${customerId}/${user.trim().toLowerCase()}`;
