import { sameAddress, USERS_PER_EVENT, type LicensingEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { LicencePoolCommand } from './commands.js';
import { warnOfExpiry } from './decide-expiry.js';
import { cancelOrder, recordPayment, refundOrder } from './decide-orders.js';
import { decidePayment } from './decide-payments.js';
import { placeOrder, renewOrder } from './decide-placing.js';
import { bundleKey, type LicencePool } from './state.js';

/** Rules of User Migration Bundles: an order is on record before any money is taken for it, its licences are released when the money has
 *  come; one bundle per user, applied by hand, consumed on apply, ending 12 months after purchase. */
export const decide = (command: LicencePoolCommand, pool: LicencePool): Decision<LicensingEvent> => {
  switch (command.type) {
    case 'PlaceOrder':
      return placeOrder(command, pool);
    case 'RenewOrder':
      return renewOrder(command, pool);
    case 'WarnOfExpiry':
      return warnOfExpiry(command, pool);
    case 'RecordPayment':
      return recordPayment(command, pool);
    case 'CancelOrder':
      return cancelOrder(command, pool);
    case 'RefundOrder':
      return refundOrder(command, pool);
    case 'OpenCheckout':
    case 'ReceivePayment':
    case 'CloseUnpaid':
    case 'CompleteRefund':
    case 'FailRefund':
      return decidePayment(command, pool);
    case 'ApplyBundles':
      return apply(command, pool);
    default:
      return assertNever(command);
  }
};

const apply = (command: Extract<LicencePoolCommand, { type: 'ApplyBundles' }>, pool: LicencePool): Decision<LicensingEvent> => {
  const { workgroupId, customerId, at } = command;
  const users = [...new Set(command.users.map(sameAddress))].filter(
    (user) => !isValid(pool.bundles.get(bundleKey(customerId, user))?.expiresAt, at),
  );
  const lots = [...pool.orders]
    .flatMap(([orderId, order]) =>
      order.status === 'released' && order.expiresAt !== null && order.expiresAt > at && order.left > 0
        ? [{ orderId, left: order.left, expiresAt: order.expiresAt }]
        : [],
    )
    .sort((a, b) => (a.expiresAt < b.expiresAt ? -1 : 1));
  const free = lots.reduce((sum, lot) => sum + lot.left, 0);
  if (free < users.length) return reject('licence.seats-exhausted', { wanted: users.length, free });
  const events: LicensingEvent[] = [];
  let next = 0;
  for (const { orderId, left, expiresAt } of lots) {
    for (const end = Math.min(users.length, next + left); next < end; ) {
      const some = users.slice(next, Math.min(end, next + USERS_PER_EVENT));
      events.push({ type: 'BundlesApplied', data: { workgroupId, customerId, orderId, users: some, at, expiresAt } });
      next += some.length;
    }
  }
  return accept(...events);
};

const isValid = (expiresAt: string | undefined, at: string): boolean => expiresAt !== undefined && expiresAt > at;
