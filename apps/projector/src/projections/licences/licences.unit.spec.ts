import { expectDocument } from '@pstream/projections';
import { recorded } from '@pstream/testing';
import { bundles, coupons, licences } from './projection.js';

const at = '2026-03-31T10:00:00.000Z';
const ids = { workgroupId: 'w', orderId: 'O1' };
const price = { version: '2026-03', currency: 'EUR', unitMinor: 1500 };
const order = {
  orderId: 'O1',
  quantity: 2,
  payment: 'card',
  status: 'awaiting-payment',
  price,
  dueMinor: 3000,
  coupon: null,
  renews: null,
  reference: null,
  cause: null,
  placedAt: at,
  expiresAt: null,
};
const placed = { type: 'OrderPlaced', data: { ...ids, quantity: 2, payment: 'card', price, dueMinor: 3000, at } };
const paid = { type: 'PaymentReceived', data: { ...ids, reference: 'r', at } };
const released = { type: 'LicencesReleased', data: { ...ids, quantity: 2, at, expiresAt: '2027-03-31T10:00:00.000Z' } };
const back = (reason: string) => ({ type: 'RefundRequested', data: { ...ids, reason, attempt: 1, at } });
const after = (...events: readonly { readonly type: string; readonly data: object }[]) =>
  expectDocument(licences, 'w').after(...recorded('licensing', 'licence-pool:w', events));
const view = (released_: number, what: object) => ({ workgroupId: 'w', released: released_, applied: 0, orders: [{ ...order, ...what }] });

describe('the licences of a workgroup', () => {
  it('show an order with its price, and its licences once they are released', () => {
    after(placed).toBe(view(0, {}));
    after(placed, paid, released).toBe(view(2, { status: 'released', reference: 'r', expiresAt: '2027-03-31T10:00:00.000Z' }));
  });

  it('show an order of a release that knew no prices', () => {
    after({ type: 'OrderPlaced', data: { ...ids, quantity: 2, payment: 'card', at } }).toBe(view(0, { price: null, dueMinor: null }));
  });

  it('are fewer by those that are refunded', () => {
    after(placed, paid, released, back('asked')).toBe(view(0, { status: 'refunding', reference: 'r' }));
    after(placed, paid, released, back('asked'), { type: 'RefundFailed', data: { ...ids, code: 'payment.refund-refused', at } }).toBe(
      view(0, { status: 'refund-failed', reference: 'r', cause: 'payment.refund-refused' }),
    );
    after(placed, paid, released, back('asked'), { type: 'OrderRefunded', data: { ...ids, reference: 'f', at } }).toBe(
      view(0, { status: 'refunded', reference: 'r' }),
    );
  });

  it('are none of an order whose money goes back at once', () => {
    after(placed, { type: 'OrderCancelRequested', data: { ...ids, at } }).toBe(view(0, { status: 'cancelling' }));
    after(placed, { type: 'OrderCancelled', data: { ...ids, at } }, paid, back('order-closed')).toBe(
      view(0, { status: 'refunding', reference: 'r' }),
    );
    after(placed, { type: 'PaymentFailed', data: { ...ids, code: 'payment.expired', at } }).toBe(
      view(0, { status: 'failed', cause: 'payment.expired' }),
    );
  });
});

describe('a renewal', () => {
  const renewing = { type: 'OrderPlaced', data: { ...ids, orderId: 'O2', quantity: 2, payment: 'card', renews: 'O1', at } };
  const renewed = {
    type: 'LicencesRenewed',
    data: { ...ids, orderId: 'O2', renews: 'O1', quantity: 2, at, expiresAt: '2028-03-31T10:00:00.000Z' },
  };
  const expiresAt = '2028-03-31T10:00:00.000Z';

  it('shows the later end at both orders, and brings no licences of its own', () => {
    after(placed, paid, released, renewing, renewed).toBe({
      workgroupId: 'w',
      released: 2,
      applied: 0,
      orders: [
        { ...order, status: 'released', reference: 'r', expiresAt },
        { ...order, orderId: 'O2', price: null, dueMinor: null, renews: 'O1', status: 'released', expiresAt },
      ],
    });
  });

  it('shows the later end at each bundle', () => {
    const bundle = { workgroupId: 'w', customerId: 'C', orderId: 'O1', users: ['a@b.cd'], at };
    expectDocument(bundles, 'C/a@b.cd')
      .after(
        ...recorded('licensing', 'licence-pool:w', [
          { type: 'BundlesApplied', data: { ...bundle, expiresAt: '2027-03-31T10:00:00.000Z' } },
          { type: 'BundlesRenewed', data: { ...bundle, expiresAt } },
        ]),
      )
      .toBe({ workgroupId: 'w', customerId: 'C', user: 'a@b.cd', orderId: 'O1', appliedAt: at, expiresAt });
  });
});

describe('a coupon', () => {
  it('is shown with its end, and when it was withdrawn', () => {
    const terms = { kind: 'percent', percent: 20 };
    expectDocument(coupons, 'SPRING')
      .after(
        ...recorded('licensing', 'coupon:SPRING', [
          { type: 'CouponCreated', data: { code: 'SPRING', terms, expiresAt: '2026-12-31T00:00:00.000Z', at } },
          { type: 'CouponWithdrawn', data: { code: 'SPRING', at } },
        ]),
      )
      .toBe({ code: 'SPRING', terms, createdAt: at, expiresAt: '2026-12-31T00:00:00.000Z', withdrawnAt: at });
  });
});
