import type { CouponUse, Money, PaymentMethod, Price } from '@pstream/contracts';

type OfOrder = { readonly at: string; readonly workgroupId: string; readonly orderId: string };

/** What the payment process records about an order: what the provider said. Each is harmless when it comes again, or too late. */
export type PaymentCommand =
  | ({ readonly type: 'OpenCheckout'; readonly checkout: string } & OfOrder)
  /** `paid` is what came; null where the provider moves no money. */
  | ({ readonly type: 'ReceivePayment'; readonly reference: string; readonly paid: Money | null } & OfOrder)
  /** Nothing was paid and nothing will be. */
  | ({ readonly type: 'CloseUnpaid'; readonly code: string } & OfOrder)
  | ({ readonly type: 'CompleteRefund'; readonly reference: string } & OfOrder)
  | ({ readonly type: 'FailRefund'; readonly code: string } & OfOrder);

/** What a coupon says when it is used. */
export type OfferedCoupon = CouponUse & { readonly expiresAt: string; readonly isWithdrawn: boolean };

/** How an order is paid, and what on the terms of now. */
export type Terms = {
  readonly payment: PaymentMethod;
  readonly priceVersion?: string | undefined;
  /** The price of now. */
  readonly price: Price | null;
  /** Whether cards can be paid with. */
  readonly takesCards: boolean;
  readonly coupon: OfferedCoupon | null;
};

export type LicencePoolCommand =
  | ({ readonly type: 'PlaceOrder'; readonly quantity: number } & Terms & OfOrder)
  /** An order for as many licences as the one that it prolongs has. */
  | ({ readonly type: 'RenewOrder'; readonly renews: string } & Terms & OfOrder)
  | ({ readonly type: 'RecordPayment'; readonly reference: string } & OfOrder)
  | ({ readonly type: 'CancelOrder' } & OfOrder)
  /** `reference` is that of the transfer back, for orders paid by wire. */
  | ({ readonly type: 'RefundOrder'; readonly reference?: string | undefined } & OfOrder)
  | PaymentCommand
  | { readonly type: 'WarnOfExpiry'; readonly at: string; readonly workgroupId: string }
  | {
      readonly type: 'ApplyBundles';
      readonly at: string;
      readonly workgroupId: string;
      readonly customerId: string;
      readonly users: readonly string[];
    };
