import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);

describe('commands', () => {
  it('sent again with the same Idempotency-Key do nothing twice', async () => {
    const key = { 'idempotency-key': 'order-66' };
    const first = await call('POST', '/v1/customers', { name: 'Once' }, key);
    const second = await call('POST', '/v1/customers', { name: 'Once' }, key);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await call('POST', '/v1/customers', { name: 'Once' }, { 'idempotency-key': 'other' })).status).toBe(409);
  });

  it('tell a version that a query can wait for', async () => {
    const { body } = await call('POST', '/v1/customers', { name: 'Awaited' });
    expect(
      (await call('GET', `/v1/customers?atLeast=${String(body['stream'])}:${String(body['version'])}&limit=1000`)).body['items'],
    ).toContainEqual(expect.objectContaining({ name: 'Awaited' }));
    expect((await call('GET', `/v1/licences?atLeast=${String(body['stream'])}:1`)).body).toMatchObject({
      status: 400,
      code: 'request.at-least',
    });
    expect((await call('GET', '/v1/customers?atLeast=nonsense')).body).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it('travel with the id of the token, never with the token', async () => {
    await call('POST', '/v1/customers', { name: 'Travels' });
    const sent = gateway.messages.find((message) => message.includes('Travels')) ?? '';
    const { meta } = JSON.parse(sent) as { meta: unknown };
    expect(meta).toEqual({
      commandId: expect.stringMatching(/^[0-9A-Z]{26}$/),
      by: expect.stringMatching(/^[0-9A-Z]{26}$/),
      at: expect.any(String),
    });
    expect(gateway.messages.join()).not.toContain(gateway.token);
  });
});

describe('licences', () => {
  it('are ordered, shown and applied', async () => {
    expect((await call('POST', '/v1/orders', { quantity: 10, payment: 'card' })).body).toMatchObject({ stream: 'licence-pool:default' });
    expect((await call('GET', '/v1/licences')).body).toMatchObject({
      workgroupId: 'default',
      released: 10,
      applied: 0,
      orders: [{ quantity: 10, payment: 'card' }],
    });
    const { customerId } = await projectIn(gateway);
    const apply = (count: number): Promise<Reply> => {
      const users = Array.from({ length: count }, (_, n) => `user${n}@contoso.com`);
      return call('POST', `/v1/customers/${customerId}/bundles`, { users }, { prefer: 'wait=20' });
    };
    expect((await apply(11)).body).toMatchObject({
      state: 'failed',
      cause: {
        code: 'licence.seats-exhausted',
        detail: '11 licences needed, 10 free. Order more with `pstream licence buy`.',
      },
    });
    expect((await call('GET', `/v1/customers/${customerId}/bundles`)).body['total']).toBe(0);
    expect((await apply(2)).body).toMatchObject({ state: 'finished', accepted: 2 });
    expect((await call('GET', `/v1/customers/${customerId}/bundles`)).body['total']).toBe(2);
    expect((await call('POST', '/v1/customers/unknown/bundles', { users: ['a@b.co'] })).body).toMatchObject({
      status: 404,
      code: 'customer.unknown',
    });
  });
});
