import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const order = async (body: object): Promise<string> => String((await call('POST', '/v1/orders', body)).body['id']);
const shown = async (orderId: string): Promise<Reply['body']> => (await call('GET', `/v1/orders/${orderId}`)).body;

describe('licences', () => {
  it('have prices and considerations', async () => {
    expect((await call('GET', '/v1/licences/prices')).body).toEqual({
      enforced: true,
      price: { version: '2026-11', currency: 'EUR', unitMinor: 1500 },
      cards: 'trial',
      wireMinimum: 100,
      months: 12,
      covers: ['mailbox', 'archive', 'document', 'personal-archive'],
    });
    const { items } = (await call('GET', '/v1/licences/considerations')).body;
    expect(items).toContainEqual(expect.objectContaining({ title: 'One licence per user' }));
  });
});

describe('an order', () => {
  it('by card is paid, and refunded once', async () => {
    const id = await order({ quantity: 2, payment: 'card', priceVersion: '2026-11' });
    expect(await shown(id)).toMatchObject({ status: 'released', dueMinor: 3000, reference: `trial-${id}` });
    expect((await call('POST', `/v1/orders/${id}/cancel`)).body).toMatchObject({ status: 409, code: 'order.paid' });
    expect((await call('POST', `/v1/orders/${id}/refund`, {})).body).toMatchObject({ id });
    expect(await shown(id)).toMatchObject({ status: 'refunded', expiresAt: null });
    expect((await call('POST', `/v1/orders/${id}/refund`, {})).body).toMatchObject({ id });
    expect((await call('GET', '/v1/licences')).body).toMatchObject({ released: 0 });
  });

  it('by wire waits for its money, of which one reference is taken', async () => {
    const id = await order({ quantity: 100, payment: 'wire' });
    expect(await shown(id)).toMatchObject({ status: 'awaiting-payment', dueMinor: 150_000 });
    for (const times of [1, 2])
      expect([times, (await call('POST', `/v1/orders/${id}/payment`, { reference: 'INV-1' })).status]).toEqual([times, 200]);
    expect((await call('POST', `/v1/orders/${id}/payment`, { reference: 'INV-2' })).body).toMatchObject({
      status: 409,
      code: 'order.paid-otherwise',
    });
    expect(await shown(id)).toMatchObject({ status: 'released', reference: 'INV-1' });
    expect((await call('POST', `/v1/orders/${id}/refund`, {})).body).toMatchObject({ status: 409, code: 'order.refund-needs-reference' });
    expect((await call('POST', `/v1/orders/${id}/refund`, { reference: 'BACK-1' })).status).toBe(200);
    expect(await shown(id)).toMatchObject({ status: 'refunded' });
  });

  it('by wire is cancelled as long as it is not paid', async () => {
    const id = await order({ quantity: 100, payment: 'wire' });
    expect((await call('POST', `/v1/orders/${id}/cancel`)).status).toBe(200);
    expect(await shown(id)).toMatchObject({ status: 'cancelled' });
    expect((await call('POST', `/v1/orders/${id}/payment`, { reference: 'INV-1' })).body).toMatchObject({
      status: 409,
      code: 'order.closed',
    });
  });

  it('is refused with its reason', async () => {
    for (const [body, code] of [
      [{ quantity: 500, payment: 'purchase-order' }, 'order.purchase-orders-refused'],
      [{ quantity: 99, payment: 'wire' }, 'order.wire-below-minimum'],
      [{ quantity: 1, payment: 'card', priceVersion: '2025-01' }, 'order.price-changed'],
    ] as const)
      expect((await call('POST', '/v1/orders', body)).body).toMatchObject({ status: 409, code });
    expect(await shown('01J8ZQ4N5W9K7C1B2D3E4F5G6H')).toMatchObject({ status: 404, code: 'order.unknown' });
  });
});

describe('a coupon', () => {
  const create = (code: string, expiresAt: string): Promise<Reply> =>
    call('POST', '/v1/admin/coupons', { code, terms: { kind: 'licences', licences: 1 }, expiresAt });

  it('takes its part off one order of the workgroup', async () => {
    expect((await create('spring-1', '2099-01-01T00:00:00.000Z')).body).toMatchObject({ id: 'SPRING-1', stream: 'coupon:SPRING-1' });
    expect((await create('SPRING-1', '2099-01-01T00:00:00.000Z')).body).toMatchObject({ status: 409, code: 'coupon.code-taken' });
    const id = await order({ quantity: 3, payment: 'card', coupon: 'Spring-1' });
    expect(await shown(id)).toMatchObject({ status: 'released', dueMinor: 3000, coupon: 'SPRING-1' });
    expect((await call('POST', '/v1/orders', { quantity: 3, payment: 'card', coupon: 'SPRING-1' })).body).toMatchObject({
      status: 409,
      code: 'coupon.used',
    });
  });

  it('is refused when it is unknown, late or withdrawn', async () => {
    const buy = (coupon: string): Promise<Reply> => call('POST', '/v1/orders', { quantity: 3, payment: 'card', coupon });
    expect((await buy('NONE')).body).toMatchObject({ status: 404, code: 'coupon.unknown' });
    expect((await create('LATE', '2026-01-01T00:00:00.000Z')).body).toMatchObject({ status: 409, code: 'coupon.expired' });
    await create('GONE', '2099-01-01T00:00:00.000Z');
    expect((await call('DELETE', '/v1/admin/coupons/GONE')).status).toBe(200);
    expect((await buy('GONE')).body).toMatchObject({ status: 409, code: 'coupon.withdrawn' });
    expect((await call('GET', '/v1/admin/coupons')).body['items']).toMatchObject([
      { code: 'GONE', withdrawnAt: expect.any(String) },
      { code: 'SPRING-1', withdrawnAt: null },
    ]);
  });
});

describe('a renewal', () => {
  it('is an order that prolongs the licences of another one', async () => {
    const id = await order({ quantity: 2, payment: 'card' });
    const before = String((await shown(id))['expiresAt']);
    const { body } = await call('POST', `/v1/orders/${id}/renewal`, { payment: 'card' });
    expect(await shown(String(body['id']))).toMatchObject({ status: 'released', renews: id, quantity: 2 });
    expect(Number(String((await shown(id))['expiresAt']).slice(0, 4))).toBe(Number(before.slice(0, 4)) + 1);
    expect((await call('POST', `/v1/orders/${id}/refund`, {})).body).toMatchObject({ status: 409, code: 'order.renewed' });
  });
});

describe('an installation without licences', () => {
  it('sells none, gives none away, counts none, and starts a pass of whoever has none', async () => {
    const free = await startGateway(100, {}, { licences: 'off' });
    try {
      expect((await free.call('GET', '/v1/licences/prices')).body).toMatchObject({ enforced: false });
      expect((await free.call('GET', '/v1/licences/considerations')).body).toEqual({ items: [] });
      const refused = { status: 409, code: 'licence.not-enforced' };
      expect((await free.call('POST', '/v1/orders', { quantity: 2, payment: 'card' })).body).toMatchObject(refused);
      const coupon = { code: 'SPRING-2027', terms: { kind: 'licences', licences: 1 }, expiresAt: '2099-01-01T00:00:00.000Z' };
      expect((await free.call('POST', '/v1/admin/coupons', coupon)).body).toMatchObject(refused);
      const { customerId, projectId } = await projectIn(free);
      const applied = await free.call('POST', `/v1/customers/${customerId}/bundles`, { users: ['ada@contoso.com'] }, { prefer: 'wait=20' });
      expect(applied.body).toMatchObject({ state: 'failed', cause: { code: 'licence.not-enforced' } });
      expect((await free.call('GET', '/v1/licences')).body).toEqual({ workgroupId: 'default', released: 0, applied: 0, orders: [] });
      expect((await free.call('GET', `/v1/customers/${customerId}/bundles`)).body).toMatchObject({ items: [], total: 0 });
      expect((await free.call('GET', '/v1/admin/coupons')).body).toMatchObject({ items: [], total: 0 });
      const users = ['ada@contoso.com', 'ben@contoso.com'];
      const items = users.map((source) => ({ source, destination: source.replace('@contoso.com', '.pst') }));
      await free.call('POST', `/v1/projects/${projectId}/mailboxes`, { items });
      for (const [kind, user, more] of [
        ['pre-stage', users[0], { before: '2026-01-01' }],
        ['full', users[1], {}],
      ] as const) {
        const body = { kind, mailboxes: [user], ...more };
        const reply = await free.call('POST', `/v1/projects/${projectId}/passes`, body, { prefer: 'wait=20' });
        expect(reply.body).toMatchObject({ kind, accepted: 1, rejected: 0 });
      }
      const { sourceEndpointId, destinationEndpointId } = (await free.call('GET', `/v1/projects/${projectId}`)).body;
      const archives = { name: 'Archives', type: 'archive', container: 'archives', sourceEndpointId, destinationEndpointId };
      const { id } = (await free.call('POST', `/v1/customers/${customerId}/projects`, archives)).body;
      await free.call('POST', `/v1/projects/${String(id)}/mailboxes`, { items: [{ source: 'eve@contoso.com', destination: 'eve.pst' }] });
      const estimated = await free.call('POST', `/v1/projects/${String(id)}/estimate`, {});
      expect(estimated.body).toMatchObject({ licences: { users: 1, covered: 0, needed: 0 } });
    } finally {
      await free.close();
    }
  });
});
