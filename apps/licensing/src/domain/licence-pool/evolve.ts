import type { LicensingEvent } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import { bundleKey, type LicencePool, type Order } from './state.js';

/** Records what happened to a workgroup's licences. */
export const evolve = (pool: LicencePool, event: LicensingEvent): LicencePool => {
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderId, quantity, payment, price, dueMinor, coupon, renews } = event.data;
      pool.orders.set(orderId, {
        quantity,
        payment,
        status: 'awaiting-payment',
        left: 0,
        expiresAt: null,
        price: price ?? null,
        dueMinor: dueMinor ?? null,
        coupon: coupon ?? null,
        renews: renews ?? null,
        checkout: null,
        reference: null,
        refunds: 0,
        warnedDays: null,
      });
      if (coupon !== undefined) pool.coupons.set(coupon.code, orderId);
      return pool;
    }
    case 'CheckoutOpened':
      return changed(pool, event.data, { checkout: event.data.checkout });
    case 'PaymentReceived':
      return changed(pool, event.data, { reference: event.data.reference });
    case 'PaymentFailed':
      return couponFree(changed(pool, event.data, { status: 'failed' }), event.data.orderId);
    case 'LicencesReleased':
      return changed(pool, event.data, { status: 'released', left: event.data.quantity, expiresAt: event.data.expiresAt });
    case 'OrderCancelRequested':
      return changed(pool, event.data, { status: 'cancelling' });
    case 'OrderCancelled':
      return couponFree(changed(pool, event.data, { status: 'cancelled' }), event.data.orderId);
    case 'RefundRequested':
      return changed(pool, event.data, { status: 'refunding', refunds: event.data.attempt, left: 0 });
    case 'RefundFailed':
      return changed(pool, event.data, { status: 'refund-failed' });
    case 'OrderRefunded':
      return changed(pool, event.data, { status: 'refunded', expiresAt: null });
    case 'LicencesRenewed': {
      const { orderId, renews, expiresAt } = event.data;
      changed(pool, { orderId: renews }, { expiresAt, warnedDays: null });
      return changed(pool, { orderId }, { status: 'released', expiresAt });
    }
    case 'LicenceExpiryNear':
      return changed(pool, event.data, { warnedDays: event.data.daysLeft });
    case 'BundlesRenewed': {
      const { customerId, orderId, users, expiresAt } = event.data;
      for (const user of users) pool.bundles.set(bundleKey(customerId, user), { orderId, expiresAt });
      return pool;
    }
    case 'BundlesApplied':
      return applied(pool, event.data, event.data.users);
    case 'BundleApplied':
      return applied(pool, event.data, [event.data.user]);
    default:
      return assertNever(event);
  }
};

const changed = (pool: LicencePool, { orderId }: { readonly orderId: string }, what: Partial<Order>): LicencePool => {
  const order = pool.orders.get(orderId);
  if (order !== undefined) pool.orders.set(orderId, { ...order, ...what });
  return pool;
};

const applied = (
  pool: LicencePool,
  bundle: { readonly orderId: string; readonly customerId: string; readonly expiresAt: string },
  users: readonly string[],
): LicencePool => {
  const order = pool.orders.get(bundle.orderId);
  if (order !== undefined) pool.orders.set(bundle.orderId, { ...order, left: order.left - users.length });
  const { orderId, expiresAt } = bundle;
  for (const user of users) pool.bundles.set(bundleKey(bundle.customerId, user), { orderId, expiresAt });
  return pool;
};

/** An order that came to nothing gives its coupon back. */
const couponFree = (pool: LicencePool, orderId: string): LicencePool => {
  const code = pool.orders.get(orderId)?.coupon?.code;
  if (code !== undefined && pool.coupons.get(code) === orderId) pool.coupons.delete(code);
  return pool;
};
