import { BUNDLE_MONTHS, WIRE_MINIMUM, type LicensingEvent, type Price } from '@pstream/contracts';
import { accept, reject, type Decision } from '@pstream/kernel';
import type { LicencePoolCommand, OfferedCoupon, Terms } from './commands.js';
import { released } from './decide-payments.js';
import { dueFor } from './price-of.js';
import type { LicencePool, Order } from './state.js';

type Command<T extends LicencePoolCommand['type']> = Extract<LicencePoolCommand, { readonly type: T }>;

/** Puts an order of new licences on record. No money has been taken for it then. */
export const placeOrder = (command: Command<'PlaceOrder'>, pool: LicencePool): Decision<LicensingEvent> =>
  place(command, pool, command.quantity, null);

/** Puts an order on record that prolongs the licences of another one by twelve months. */
export const renewOrder = (command: Command<'RenewOrder'>, pool: LicencePool): Decision<LicensingEvent> => {
  const { orders } = pool;
  if (orders.has(command.orderId)) return accept();
  const order = orders.get(command.renews);
  if (order === undefined) return reject('order.unknown', { orderId: command.renews });
  if (order.renews !== null) return reject('order.is-a-renewal', { renews: order.renews });
  if (order.status !== 'released' || order.expiresAt === null) return reject('order.without-licences', { status: order.status });
  if (order.expiresAt <= command.at) return reject('order.expired', { expiredAt: order.expiresAt });
  const isOpen = ({ renews, status }: Order): boolean =>
    renews === command.renews && (status === 'awaiting-payment' || status === 'cancelling');
  const open = [...orders].find(([, other]) => isOpen(other));
  if (open !== undefined) return reject('order.renewal-open', { orderId: open[0] });
  return place(command, pool, order.quantity, command.renews);
};

const place = (
  command: Command<'PlaceOrder' | 'RenewOrder'>,
  pool: LicencePool,
  quantity: number,
  renews: string | null,
): Decision<LicensingEvent> => {
  const { workgroupId, orderId, payment, price, coupon, at } = command;
  if (pool.orders.has(orderId)) return accept();
  const refused = refusal(command, quantity) ?? couponRefusal(coupon, price, pool, at);
  if (refused !== undefined) return refused;
  const use = coupon === null ? undefined : { code: coupon.code, terms: coupon.terms };
  const dueMinor = price === null ? null : dueFor(quantity, price, use?.terms);
  const placed: LicensingEvent = {
    type: 'OrderPlaced',
    data: {
      workgroupId,
      orderId,
      quantity,
      payment,
      ...(price === null || dueMinor === null ? {} : { price, dueMinor }),
      ...(use === undefined ? {} : { coupon: use }),
      ...(renews === null ? {} : { renews }),
      at,
    },
  };
  if (dueMinor !== 0 || use === undefined) return accept(placed);
  // A coupon has paid for everything: nobody is to be asked for money.
  const paid: LicensingEvent = { type: 'PaymentReceived', data: { workgroupId, orderId, reference: `coupon-${use.code}`, at } };
  return accept<LicensingEvent>(placed, paid, ...released({ workgroupId, orderId, at }, { quantity, renews }, pool, BUNDLE_MONTHS));
};

const refusal = ({ payment, takesCards, price, priceVersion }: Terms, quantity: number): Decision<never> | undefined => {
  if (payment === 'purchase-order') return reject('order.purchase-orders-refused', { quantity });
  if (payment === 'wire' && quantity < WIRE_MINIMUM) return reject('order.wire-below-minimum', { quantity, minimum: WIRE_MINIMUM });
  if (payment === 'card' && !takesCards) return reject('payment.no-provider');
  if (priceVersion !== undefined && priceVersion !== price?.version)
    return reject('order.price-changed', { seen: priceVersion, now: price?.version ?? null });
  return undefined;
};

/** Why a coupon takes nothing off. It counts once for each workgroup: the orders of one are on one stream, so that no two can hold it. */
const couponRefusal = (
  coupon: OfferedCoupon | null,
  price: Price | null,
  { coupons }: LicencePool,
  at: string,
): Decision<never> | undefined => {
  if (coupon === null) return undefined;
  const { code, terms, expiresAt, isWithdrawn } = coupon;
  if (isWithdrawn) return reject('coupon.withdrawn', { code });
  if (expiresAt <= at) return reject('coupon.expired', { code, expiredAt: expiresAt });
  const usedBy = coupons.get(code);
  if (usedBy !== undefined) return reject('coupon.used', { code, orderId: usedBy });
  if (price === null) return reject('coupon.no-price', { code });
  if (terms.kind === 'amount' && terms.currency !== price.currency)
    return reject('coupon.other-currency', { code, currency: terms.currency, price: price.currency });
  return undefined;
};
