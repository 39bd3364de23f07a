import { FakeGateway, HastyClock, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { AT, done, setScene } from '../scene.fixture.js';

const gateway = new FakeGateway();
let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
const price = { version: '2026-11', currency: 'EUR', unitMinor: 1500 };
const order = {
  orderId: 'O1',
  quantity: 120,
  payment: 'wire',
  status: 'awaiting-payment',
  price,
  dueMinor: 180_000,
  coupon: null,
  renews: null,
  reference: null,
  cause: null,
  checkoutUrl: null as string | null,
  placedAt: AT,
  expiresAt: null,
};
const made = { ...done, id: 'O1' };
const prices = { enforced: true, price, cards: 'trial', wireMinimum: 100, months: 12, covers: ['mailbox', 'archive'] };

beforeAll(async () => {
  run = runner(await gateway.start());
});
afterAll(() => gateway.stop());
beforeEach(() => {
  setScene(gateway);
  gateway.routes.set('GET /v1/licences/prices', { body: prices });
  gateway.routes.set('GET /v1/licences/considerations', {
    body: { items: [{ title: 'One licence per user', text: 'It cannot be moved.' }] },
  });
  gateway.routes.set('GET /v1/orders/O1', { body: order });
  gateway.routes.set('GET /v1/licences', { body: { workgroupId: 'default', released: 5, applied: 1, orders: [order] } });
  for (const route of ['/v1/orders', '/v1/orders/O1/renewal', '/v1/orders/O1/cancel', '/v1/orders/O1/refund'])
    gateway.routes.set(`POST ${route}`, { body: made });
});

const sent = (): unknown => JSON.parse(gateway.changes.at(-1)?.body || 'null');

describe('buying licences', () => {
  it('shows the considerations and the amount first, and changes nothing without --yes', async () => {
    const before = gateway.changes.length;
    const { exitCode, stderr } = await run(['licence', 'buy', '120', '--payment', 'wire']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('One licence per user: It cannot be moved.\n');
    expect(stderr).toContain('order 120 licences by wire (1800.00 EUR)');
    expect(gateway.changes.length).toBe(before);
  });

  it('is not offered where no licences are needed', async () => {
    const before = gateway.changes.length;
    gateway.routes.set('GET /v1/licences/prices', { body: { ...prices, enforced: false } });
    gateway.routes.set('GET /v1/licences', { body: { workgroupId: 'default', released: 0, applied: 0, orders: [] } });
    for (const argv of [
      ['licence', 'buy', '120'],
      ['licence', 'buy', '120', '--yes'],
    ]) {
      const { exitCode, stderr } = await run(argv);
      expect([exitCode, stderr]).toEqual([3, expect.stringContaining('No licences are needed.')]);
    }
    const { stdout, stderr } = await run(['licence', 'orders'], { tty: true });
    expect(`${stdout}${stderr}`).toContain('Licences are not needed here');
    expect(gateway.changes.length).toBe(before);
  });

  it('orders at the price that was shown', async () => {
    const { exitCode, stdout, stderr } = await run(['licence', 'buy', '120', '--payment', 'wire', '--yes']);
    expect([exitCode, stdout, stderr]).toEqual([0, 'O1\n', '']);
    expect(sent()).toEqual({ quantity: 120, payment: 'wire', priceVersion: '2026-11' });
    const { stdout: human } = await run(['licence', 'buy', '120', '--payment', 'wire', '--yes'], { tty: true });
    expect(human).toContain('When the money has come: pstream licence record-payment O1 REFERENCE');
  });

  it('says where a card order is paid, as soon as its page is there', async () => {
    const byCard = { ...order, payment: 'card' };
    let looks = 0;
    gateway.routes.set('GET /v1/orders/O1', () => ({
      body: ++looks < 2 ? byCard : { ...byCard, checkoutUrl: 'https://checkout.stripe.test/cs_1' },
    }));
    const { stdout } = await run(['licence', 'buy', '120', '--yes'], { tty: true, clock: new HastyClock() });
    expect(stdout).toMatch(/^Order O1, 1800\.00 EUR: pay it at https:\/\/checkout\.stripe\.test\/cs_1\n.*pstream licence show O1\n$/);
    expect(looks).toBe(2);
    expect(JSON.parse((await run(['licence', 'buy', '120', '--yes', '--json'])).stdout)).toMatchObject({
      id: 'O1',
      status: 'awaiting-payment',
      checkoutUrl: 'https://checkout.stripe.test/cs_1',
    });
    expect((await run(['licence', 'show', 'O1'])).stdout).toContain('Pay at\thttps://checkout.stripe.test/cs_1\n');
  });

  it('orders without a question, by the name that scripts know', async () => {
    const { exitCode, stdout, stderr } = await run(['licence', 'order', '120', '--payment', 'wire']);
    expect([exitCode, stdout, stderr]).toEqual([0, 'O1\n', '']);
    expect(sent()).toEqual({ quantity: 120, payment: 'wire', priceVersion: '2026-11' });
    expect((await run(['licence', 'order', '0'])).exitCode).toBe(2);
  });

  it('needs no price', async () => {
    const prices = { enforced: true, price: null, cards: 'trial', wireMinimum: 100, months: 12, covers: ['mailbox'] };
    gateway.routes.set('GET /v1/licences/prices', { body: prices });
    gateway.routes.set('GET /v1/orders/O1', { body: { ...order, payment: 'card', status: 'released', price: null, dueMinor: null } });
    const { stdout } = await run(['licence', 'buy', '2', '--yes'], { tty: true });
    expect(stdout).toBe('Order O1, no price is configured: its licences are released.\n');
    expect(sent()).toEqual({ quantity: 2, payment: 'card' });
  });
});

describe('an order', () => {
  it('is cancelled and refunded with --yes alone', async () => {
    for (const verb of ['cancel', 'refund']) {
      expect((await run(['licence', verb, 'O1'])).exitCode).toBe(2);
      expect(await run(['licence', verb, 'O1', '--yes'])).toMatchObject({ exitCode: 0, stdout: 'O1\n' });
      expect(gateway.changes.at(-1)?.path).toBe(`/v1/orders/O1/${verb}`);
    }
    await run(['licence', 'refund', 'O1', '--reference', 'back 7', '--yes']);
    expect(sent()).toEqual({ reference: 'back 7' });
  });

  it.each([
    [{ status: 'released' }, 'its licences are released.'],
    [{ status: 'released', renews: 'O0' }, 'the licences of order O0 are renewed.'],
    [
      { status: 'refunding', renews: 'O0' },
      'the licences that it was to renew are gone. Transfer its money back, and record that: pstream licence refund O1 --reference REFERENCE --yes',
    ],
  ])('of which the money has come says what became of it: %j', async (found, said) => {
    gateway.routes.set('POST /v1/orders/O1/payment', { body: made });
    gateway.routes.set('GET /v1/orders/O1', { body: { ...order, ...found } });
    const { exitCode, stdout } = await run(['licence', 'record-payment', 'O1', 'wire 7'], { tty: true });
    expect([exitCode, stdout]).toEqual([0, `Order O1: ${said}\n`]);
    expect(sent()).toEqual({ reference: 'wire 7' });
  });

  it('that failed says why', async () => {
    gateway.routes.set('GET /v1/orders/O1', { body: { ...order, payment: 'card', status: 'failed', cause: 'payment.refused' } });
    const { stdout } = await run(['licence', 'buy', '120', '--yes'], { tty: true });
    expect(stdout).toBe('Order O1, 1800.00 EUR: failed (payment.refused). See how far it is with: pstream licence show O1\n');
  });

  it('is listed and shown', async () => {
    expect((await run(['licence', 'orders'])).stdout).toBe(`O1\t120\twire\tawaiting-payment\t1800.00 EUR\t${AT}\t\n`);
    expect((await run(['licence', 'show', 'O1'])).stdout).toContain('Price list\t2026-11\n');
    expect((await run(['licence', 'list'])).stdout).toBe('Released\t5\nApplied\t1\nOrders\t1\nNeeded\tyes\n');
    expect((await run(['licence', 'prices'])).stdout).toContain('One licence\t15.00 EUR\n');
    expect((await run(['licence', 'considerations'])).stdout).toBe('One licence per user\tIt cannot be moved.\n');
  });
});

describe('a renewal', () => {
  it('is ordered for the licences of an order, with a coupon where there is one', async () => {
    const { exitCode, stderr } = await run(['licence', 'renew', 'O1', '--coupon', 'spring']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('renew 120 licences of order O1 by card (1800.00 EUR, less coupon spring)');
    expect((await run(['licence', 'renew', 'O1', '--coupon', 'spring', '--yes'])).exitCode).toBe(0);
    expect(sent()).toEqual({ payment: 'card', priceVersion: '2026-11', coupon: 'spring' });
  });
});

describe('coupons', () => {
  beforeEach(() => {
    gateway.routes.set('POST /v1/admin/coupons', { body: { ...made, id: 'SPRING' } });
    gateway.routes.set('DELETE /v1/admin/coupons/SPRING', { body: { ...made, id: 'SPRING' } });
    gateway.list('/v1/admin/coupons', [
      { code: 'SPRING', terms: { kind: 'amount', currency: 'EUR', minor: 5000 }, createdAt: AT, expiresAt: AT, withdrawnAt: null },
    ]);
  });

  it.each([
    [['--percent', '20'], { kind: 'percent', percent: 20 }],
    [['--licences', '5'], { kind: 'licences', licences: 5 }],
    [['--amount', '50.5 EUR'], { kind: 'amount', currency: 'EUR', minor: 5050 }],
    [['--amount', '5000 HUF'], { kind: 'amount', currency: 'HUF', minor: 500_000 }],
    [['--amount', '500 JPY'], { kind: 'amount', currency: 'JPY', minor: 500 }],
  ])('are made with %j, to the end of their last day', async (argv, terms) => {
    const { exitCode, stdout } = await run(['licence', 'coupons', 'create', 'SPRING', ...argv, '--until', '2027-01-31']);
    expect([exitCode, stdout]).toEqual([0, 'SPRING\n']);
    expect(sent()).toEqual({ code: 'SPRING', terms, expiresAt: '2027-02-01T00:00:00.000Z' });
  });

  it.each([[[]], [['--percent', '20', '--licences', '5']], [['--amount', '50.555 EUR']], [['--amount', '50']], [['--percent', 'x']]])(
    'are not made with %j',
    async (argv) => {
      expect((await run(['licence', 'coupons', 'create', 'SPRING', ...argv, '--until', '2027-01-31'])).exitCode).toBe(2);
    },
  );

  it('are listed and withdrawn', async () => {
    expect((await run(['licence', 'coupons', 'list'])).stdout).toBe(`SPRING\t50.00 EUR\t${AT}\t\n`);
    expect((await run(['licence', 'coupons', 'withdraw', 'SPRING'])).exitCode).toBe(2);
    expect((await run(['licence', 'coupons', 'withdraw', 'SPRING', '--yes'])).stdout).toBe('SPRING\n');
  });
});
