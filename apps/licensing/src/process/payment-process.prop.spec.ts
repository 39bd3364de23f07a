import { isFault } from '@pstream/kernel';
import fc from 'fast-check';
import { Shop, workgroupId } from './payments.fixture.js';

const ORDERS = ['O1', 'O2', 'O3'];
const orderId = fc.constantFrom(...ORDERS);
const step = fc.record({
  is: fc.constantFrom('order', 'order-with-coupon', 'walk', 'pay', 'expire', 'cancel', 'refund', 'refuse'),
  orderId,
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
const endings = fc.array(fc.constantFrom('before', 'after', undefined, undefined), { maxLength: 40 });

/** Whoever fails dies with it; the work is done again by a process that knows nothing. */
const take = async (shop: Shop, { is, orderId: id }: Step): Promise<void> => {
  try {
    if (is === 'order') await shop.order(id);
    else if (is === 'order-with-coupon') await shop.order(id, 'HALF');
    else if (is === 'walk') await shop.process().advance({ workgroupId, orderId: id });
    else if (is === 'pay') shop.cards.pay(id);
    else if (is === 'expire') shop.cards.expire(id);
    else if (is === 'cancel') await shop.cancel(id);
    else if (is === 'refuse') shop.cards.refusesRefunds = !shop.cards.refusesRefunds;
    else await shop.refund(id);
  } catch (error) {
    if (!isFault(error)) throw error;
  }
};

/** No failures any more: everything that can be done is done. */
const settle = async (shop: Shop): Promise<void> => {
  shop.fail = () => undefined;
  shop.cards.fail = () => undefined;
  shop.cards.refusesRefunds = false;
  expect(await shop.process().advanceAll(workgroupId)).toEqual([]);
  // What was refused is asked for again.
  for (const id of ORDERS) if ((await shop.types(id)).at(-1) === 'RefundFailed') await shop.refund(id);
  expect(await shop.process().advanceAll(workgroupId)).toEqual([]);
};

const expectBalance = async (shop: Shop): Promise<void> => {
  const events = await shop.events();
  const withCoupon = events.flatMap(({ type, data }) => (type === 'OrderPlaced' && data.coupon !== undefined ? [data.orderId] : []));
  // Orders that came to nothing gave the coupon back.
  const ends = events.flatMap(({ type, data }) => (type === 'OrderCancelled' || type === 'PaymentFailed' ? [data.orderId] : []));
  expect(withCoupon.filter((id) => !ends.includes(id)).length).toBeLessThanOrEqual(1);
  const reduced = shop.cards.charges.filter(
    ({ orderId: id, paid }) => paid?.minor === 1500 && ![...shop.cards.refunds.values()].some((refund) => refund.orderId === id),
  );
  expect(reduced.length).toBeLessThanOrEqual(1);
  for (const id of ORDERS) {
    const types = await shop.types(id);
    const times = (type: string): number => types.filter((one) => one === type).length;
    const charged = shop.cards.charges.filter((charge) => charge.orderId === id).length;
    const returned = [...shop.cards.refunds.values()].filter((refund) => refund.orderId === id).length;
    expect(charged).toBeLessThanOrEqual(1);
    expect(times('LicencesReleased')).toBeLessThanOrEqual(1);
    expect(times('PaymentReceived')).toBe(charged);
    expect(times('OrderRefunded')).toBe(returned);
    // Either the money is here and the licences are there, or neither.
    const hasLicences = times('LicencesReleased') === 1 && times('RefundRequested') === 0;
    expect({ id, types, money: charged - returned }).toEqual({ id, types, money: hasLicences ? 1 : 0 });
  }
};

describe('orders paid by card', () => {
  it('are charged only when they are on record, once, and end with licences or with their money returned, whoever dies when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), endings, endings, async (steps, appends, calls) => {
        const shop = new Shop();
        await shop.coupon('HALF');
        shop.fail = () => appends.shift();
        shop.cards.fail = () => calls.shift();
        shop.cards.onOpen = async ({ orderId: id }) => expect(await shop.types(id)).toContain('OrderPlaced');
        for (const one of steps) await take(shop, one);
        await settle(shop);
        await expectBalance(shop);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('keep that promise when several processes work on them at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }), endings, endings, async (rounds, appends, calls) => {
        const shop = new Shop();
        await shop.coupon('HALF');
        shop.fail = () => appends.shift();
        shop.cards.fail = () => calls.shift();
        for (const id of ORDERS) await take(shop, { is: 'order', orderId: id });
        for (const round of rounds) await Promise.all(round.map((one) => take(shop, one)));
        await settle(shop);
        await expectBalance(shop);
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
