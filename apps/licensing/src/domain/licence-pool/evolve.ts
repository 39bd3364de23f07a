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
    case 'BundleApplied': {
      const order = pool.orders.get(event.data.orderId);
      if (order !== undefined) pool.orders.set(event.data.orderId, { ...order, left: order.left - 1 });
      pool.bundles.set(bundleKey(event.data.customerId, event.data.user), { orderId: event.data.orderId, expiresAt: event.data.expiresAt });
      return pool;
    }
    default:
      return assertNever(event);
  }
};
