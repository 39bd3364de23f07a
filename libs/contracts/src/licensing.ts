import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, workgroup, type EventOf } from './event-shapes.js';
import { SmtpAddress, Ulid } from './words.js';

// Licensing: User Migration Bundles are bought for a workgroup and applied by hand to a customer's users.

/** Wire transfers are taken from this many licences on. */
export const WIRE_MINIMUM = 100;
/** A bundle ends this many months after its purchase. */
export const BUNDLE_MONTHS = 12;

export const PaymentMethod = z.enum(['card', 'wire', 'purchase-order']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

export const PlaceOrder = z.strictObject({
  workgroupId: z.string(),
  orderId: Ulid,
  quantity: z.int().min(1).max(100_000),
  payment: PaymentMethod,
});
export type PlaceOrder = z.infer<typeof PlaceOrder>;

export const RecordPayment = z.strictObject({ workgroupId: z.string(), orderId: Ulid, reference: z.string().min(1).max(100) });
export type RecordPayment = z.infer<typeof RecordPayment>;

/** Applies one bundle to each user; all or none. */
export const ApplyBundles = z.strictObject({ workgroupId: z.string(), customerId: Ulid, users: z.array(SmtpAddress).min(1).max(10_000) });
export type ApplyBundles = z.infer<typeof ApplyBundles>;

/** Which of these users have a bundle that is valid at `at`. */
export const Coverage = z.strictObject({ workgroupId: z.string(), customerId: Ulid, users: z.array(SmtpAddress).max(10_000) });
export type Coverage = z.infer<typeof Coverage>;
/** One entry per user asked for, in the same order. */
export const CoverageReply = z.object({
  covered: z.array(z.object({ user: z.string(), expiresAt: z.string().nullable() }).readonly()).readonly(),
});
export type CoverageReply = Readonly<z.infer<typeof CoverageReply>>;

/** Events of a workgroup's licences. */
export const licensingEvents = {
  OrderPlaced: z.object({ ...workgroup, orderId: id, quantity: count, payment: PaymentMethod, at }),
  PaymentReceived: z.object({ ...workgroup, orderId: id, reference: z.string(), at }),
  LicencesReleased: z.object({ ...workgroup, orderId: id, quantity: count, at, expiresAt: at }),
  /** Bundles out of one order for users of a customer; a commit for many users holds several of these. */
  BundlesApplied: z.object({ ...workgroup, customerId: id, orderId: id, users: z.array(z.string()).readonly(), at, expiresAt: at }),
  /** A bundle for one user, as releases up to 0.2.0 recorded it. */
  BundleApplied: z.object({ ...workgroup, customerId: id, user: z.string(), orderId: id, at, expiresAt: at }),
};
export type LicensingEvent = EventOf<typeof licensingEvents>;

/** Users in one event: it is one record on the log, and read models apply it as one step. */
export const USERS_PER_EVENT = 500;

/** Stream of a workgroup's licences. */
export const licencePoolStream = (workgroupId: string): StreamName<LicensingEvent> => streamName(`licence-pool:${workgroupId}`);

/** Addresses of one user are compared without case. */
export const sameAddress = (address: string): string => address.trim().toLowerCase();
