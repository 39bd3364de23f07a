import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencePoolStream } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { FakeStripe } from '../../../apps/licensing/src/payments/fake-stripe.fixture.js';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

const stripe = new FakeStripe();
let gateway: RunningGateway;
beforeAll(async () => {
  const stripeKeyFile = join(tempDir(), 'stripe.key');
  writeFileSync(stripeKeyFile, `${FakeStripe.key}\n`);
  chmodSync(stripeKeyFile, 0o600);
  const stripeUrl = await stripe.start();
  const settings = { cards: 'stripe', stripeKeyFile, stripeUrl, stripeReturnUrl: 'http://127.0.0.1:4321/', everyMs: 50 } as const;
  gateway = await startGateway(100, {}, settings);
});
afterAll(async () => {
  await gateway.close();
  await stripe.stop();
});

const order = async (): Promise<string> => String((await gateway.call('POST', '/v1/orders', { quantity: 2, payment: 'card' })).body['id']);
const shown = async (id: string): Promise<Reply['body']> => (await gateway.call('GET', `/v1/orders/${id}`)).body;
const payable = (id: string): Promise<Reply['body']> =>
  eventually(
    () => shown(id),
    ({ checkoutUrl }) => typeof checkoutUrl === 'string',
  );
const ended = (id: string, status: string): Promise<Reply['body']> =>
  eventually(
    () => shown(id),
    (found) => found['status'] === status,
  );
const checkoutOf = (id: string): string => {
  const session = [...stripe.sessions.values()].find((one) => one.client_reference_id === id);
  if (session === undefined) throw new Error(`order ${id} has no session`);
  return session.id;
};
const typesOf = async (id: string): Promise<string[]> =>
  (await gateway.store.read(licencePoolStream('default'))).flatMap(({ type, data }) => (data.orderId === id ? [type] : []));

describe('an order that is paid on the page of Stripe', () => {
  it('shows the page until it is paid, releases its licences without any report of Stripe, and can be refunded', async () => {
    expect((await gateway.call('GET', '/v1/licences/prices')).body).toMatchObject({ cards: 'stripe' });
    const id = await order();
    expect(await payable(id)).toMatchObject({
      status: 'awaiting-payment',
      checkoutUrl: `https://checkout.stripe.test/${checkoutOf(id)}`,
    });
    stripe.pay(checkoutOf(id));
    expect(await ended(id, 'released')).toMatchObject({ checkoutUrl: null, reference: `pi_${checkoutOf(id)}` });
    expect(await typesOf(id)).toEqual(['OrderPlaced', 'CheckoutOpened', 'PaymentReceived', 'LicencesReleased']);
    expect((await gateway.call('POST', `/v1/orders/${id}/refund`, {})).status).toBe(200);
    await ended(id, 'refunded');
    expect([...stripe.refunds.values()].filter(({ metadata }) => metadata['orderId'] === id)).toHaveLength(1);
  });

  it('shows the page to those who may buy licences, and to nobody else', async () => {
    const id = await order();
    const { checkoutUrl } = await payable(id);
    for (const [role, url] of [
      ['finance', checkoutUrl],
      ['agent', null],
      ['viewer', null],
    ] as const) {
      const { token } = (await gateway.call('POST', '/v1/tokens', { name: role, role })).body;
      const { body } = await gateway.call('GET', `/v1/orders/${id}`, undefined, { authorization: `Bearer ${String(token)}` });
      expect(body).toMatchObject({ orderId: id, status: 'awaiting-payment', checkoutUrl: url });
    }
  });

  it('cannot be paid once it is cancelled', async () => {
    const id = await order();
    await payable(id);
    expect((await gateway.call('POST', `/v1/orders/${id}/cancel`)).status).toBe(200);
    expect(await ended(id, 'cancelled')).toMatchObject({ checkoutUrl: null });
    expect(() => stripe.pay(checkoutOf(id))).toThrow(/is not open/);
  });

  it('is shown without the page while Stripe does not answer, and is paid all the same', async () => {
    const id = await order();
    await payable(id);
    stripe.isDown = true;
    expect(await shown(id)).toMatchObject({ status: 'awaiting-payment', checkoutUrl: null });
    await eventually(
      () => Promise.resolve(gateway.logged.join('')),
      (text) => text.includes('payment.unavailable'),
    );
    stripe.isDown = false;
    stripe.pay(checkoutOf(id));
    await ended(id, 'released');
  });

  it('leaves neither the key nor the address of the page in an event or in the log', async () => {
    const events = JSON.stringify(await gateway.store.read(licencePoolStream('default')));
    const logged = gateway.logged.join('\n');
    expect(events).toContain('cs_test_');
    for (const text of [events, logged, gateway.messages.join('\n')])
      for (const secret of [FakeStripe.key, 'checkout.stripe.test', '4242']) expect(text).not.toContain(secret);
  });
});
