import { currencyDigits } from '@pstream/contracts';
import { FakeStripe } from './fake-stripe.fixture.js';
import { paymentsContract } from './payments.contract.js';
import type { PayableOrder } from './payments.js';
import { stripeCards } from './stripe-cards.js';

const stripe = new FakeStripe();
let url = '';
beforeAll(async () => {
  url = await stripe.start();
});
afterAll(() => stripe.stop());
const cards = (key = FakeStripe.key): ReturnType<typeof stripeCards> => stripeCards({ key, url, returnUrl: 'http://127.0.0.1:4321/' });
const order = (orderId: string): PayableOrder => ({
  workgroupId: 'default',
  orderId,
  quantity: 2,
  due: { currency: 'EUR', minor: 3000 },
});
const opened = async (orderId: string): Promise<string> => {
  const found = await cards().open(order(orderId));
  if (found.is !== 'open') throw new Error(`expected an open checkout, found ${found.is}`);
  return found.checkout;
};

paymentsContract('Stripe', () => ({ payments: cards(), pay: (checkout) => stripe.pay(checkout) }));

describe('Stripe', () => {
  it('is asked for the whole amount in one line, with the ids of the order', async () => {
    const session = stripe.sessions.get(await opened('S1'));
    expect(session).toMatchObject({
      amount_total: 3000,
      currency: 'eur',
      client_reference_id: 'S1',
      metadata: { workgroupId: 'default', orderId: 'S1' },
    });
  });

  it.each([
    ['ISK', 3000, 300_000],
    ['HUF', 300_000, 300_000],
    ['JPY', 3000, 3000],
    ['MGA', 3000, 3000],
  ])('is asked for 3000 %s in the unit in which it counts them', async (currency, minor, amount) => {
    expect(minor).toBe(3000 * 10 ** currencyDigits(currency)!);
    const found = await cards().open({ ...order(`S2-${currency}`), due: { currency, minor } });
    const { checkout } = found as Extract<typeof found, { readonly is: 'open' }>;
    expect(stripe.sessions.get(checkout)?.amount_total).toBe(amount);
    stripe.pay(checkout);
    expect(await cards().look(checkout)).toMatchObject({ paid: { currency, minor } });
  });

  it('whose answer was lost gives the same session when it is asked again', async () => {
    // The library asks once more by itself where a connection breaks.
    stripe.failures.push('after', 'after');
    await expect(cards().open(order('S3'))).rejects.toMatchObject({ code: 'payment.unavailable', retry: { afterMs: 10_000 } });
    await opened('S3');
    expect([...stripe.sessions.values()].filter((session) => session.client_reference_id === 'S3')).toHaveLength(1);
  });

  it.each(['before', 500, 429] as const)('that fails with %s is asked again later, and nothing of its answer is passed on', async (how) => {
    stripe.failures.push(how, how);
    const error: unknown = await cards()
      .open(order('S4'))
      .catch((reason: unknown) => reason);
    stripe.failures.length = 0;
    expect(error).toMatchObject({ name: 'Fault', code: 'payment.unavailable' });
    expect(JSON.stringify(error) + String(error)).not.toContain('4242');
  });

  it('that does not accept the key says so, without the key', async () => {
    const error: unknown = await cards('sk_test_wrong')
      .open(order('S5'))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'payment.not-authorised' });
    expect(JSON.stringify(error) + String(error)).not.toContain('sk_test_wrong');
  });

  it('returns money once, also when its answers were lost and its keys are forgotten', async () => {
    const checkout = await opened('S6');
    stripe.pay(checkout);
    const refund = { orderId: 'S6', reference: `pi_${checkout}`, attempt: 1 };
    // The list of refunds is answered, the refund is made, and its answers are lost.
    stripe.failures.push(null, 'after', 'after');
    await expect(cards().refund(refund)).rejects.toMatchObject({ code: 'payment.unavailable' });
    const first = await cards().refund(refund);
    expect(await cards().refund(refund)).toEqual(first);
    expect([...stripe.refunds.values()].filter(({ metadata }) => metadata['orderId'] === 'S6')).toHaveLength(1);
    // Another attempt, of money that has gone back: Stripe refuses it.
    expect(await cards().refund({ ...refund, attempt: 2 })).toEqual({ is: 'failed', code: 'payment.refund-refused' });
  });

  it('may take its time for a refund, and may fail it in the end', async () => {
    const checkout = await opened('S7');
    stripe.pay(checkout);
    const refund = { orderId: 'S7', reference: `pi_${checkout}`, attempt: 1 };
    stripe.refundStatus = 'pending';
    expect(await cards().refund(refund)).toEqual({ is: 'pending' });
    expect(await cards().refund(refund)).toEqual({ is: 'pending' });
    for (const one of stripe.refunds.values()) if (one.metadata['orderId'] === 'S7') one.status = 'failed';
    expect(await cards().refund(refund)).toEqual({ is: 'failed', code: 'payment.refund-refused' });
    stripe.refundStatus = 'succeeded';
    expect(await cards().refund({ ...refund, attempt: 2 })).toMatchObject({ is: 'refunded' });
  });

  it('does not know payments of another account, or that were made without it', async () => {
    for (const ask of ['look', 'close', 'addressOf'] as const)
      await expect(cards()[ask]('cs_test_foreign')).rejects.toMatchObject({
        name: 'Fault',
        code: 'payment.unknown',
        facts: { checkout: 'cs_test_foreign' },
      });
    const refund = { orderId: 'S9', reference: 'trial-S9', attempt: 1 };
    expect(await cards().refund(refund)).toEqual({ is: 'failed', code: 'payment.refund-refused' });
  });

  it('has no money of a payment that was begun with a test key, once the key is a live one', async () => {
    const live = cards('sk_live_fake');
    for (const ask of ['look', 'close'] as const) expect(await live[ask]('cs_test_1')).toEqual({ is: 'closed', code: 'payment.test-mode' });
  });

  it('is not asked for an order without a price, which ends with that', async () => {
    expect(await cards().open({ ...order('S8'), due: null })).toEqual({ is: 'closed', code: 'payment.no-price' });
    expect([...stripe.sessions.values()].some((session) => session.client_reference_id === 'S8')).toBe(false);
  });
});
