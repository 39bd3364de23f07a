import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, workgroup, type EventOf } from './event-shapes.js';
import { field } from './view-fields.js';
import { SmtpAddress, Ulid } from './words.js';

// Licensing: User Migration Bundles are bought for a workgroup and applied by hand to a customer's users.

/** Wire transfers are taken from this many licences on. */
export const WIRE_MINIMUM = 100;
/** Licences that end are warned of when so many days are left, the fewest first. */
export const EXPIRY_WARNING_DAYS = [1, 7, 30] as const;
/** A bundle ends this many months after its purchase. */
export const BUNDLE_MONTHS = 12;

/** Kinds of projects that one licence of a user covers, whatever their amount of data; releases to come bring the last two. */
export const COVERED_PROJECT_TYPES = ['mailbox', 'archive', 'document', 'personal-archive'] as const;

export const PaymentMethod = z.enum(['card', 'wire', 'purchase-order']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** What one licence costs, in minor units of the currency (cents). `version` names the price list that it stands in. */
export const Price = z.object({ version: z.string(), currency: z.string(), unitMinor: z.int().positive() });
export type Price = Readonly<z.infer<typeof Price>>;

/** An amount of money in minor units of its currency. */
export const Money = z.object({ currency: z.string(), minor: z.int().nonnegative() });
export type Money = Readonly<z.infer<typeof Money>>;

/** What a coupon takes off an order: a part of the amount, so much money, or the price of so many of its licences. */
export const CouponTerms = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: field(z.literal('percent'), 'A part of the amount.', 'percent'),
    percent: field(z.int().min(1).max(100), 'Percent of the amount.', 20),
  }),
  z.strictObject({
    kind: field(z.literal('amount'), 'So much money.', 'amount'),
    currency: field(z.string().regex(/^[A-Z]{3}$/, 'Give a currency such as EUR.'), 'Currency, ISO 4217.', 'EUR'),
    minor: field(z.int().min(1).max(1_000_000_000), 'Amount in minor units, such as cents.', 5000),
  }),
  z.strictObject({
    kind: field(z.literal('licences'), 'The price of some of the licences.', 'licences'),
    licences: field(z.int().min(1).max(100_000), 'Licences that are free.', 5),
  }),
]);
export type CouponTerms = Readonly<z.infer<typeof CouponTerms>>;

/** What a buyer types; the case does not matter. */
export const CouponCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9-]{2,39}$/, 'Give 3 to 40 letters, digits and hyphens.');

/** The coupon of an order. */
export const CouponUse = z.object({ code: z.string(), terms: CouponTerms });
export type CouponUse = Readonly<z.infer<typeof CouponUse>>;

export const CreateCoupon = z.strictObject({ code: CouponCode, terms: CouponTerms, expiresAt: z.iso.datetime() });
export type CreateCoupon = z.infer<typeof CreateCoupon>;

export const WithdrawCoupon = z.strictObject({ code: CouponCode });
export type WithdrawCoupon = z.infer<typeof WithdrawCoupon>;

const paying = {
  payment: PaymentMethod,
  /** Version of the price list that the buyer has seen; another one in force refuses the order. */
  priceVersion: z.string().min(1).max(40).optional(),
  coupon: CouponCode.optional(),
};

export const PlaceOrder = z.strictObject({ workgroupId: z.string(), orderId: Ulid, quantity: z.int().min(1).max(100_000), ...paying });
export type PlaceOrder = z.infer<typeof PlaceOrder>;

/** Orders the renewal of the licences of another order, for twelve months. */
export const RenewOrder = z.strictObject({ workgroupId: z.string(), orderId: Ulid, renews: Ulid, ...paying });
export type RenewOrder = z.infer<typeof RenewOrder>;

/** The money of a wire transfer has come. */
export const RecordPayment = z.strictObject({ workgroupId: z.string(), orderId: Ulid, reference: z.string().trim().min(1).max(100) });
export type RecordPayment = z.infer<typeof RecordPayment>;

/** Gives up an order that is not paid. */
export const CancelOrder = z.strictObject({ workgroupId: z.string(), orderId: Ulid });
export type CancelOrder = z.infer<typeof CancelOrder>;

/** Returns the money of an order of which no licence is applied. `reference` is that of the transfer back, for orders paid by wire. */
export const RefundOrder = z.strictObject({
  workgroupId: z.string(),
  orderId: Ulid,
  reference: z.string().trim().min(1).max(100).optional(),
});
export type RefundOrder = z.infer<typeof RefundOrder>;

/** What becomes of an order. Money is taken from `awaiting-payment` on and never before; `cancelled`, `failed` and `refunded` are its ends
 *  without licences. A `cancelling` order waits for the provider to close its checkout, a `refunding` one for the provider to return the money. */
export const orderStatuses = [
  'awaiting-payment',
  'cancelling',
  'cancelled',
  'failed',
  'released',
  'refunding',
  'refund-failed',
  'refunded',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

/** Why money goes back: somebody asked for it, it came for an order that was closed, or it was another amount than was due. */
export const RefundReason = z.enum(['asked', 'order-closed', 'wrong-amount']);
export type RefundReason = z.infer<typeof RefundReason>;

/** How cards are paid: not at all, by a provider that moves no money, or by Stripe. */
export const cardProviders = ['none', 'trial', 'stripe'] as const;

/** The terms on which licences are sold now. */
export const LicenceTerms = z.strictObject({});
export type LicenceTerms = z.infer<typeof LicenceTerms>;
export const LicenceTermsReply = z.object({
  /** Whether passes need a licence here. */
  enforced: z.boolean(),
  cards: z.enum(cardProviders),
  /** Null where no prices are configured. */
  price: Price.nullable(),
});
export type LicenceTermsReply = Readonly<z.infer<typeof LicenceTermsReply>>;

/** Where the buyer pays an order. */
export const CheckoutAddress = z.strictObject({ workgroupId: z.string(), orderId: Ulid });
export type CheckoutAddress = z.infer<typeof CheckoutAddress>;
/** Null where nothing can be paid, or the provider does not answer. */
export const CheckoutAddressReply = z.object({ url: z.string().nullable() });
export type CheckoutAddressReply = Readonly<z.infer<typeof CheckoutAddressReply>>;

/** Has the payment of an order looked at soon, since something may have become of it. */
export const LookAtOrder = z.strictObject({ workgroupId: z.string(), orderId: Ulid });
export type LookAtOrder = z.infer<typeof LookAtOrder>;
export const LookAtOrderReply = z.object({ looked: z.boolean() });
export type LookAtOrderReply = Readonly<z.infer<typeof LookAtOrderReply>>;

/** Applies one bundle to each user; all or none. */
export const ApplyBundles = z.strictObject({ workgroupId: z.string(), customerId: Ulid, users: z.array(SmtpAddress).min(1).max(10_000) });
export type ApplyBundles = z.infer<typeof ApplyBundles>;

/** Which of these users have a bundle that is valid at `at`. */
export const Coverage = z.strictObject({ workgroupId: z.string(), customerId: Ulid, users: z.array(SmtpAddress).max(10_000) });
export type Coverage = z.infer<typeof Coverage>;
/** One entry per user asked for, in the same order. */
export const CoverageReply = z.object({
  covered: z.array(z.object({ user: z.string(), expiresAt: z.string().nullable() }).readonly()).readonly(),
  /** False where passes need no licence. */
  enforced: z.boolean(),
});
export type CoverageReply = Readonly<z.infer<typeof CoverageReply>>;

/** Events of a workgroup's licences. */
export const licensingEvents = {
  /** The order keeps the price it was made with; absent where none was configured. `dueMinor` is what is to be paid, in its currency. */
  OrderPlaced: z.object({
    ...workgroup,
    orderId: id,
    quantity: count,
    payment: PaymentMethod,
    price: Price.optional(),
    dueMinor: count.optional(),
    coupon: CouponUse.optional(),
    /** The order whose licences this one prolongs. */
    renews: id.optional(),
    at,
  }),
  /** The provider waits for the buyer's payment; `checkout` is its id of that. */
  CheckoutOpened: z.object({ ...workgroup, orderId: id, checkout: z.string(), at }),
  PaymentReceived: z.object({ ...workgroup, orderId: id, reference: z.string(), at }),
  /** The order has ended without payment. */
  PaymentFailed: z.object({ ...workgroup, orderId: id, code: z.string(), at }),
  OrderCancelRequested: z.object({ ...workgroup, orderId: id, at }),
  OrderCancelled: z.object({ ...workgroup, orderId: id, at }),
  /** Money is to go back; the licences of the order, if it had any, are withdrawn with this. `attempt` counts from 1. */
  RefundRequested: z.object({ ...workgroup, orderId: id, reason: RefundReason, attempt: ordinal, at }),
  RefundFailed: z.object({ ...workgroup, orderId: id, code: z.string(), at }),
  OrderRefunded: z.object({ ...workgroup, orderId: id, reference: z.string(), at }),
  LicencesReleased: z.object({ ...workgroup, orderId: id, quantity: count, at, expiresAt: at }),
  /** `orderId` has prolonged the licences of `renews`, as many as `quantity`. */
  LicencesRenewed: z.object({ ...workgroup, orderId: id, renews: id, quantity: count, at, expiresAt: at }),
  /** Bundles that came out of an order end later; a commit for many users holds several of these. */
  BundlesRenewed: z.object({ ...workgroup, customerId: id, orderId: id, users: z.array(z.string()).readonly(), at, expiresAt: at }),
  /** Licences end in at most so many days; once for each of 30, 7 and 1. */
  LicenceExpiryNear: z.object({ ...workgroup, orderId: id, daysLeft: count, quantity: count, applied: count, expiresAt: at, at }),
  /** Bundles out of one order for users of a customer; a commit for many users holds several of these. */
  BundlesApplied: z.object({ ...workgroup, customerId: id, orderId: id, users: z.array(z.string()).readonly(), at, expiresAt: at }),
  /** A bundle for one user, as releases up to 0.2.0 recorded it. */
  BundleApplied: z.object({ ...workgroup, customerId: id, user: z.string(), orderId: id, at, expiresAt: at }),
};
export type LicensingEvent = EventOf<typeof licensingEvents>;

/** Events of a coupon. Which orders used it, their own events say. */
export const couponEvents = {
  CouponCreated: z.object({ code: id, terms: CouponTerms, expiresAt: at, at }),
  CouponWithdrawn: z.object({ code: id, at }),
};
export type CouponEvent = EventOf<typeof couponEvents>;

/** Users in one event: it is one record on the log, and read models apply it as one step. */
export const USERS_PER_EVENT = 500;

/** What the names of the streams of all workgroups' licences begin with. */
export const licencePoolsPrefix = 'licence-pool:';
/** Stream of a workgroup's licences. */
export const licencePoolStream = (workgroupId: string): StreamName<LicensingEvent> => streamName(`${licencePoolsPrefix}${workgroupId}`);
/** Stream of a coupon. */
export const couponStream = (code: string): StreamName<CouponEvent> => streamName(`coupon:${code}`);

/** Addresses of one user are compared without case. */
export const sameAddress = (address: string): string => address.trim().toLowerCase();
