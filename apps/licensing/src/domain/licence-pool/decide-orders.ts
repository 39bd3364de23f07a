import type { LicensingEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { LicencePoolCommand } from './commands.js';
import { received } from './decide-payments.js';
import type { LicencePool, Order } from './state.js';

type Command<T extends LicencePoolCommand['type']> = Extract<LicencePoolCommand, { readonly type: T }>;

/** The money of a wire transfer has come. The same reference again is a repeat; another one is a mistake of whoever records it. */
export const recordPayment = (command: Command<'RecordPayment'>, pool: LicencePool): Decision<LicensingEvent> => {
  const order = pool.orders.get(command.orderId);
  if (order === undefined) return unknownOrder(command);
  if (order.payment !== 'wire') return reject('order.not-by-wire', { payment: order.payment });
  if (order.reference !== null) return order.reference === command.reference ? accept() : reject('order.paid-otherwise');
  return order.status === 'awaiting-payment' ? accept(...received(command, order, pool, null)) : closed(order);
};

/** Gives up an order that is not paid. A card payment may be under way, so that the provider has to close it first. */
export const cancelOrder = (command: Command<'CancelOrder'>, { orders }: LicencePool): Decision<LicensingEvent> => {
  const { workgroupId, orderId, at } = command;
  const order = orders.get(orderId);
  if (order === undefined) return unknownOrder(command);
  switch (order.status) {
    case 'awaiting-payment': {
      const type = order.payment === 'card' ? 'OrderCancelRequested' : 'OrderCancelled';
      return accept({ type, data: { workgroupId, orderId, at } });
    }
    case 'cancelling':
    case 'cancelled':
      return accept();
    case 'released':
      return reject('order.paid', { left: order.left });
    case 'failed':
    case 'refunding':
    case 'refund-failed':
    case 'refunded':
      return closed(order);
    default:
      return assertNever(order.status);
  }
};

/** Returns the money of an order, as long as none of its licences is applied and they have not ended. */
export const refundOrder = (command: Command<'RefundOrder'>, { orders }: LicencePool): Decision<LicensingEvent> => {
  const { workgroupId, orderId, reference, at } = command;
  const order = orders.get(orderId);
  if (order === undefined) return unknownOrder(command);
  switch (order.status) {
    case 'refunded':
      return accept();
    case 'refunding':
      // A provider returns the money of a card. What came by wire for nothing waits for whoever returns it.
      if (order.payment !== 'wire') return accept();
      return reference === undefined
        ? reject('order.refund-needs-reference')
        : accept({ type: 'OrderRefunded', data: { workgroupId, orderId, reference, at } });
    case 'awaiting-payment':
    case 'cancelling':
    case 'cancelled':
    case 'failed':
      return reject('order.not-paid', { status: order.status });
    case 'released':
      if (order.renews !== null || [...orders.values()].some(({ renews, status }) => renews === orderId && status === 'released'))
        return reject('order.renewed');
      if (order.left < order.quantity) return reject('order.licences-applied', { applied: order.quantity - order.left });
      if (order.expiresAt !== null && order.expiresAt <= at) return reject('order.expired', { expiredAt: order.expiresAt });
      break;
    case 'refund-failed':
      break;
    default:
      return assertNever(order.status);
  }
  const isByHand = order.payment === 'wire' || order.status === 'refund-failed';
  if (order.payment === 'wire' && reference === undefined && order.dueMinor !== 0) return reject('order.refund-needs-reference');
  if (reference !== undefined && !isByHand) return reject('order.not-by-wire', { payment: order.payment });
  const requested: LicensingEvent = {
    type: 'RefundRequested',
    data: { workgroupId, orderId, reason: 'asked', attempt: order.refunds + 1, at },
  };
  // Whoever returns money by hand has done so before it is recorded here. An order that a coupon paid for has none to return.
  const done = reference ?? (order.dueMinor === 0 ? 'nothing-to-return' : undefined);
  return done === undefined
    ? accept(requested)
    : accept<LicensingEvent>(requested, { type: 'OrderRefunded', data: { workgroupId, orderId, reference: done, at } });
};

const unknownOrder = ({ orderId }: { readonly orderId: string }): Decision<never> => reject('order.unknown', { orderId });
const closed = ({ status }: Order): Decision<never> => reject('order.closed', { status });
