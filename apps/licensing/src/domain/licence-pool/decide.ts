import { BUNDLE_MONTHS, sameAddress, USERS_PER_EVENT, WIRE_MINIMUM, type LicensingEvent } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';
import type { LicencePoolCommand } from './commands.js';
import { bundleKey, type LicencePool } from './state.js';

/** Rules of User Migration Bundles: a card pays at once, a wire transfer from 100 licences on and when the money has
 *  come, no purchase orders; one bundle per user, applied by hand, consumed on apply, ending 12 months after purchase. */
export const decide = (command: LicencePoolCommand, pool: LicencePool): Decision<LicensingEvent> => {
  switch (command.type) {
    case 'PlaceOrder': {
      const { workgroupId, orderId, quantity, payment, at } = command;
      if (pool.orders.has(orderId)) return accept();
      const placed: LicensingEvent = { type: 'OrderPlaced', data: { workgroupId, orderId, quantity, payment, at } };
      switch (payment) {
        case 'purchase-order':
          return reject('order.purchase-orders-refused', { quantity });
        case 'wire':
          return quantity < WIRE_MINIMUM ? reject('order.wire-below-minimum', { quantity, minimum: WIRE_MINIMUM }) : accept(placed);
        case 'card':
          return command.charge === null
            ? reject('order.card-not-charged', { quantity })
            : accept(placed, ...released(command, quantity, command.charge));
        default:
          return assertNever(payment);
      }
    }
    case 'RecordPayment': {
      const order = pool.orders.get(command.orderId);
      if (order === undefined) return reject('order.unknown', { orderId: command.orderId });
      if (order.status === 'released') return accept();
      return accept(...released(command, order.quantity, command.reference));
    }
    case 'ApplyBundles':
      return apply(command, pool);
    default:
      return assertNever(command);
  }
};

const released = (
  command: { readonly workgroupId: string; readonly orderId: string; readonly at: string },
  quantity: number,
  reference: string,
): LicensingEvent[] => {
  const { workgroupId, orderId, at } = command;
  return [
    { type: 'PaymentReceived', data: { workgroupId, orderId, reference, at } },
    { type: 'LicencesReleased', data: { workgroupId, orderId, quantity, at, expiresAt: monthsAfter(at, BUNDLE_MONTHS) } },
  ];
};

const apply = (command: Extract<LicencePoolCommand, { type: 'ApplyBundles' }>, pool: LicencePool): Decision<LicensingEvent> => {
  const { workgroupId, customerId, at } = command;
  const users = [...new Set(command.users.map(sameAddress))].filter((user) => !isValid(pool.bundles.get(bundleKey(customerId, user)), at));
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

/** The same day and time so many months later in UTC; the last day of the month where that day does not exist. */
const monthsAfter = (at: string, months: number): string => {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.toISOString();
};
