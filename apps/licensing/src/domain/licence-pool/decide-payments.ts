import { BUNDLE_MONTHS, USERS_PER_EVENT, type LicensingEvent, type Money } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { PaymentCommand } from './commands.js';
import { monthsAfter } from './months-after.js';
import { dueOf, type LicencePool, type Order } from './state.js';

type OfOrder = { readonly workgroupId: string; readonly orderId: string; readonly at: string };

/** What follows from what the provider said. It says things again, late, and in any order: what no longer fits changes nothing, with one
 *  exception. Money that came for an order that is closed is on record and goes back. */
export const decidePayment = (command: PaymentCommand, pool: LicencePool): Decision<LicensingEvent> => {
  const { workgroupId, orderId, at } = command;
  const order = pool.orders.get(orderId);
  if (order === undefined) return reject('order.unknown', { orderId });
  const isOpen = order.status === 'awaiting-payment' || order.status === 'cancelling';
  switch (command.type) {
    case 'OpenCheckout':
      return isOpen && order.checkout === null
        ? accept({ type: 'CheckoutOpened', data: { workgroupId, orderId, checkout: command.checkout, at } })
        : accept();
    case 'ReceivePayment':
      if (order.reference !== null) return order.reference === command.reference ? accept() : reject('order.paid-otherwise');
      return accept(...received(command, order, pool, command.paid));
    case 'CloseUnpaid':
      if (order.status === 'cancelling') return accept({ type: 'OrderCancelled', data: { workgroupId, orderId, at } });
      return order.status === 'awaiting-payment'
        ? accept({ type: 'PaymentFailed', data: { workgroupId, orderId, code: command.code, at } })
        : accept();
    case 'CompleteRefund':
      return order.status === 'refunding'
        ? accept({ type: 'OrderRefunded', data: { workgroupId, orderId, reference: command.reference, at } })
        : accept();
    case 'FailRefund':
      return order.status === 'refunding'
        ? accept({ type: 'RefundFailed', data: { workgroupId, orderId, code: command.code, at } })
        : accept();
    default:
      return assertNever(command);
  }
};

/** The money has come. It releases the licences, or goes back: it is not what was due, or nobody waits for it any more. */
export const received = (
  { workgroupId, orderId, reference, at }: OfOrder & { readonly reference: string },
  order: Order,
  pool: LicencePool,
  paid: Money | null,
): LicensingEvent[] => {
  const payment: LicensingEvent = { type: 'PaymentReceived', data: { workgroupId, orderId, reference, at } };
  const back = (reason: 'order-closed' | 'wrong-amount'): LicensingEvent => ({
    type: 'RefundRequested',
    data: { workgroupId, orderId, reason, attempt: order.refunds + 1, at },
  });
  const renewed = order.renews === null ? undefined : pool.orders.get(order.renews);
  // The licences that it was to prolong may have been refunded meanwhile.
  if (order.status !== 'awaiting-payment' || (renewed !== undefined && renewed.status !== 'released'))
    return [payment, back('order-closed')];
  const due = dueOf(order);
  if (paid !== null && due !== null && (paid.currency !== due.currency || paid.minor !== due.minor)) return [payment, back('wrong-amount')];
  return [payment, ...released({ workgroupId, orderId, at }, order, pool, BUNDLE_MONTHS)];
};

/** What an order brings when it is paid: new licences, or so many months more for those of another one and for every bundle out of it. */
export const released = (
  { workgroupId, orderId, at }: OfOrder,
  { quantity, renews }: Pick<Order, 'quantity' | 'renews'>,
  pool: LicencePool,
  months: number,
): LicensingEvent[] => {
  const renewed = renews === null ? undefined : pool.orders.get(renews);
  if (renews === null || renewed === undefined || renewed.expiresAt === null)
    return [{ type: 'LicencesReleased', data: { workgroupId, orderId, quantity, at, expiresAt: monthsAfter(at, months) } }];
  const expiresAt = monthsAfter(renewed.expiresAt, months);
  const events: LicensingEvent[] = [{ type: 'LicencesRenewed', data: { workgroupId, orderId, renews, quantity, at, expiresAt } }];
  const users = new Map<string, string[]>();
  for (const [key, bundle] of pool.bundles) {
    if (bundle.orderId !== renews) continue;
    const slash = key.indexOf('/');
    const customerId = key.slice(0, slash);
    const known = users.get(customerId) ?? [];
    known.push(key.slice(slash + 1));
    users.set(customerId, known);
  }
  for (const [customerId, all] of users)
    for (let from = 0; from < all.length; from += USERS_PER_EVENT)
      events.push({
        type: 'BundlesRenewed',
        data: { workgroupId, customerId, orderId: renews, users: all.slice(from, from + USERS_PER_EVENT), at, expiresAt },
      });
  return events;
};
