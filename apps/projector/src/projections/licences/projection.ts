import { VIEWS, type BundleView, type LicencesView } from '@pstream/contracts';
import { projectionOf } from '../projection-of.js';

/** How many licences does a workgroup have, and what became of its orders? */
export const licences = projectionOf<LicencesView>({
  name: VIEWS.licences,
  contexts: ['licensing'],
  keys: (event) => (event.type === 'PaymentReceived' ? [] : 'orderId' in event.data ? [event.data.workgroupId] : []),
  evolve: (view, event) => {
    const now: LicencesView = view ?? { workgroupId: '', released: 0, applied: 0, orders: [] };
    switch (event.type) {
      case 'OrderPlaced': {
        const { workgroupId, orderId, quantity, payment, at } = event.data;
        return {
          ...now,
          workgroupId,
          orders: [...now.orders, { orderId, quantity, payment, status: 'awaiting-payment', placedAt: at, expiresAt: null }],
        };
      }
      case 'LicencesReleased': {
        const { workgroupId, orderId, quantity, expiresAt } = event.data;
        const orders = now.orders.map((order) =>
          order.orderId === orderId ? { ...order, status: 'released' as const, expiresAt } : order,
        );
        return { ...now, workgroupId, orders, released: now.released + quantity };
      }
      case 'BundlesApplied':
        return { ...now, workgroupId: event.data.workgroupId, applied: now.applied + event.data.users.length };
      case 'BundleApplied':
        return { ...now, workgroupId: event.data.workgroupId, applied: now.applied + 1 };
      default:
        return view;
    }
  },
  announce: () => ({}),
});

/** Which users of a customer have a bundle, and until when? */
export const bundles = projectionOf<BundleView>({
  name: VIEWS.bundles,
  contexts: ['licensing'],
  keys: (event) => {
    if (event.type === 'BundlesApplied') return event.data.users.map((user) => `${event.data.customerId}/${user}`);
    return event.type === 'BundleApplied' ? [`${event.data.customerId}/${event.data.user}`] : [];
  },
  evolve: (view, event, id) => {
    if (event.type !== 'BundlesApplied' && event.type !== 'BundleApplied') return view;
    const { workgroupId, customerId, orderId, at, expiresAt } = event.data;
    return { workgroupId, customerId, user: id.slice(customerId.length + 1), orderId, appliedAt: at, expiresAt };
  },
  announce: ({ customerId }) => ({ customerId }),
  queryFields: ['customerId', 'user'],
  orders: [{ within: ['customerId'], sort: 'user' }],
});
