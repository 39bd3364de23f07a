import type { LicensingEvent } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import { bundleKey, type LicencePool } from './state.js';

/** Records what happened to a workgroup's licences. */
export const evolve = (pool: LicencePool, event: LicensingEvent): LicencePool => {
  switch (event.type) {
    case 'OrderPlaced':
      pool.orders.set(event.data.orderId, {
        quantity: event.data.quantity,
        payment: event.data.payment,
        status: 'awaiting-payment',
        left: 0,
        expiresAt: null,
      });
      return pool;
    case 'PaymentReceived': {
      const order = pool.orders.get(event.data.orderId);
      if (order !== undefined) pool.orders.set(event.data.orderId, { ...order, status: 'paid' });
      return pool;
    }
    case 'LicencesReleased': {
      const order = pool.orders.get(event.data.orderId);
      if (order !== undefined)
        pool.orders.set(event.data.orderId, { ...order, status: 'released', left: event.data.quantity, expiresAt: event.data.expiresAt });
      return pool;
    }
    case 'BundlesApplied':
      return applied(pool, event.data.orderId, event.data.customerId, event.data.users, event.data.expiresAt);
    case 'BundleApplied':
      return applied(pool, event.data.orderId, event.data.customerId, [event.data.user], event.data.expiresAt);
    default:
      return assertNever(event);
  }
};

const applied = (pool: LicencePool, orderId: string, customerId: string, users: readonly string[], expiresAt: string): LicencePool => {
  const order = pool.orders.get(orderId);
  if (order !== undefined) pool.orders.set(orderId, { ...order, left: order.left - users.length });
  for (const user of users) pool.bundles.set(bundleKey(customerId, user), expiresAt);
  return pool;
};
