import { chmodSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { licencePoolStream, type AuditRecordView } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { FakeStripe } from '../../../apps/licensing/src/payments/fake-stripe.fixture.js';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

const SECRET = 'whsec_of_the_test';
const FOREVER_MS = 3_600_000;
const stripe = new FakeStripe();
let gateway: RunningGateway;
beforeAll(async () => {
  const stripeKeyFile = join(tempDir(), 'stripe.key');
  writeFileSync(stripeKeyFile, `${FakeStripe.key}\n`);
  chmodSync(stripeKeyFile, 0o600);
  const settings = { cards: 'stripe', stripeKeyFile, stripeUrl: await stripe.start(), stripeReturnUrl: 'http://127.0.0.1:4321/' } as const;
  // No round comes to the help of a report that is not heard.
  gateway = await startGateway(100, { stripeWebhookSecret: SECRET }, { ...settings, everyMs: FOREVER_MS });
});
afterAll(async () => {
  await gateway.close();
  await stripe.stop();
});

const shown = async (id: string): Promise<Reply['body']> => (await gateway.call('GET', `/v1/orders/${id}`)).body;
const ended = (id: string, status: string): Promise<Reply['body']> =>
  eventually(
    () => shown(id),
    (found) => found['status'] === status,
  );
/** An order whose page is open. */
const placed = async (): Promise<{ readonly id: string; readonly session: string }> => {
  const id = String((await gateway.call('POST', '/v1/orders', { quantity: 1, payment: 'card' })).body['id']);
  await eventually(
    () => shown(id),
    ({ checkoutUrl }) => typeof checkoutUrl === 'string',
  );
  return { id, session: [...stripe.sessions.values()].find((one) => one.client_reference_id === id)?.id ?? '' };
};
const typesOf = async (id: string): Promise<string[]> =>
  (await gateway.store.read(licencePoolStream('default'))).flatMap(({ type, data }) => (data.orderId === id ? [type] : []));

const nowS = (): number => Math.floor(Date.now() / 1_000);
/** A report as Stripe words it, with more in it than pstream wants to know. */
const report = (orderId: string, session: string, type = 'checkout.session.completed', created = nowS()): string =>
  JSON.stringify({
    id: `evt_${session}`,
    object: 'event',
    type,
    created,
    data: { object: { id: session, customer_details: { email: 'buyer@example.com' }, metadata: { workgroupId: 'default', orderId } } },
  });
const signed = (payload: string, { secret = SECRET, timestamp = nowS() } = {}): string => FakeStripe.signature(payload, secret, timestamp);
const post = (payload: string, signature?: string, path = '/webhooks/stripe'): Promise<number> =>
  fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature === undefined ? {} : { 'stripe-signature': signature }) },
    body: payload,
  }).then(({ status }) => status);

describe('a report of Stripe', () => {
  it('has the order looked at now, and its licences released', async () => {
    const { id, session } = await placed();
    stripe.pay(session);
    const text = report(id, session);
    expect(await post(text, signed(text))).toBe(204);
    await ended(id, 'released');
    expect(await typesOf(id)).toEqual(['OrderPlaced', 'CheckoutOpened', 'PaymentReceived', 'LicencesReleased']);
  });

  it('is believed in nothing: an order that nobody has paid stays as it is', async () => {
    const { id, session } = await placed();
    const text = report(id, session);
    expect(await post(text, signed(text))).toBe(204);
    const other = report(id, session, 'checkout.session.expired');
    expect(await post(other, signed(other))).toBe(204);
    // Answered in order: what follows the reports has been decided after them.
    const paid = await placed();
    stripe.pay(paid.session);
    const last = report(paid.id, paid.session);
    expect(await post(last, signed(last))).toBe(204);
    await ended(paid.id, 'released');
    expect(await shown(id)).toMatchObject({ status: 'awaiting-payment' });
  });

  it('does nothing twice, repeated and in any order', async () => {
    const { id, session } = await placed();
    stripe.pay(session);
    const texts = [
      'checkout.session.expired',
      'checkout.session.completed',
      'checkout.session.completed',
      'checkout.session.async_payment_failed',
    ].map((type, at) => report(id, session, type, nowS() - at));
    expect(await Promise.all([...texts, ...texts].map((text) => post(text, signed(text))))).toEqual(Array(8).fill(204));
    await ended(id, 'released');
    expect(await typesOf(id)).toEqual(['OrderPlaced', 'CheckoutOpened', 'PaymentReceived', 'LicencesReleased']);
    expect((await gateway.call('GET', '/v1/licences')).body['orders']).toEqual(
      expect.arrayContaining([expect.objectContaining({ orderId: id, status: 'released' })]),
    );
  });

  it('is answered and forgotten where nobody knows the order, or it is of another kind', async () => {
    for (const text of [
      report('01J8ZQ4N5W9K7C1B2D3E4F5G6H', 'cs_of_nobody'),
      report('no id', 'cs_test_0'),
      JSON.stringify({ id: 'evt_1', object: 'event', type: 'invoice.paid', created: nowS(), data: { object: {} } }),
    ])
      expect(await post(text, signed(text))).toBe(204);
  });

  it('is refused when it is forged, old, from the future, altered or without a signature', async () => {
    const { id, session } = await placed();
    stripe.pay(session);
    const text = report(id, session);
    const old = nowS() - 301;
    const future = report(id, session, 'checkout.session.completed', nowS() + 3_600);
    for (const [payload, signature] of [
      [text, signed(text, { secret: 'whsec_of_another' })],
      [text, signed(text, { timestamp: old })],
      [future, signed(future, { timestamp: nowS() + 3_600 })],
      [text.replace(session, 'cs_test_other'), signed(text)],
      [text, 't=1,v1=00'],
      [text, 'nonsense'],
      [text, undefined],
      ['{', undefined],
    ] as const)
      expect([signature, await post(payload, signature)]).toEqual([signature, 400]);
    expect(await shown(id)).toMatchObject({ status: 'awaiting-payment' });
    const found = await eventually(
      async () => (await gateway.call('GET', '/v1/audit?of=installation&outcome=refused')).body['items'] as AuditRecordView[],
      (items) => items.length > 0,
    );
    expect(found).toEqual([expect.objectContaining({ code: 'webhook.signature-invalid', who: null, status: 400 })]);
  });

  it('is read up to a size, and by POST alone', async () => {
    const long = JSON.stringify({ filler: 'x'.repeat(300 * 1024) });
    expect(await post(long, signed(long))).toBe(413);
    expect((await fetch(`${gateway.url}/webhooks/stripe`)).status).toBe(405);
  });

  it('comes under whatever name Stripe knows the gateway by', async () => {
    const text = report('01J8ZQ4N5W9K7C1B2D3E4F5G6H', 'cs_of_nobody');
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'pay.elsewhere.example', 'stripe-signature': signed(text), 'content-length': Buffer.byteLength(text) };
      request(`${gateway.url}/webhooks/stripe`, { method: 'POST', headers }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end(text);
    });
    expect(status).toBe(204);
  });

  it('leaves nothing of the buyer behind', async () => {
    const kept = JSON.stringify([await gateway.store.read(licencePoolStream('default')), gateway.logged, gateway.messages]);
    for (const text of ['buyer@example.com', SECRET, 'v1=']) expect(kept).not.toContain(text);
  });

  it('is not heard where no secret is configured', async () => {
    const text = report('01J8ZQ4N5W9K7C1B2D3E4F5G6H', 'cs_x');
    const other = await startGateway();
    const reply = await other.bare('POST', '/webhooks/stripe', JSON.parse(text), { 'stripe-signature': signed(text) });
    expect(reply.body).toMatchObject({ status: 404, code: 'webhook.not-set-up' });
    await other.close();
  });
});
