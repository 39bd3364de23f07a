import { VIEWS, type BundleView, type CouponView, type LicencesView, type OrderView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** How many licences does a workgroup have, and what became of its orders? */
export const licences = projectionOf<LicencesView>({
  name: VIEWS.licences,
  contexts: ['licensing'],
  keys: (event) =>
    event.type === 'CheckoutOpened' || event.type === 'BundlesRenewed' || event.type === 'LicenceExpiryNear'
      ? []
      : 'orderId' in event.data
        ? [event.data.workgroupId]
        : [],
  evolve: (view, event) => {
    const now: LicencesView = view ?? { workgroupId: '', released: 0, applied: 0, orders: [] };
    const changed = (orderId: string, what: Partial<OrderView>, released = 0): LicencesView => ({
      ...now,
      released: now.released + released,
      orders: now.orders.map((order) => (order.orderId === orderId ? { ...order, ...what } : order)),
    });
    switch (event.type) {
      case 'OrderPlaced': {
        const { workgroupId, orderId, quantity, payment, price, dueMinor, coupon, renews, at } = event.data;
        const order: OrderView = {
          orderId,
          quantity,
          payment,
          status: 'awaiting-payment',
          price: price ?? null,
          dueMinor: dueMinor ?? null,
          coupon: coupon?.code ?? null,
          renews: renews ?? null,
          reference: null,
          cause: null,
          placedAt: at,
          expiresAt: null,
        };
        return { ...now, workgroupId, orders: [...now.orders, order] };
      }
      case 'PaymentReceived':
        return changed(event.data.orderId, { reference: event.data.reference });
      case 'PaymentFailed':
        return changed(event.data.orderId, { status: 'failed', cause: event.data.code });
      case 'LicencesReleased': {
        const { orderId, quantity, expiresAt } = event.data;
        return changed(orderId, { status: 'released', expiresAt }, quantity);
      }
      case 'LicencesRenewed': {
        const { orderId, renews, expiresAt } = event.data;
        const prolonged = changed(orderId, { status: 'released', expiresAt });
        return { ...prolonged, orders: prolonged.orders.map((order) => (order.orderId === renews ? { ...order, expiresAt } : order)) };
      }
      case 'OrderCancelRequested':
        return changed(event.data.orderId, { status: 'cancelling' });
      case 'OrderCancelled':
        return changed(event.data.orderId, { status: 'cancelled' });
      case 'RefundRequested': {
        // Its licences are withdrawn; what was never released has none.
        const order = now.orders.find(({ orderId }) => orderId === event.data.orderId);
        const withdrawn = order?.status === 'released' ? order.quantity : 0;
        return changed(event.data.orderId, { status: 'refunding', cause: null, expiresAt: null }, -withdrawn);
      }
      case 'RefundFailed':
        return changed(event.data.orderId, { status: 'refund-failed', cause: event.data.code });
      case 'OrderRefunded':
        return changed(event.data.orderId, { status: 'refunded', cause: null });
      case 'BundlesApplied':
        return { ...now, workgroupId: event.data.workgroupId, applied: now.applied + event.data.users.length };
      case 'BundleApplied':
        return { ...now, workgroupId: event.data.workgroupId, applied: now.applied + 1 };
      default:
        return view;
    }
  },
  announce: (_view, id) => ({ workgroupId: id }),
});

/** Which users of a customer have a bundle, and until when? */
export const bundles = projectionOf<BundleView>({
  name: VIEWS.bundles,
  contexts: ['licensing'],
  keys: (event) => {
    if (event.type === 'BundlesApplied' || event.type === 'BundlesRenewed')
      return event.data.users.map((user) => `${event.data.customerId}/${user}`);
    return event.type === 'BundleApplied' ? [`${event.data.customerId}/${event.data.user}`] : [];
  },
  evolve: (view, event, id) => {
    if (event.type === 'BundlesRenewed') return view === null ? view : { ...view, expiresAt: event.data.expiresAt };
    if (event.type !== 'BundlesApplied' && event.type !== 'BundleApplied') return view;
    const { workgroupId, customerId, orderId, at, expiresAt } = event.data;
    return { workgroupId, customerId, user: id.slice(customerId.length + 1), orderId, appliedAt: at, expiresAt };
  },
  announce: ({ customerId }) => ({ customerId }),
  queryFields: ['customerId', 'user'],
  orders: [{ within: ['customerId'], sort: 'user' }],
});

/** Which coupons are there? */
export const coupons = projectionOf<CouponView>({
  name: VIEWS.coupons,
  contexts: ['licensing'],
  keys: (event) => (event.type === 'CouponCreated' || event.type === 'CouponWithdrawn' ? [event.data.code] : []),
  evolve: (view, event) => {
    if (event.type === 'CouponCreated') {
      const { code, terms, expiresAt, at } = event.data;
      return { code, terms, createdAt: at, expiresAt, withdrawnAt: null };
    }
    return event.type === 'CouponWithdrawn' && view !== null ? { ...view, withdrawnAt: event.data.at } : view;
  },
  announce: () => ({}),
});
