import { orderState, stepsOf, usersIn, type Order } from './orders.js';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const order = (change: Partial<Order>): Order => ({
  orderId: '01J8ZQ4N5W9K7C1B2D3E4F5G6H',
  quantity: 100,
  payment: 'card',
  status: 'released',
  price: { version: '2026-11', currency: 'EUR', unitMinor: 1500 },
  dueMinor: 150_000,
  coupon: null,
  renews: null,
  reference: null,
  cause: null,
  placedAt: '2026-01-01T00:00:00Z',
  expiresAt: '2027-01-01T00:00:00Z',
  ...change,
});

describe('an order', () => {
  it.each([
    ['2027-01-01T00:00:00Z', 'released'],
    ['2026-12-30T12:00:01Z', 'released'],
    ['2026-12-30T12:00:00Z', 'ends-soon'],
    ['2026-11-30T12:00:01Z', 'ends-soon'],
    ['2026-11-30T12:00:00Z', 'expired'],
  ])('whose licences end at %s is %s', (expiresAt, state) => {
    expect(orderState(order({ expiresAt }), NOW)).toBe(state);
  });

  it.each([
    [{ status: 'awaiting-payment', expiresAt: null }, ['cancel']],
    [{ status: 'awaiting-payment', expiresAt: null, payment: 'wire' }, ['record-payment', 'cancel']],
    [{}, ['renew', 'refund']],
    [{ expiresAt: '2026-12-01T00:00:00Z' }, ['renew', 'refund']],
    [{ expiresAt: '2026-01-01T00:00:00Z' }, []],
    [{ renews: '01J8ZQ4N5W9K7C1B2D3E4F5G6A' }, []],
    [{ status: 'refund-failed' }, ['refund']],
    [{ status: 'refunding' }, []],
    [{ status: 'refunding', payment: 'wire' }, ['refund']],
    [{ status: 'cancelled', expiresAt: null }, []],
    [{ status: 'failed', expiresAt: null }, []],
  ] as const)('offers what its state allows: %j', (change, steps) => {
    expect(stepsOf(order(change as Partial<Order>), NOW)).toEqual(steps);
  });
});

it('takes users as they are pasted, each once', () => {
  expect(usersIn(' ann@contoso.com, bob@contoso.com;ann@contoso.com\n\ncem@contoso.com ')).toEqual([
    'ann@contoso.com',
    'bob@contoso.com',
    'cem@contoso.com',
  ]);
  expect(usersIn('  \n')).toEqual([]);
});
