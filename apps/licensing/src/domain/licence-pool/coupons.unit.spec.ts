import type { CouponTerms, LicensingEvent, Price } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import type { LicencePoolCommand, OfferedCoupon } from './commands.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { emptyPool } from './state.js';

const at = '2026-03-31T10:00:00.000Z';
const price: Price = { version: '2026-03', currency: 'EUR', unitMinor: 1500 };
const pool = () => decider({ decide, evolve, initial: emptyPool() });
const percent: CouponTerms = { kind: 'percent', percent: 20 };
const offered = (terms: CouponTerms, more: Partial<OfferedCoupon> = {}): OfferedCoupon => ({
  code: 'SPRING',
  terms,
  expiresAt: '2026-04-01T00:00:00.000Z',
  isWithdrawn: false,
  ...more,
});
const buy = (coupon: OfferedCoupon, orderId = 'O1', more: object = {}): LicencePoolCommand => ({
  type: 'PlaceOrder',
  workgroupId: 'w',
  orderId,
  at,
  quantity: 3,
  payment: 'card',
  price,
  takesCards: true,
  coupon,
  ...more,
});
const placed = (terms: CouponTerms, dueMinor: number, orderId = 'O1'): LicensingEvent => ({
  type: 'OrderPlaced',
  data: { workgroupId: 'w', orderId, quantity: 3, payment: 'card', price, dueMinor, coupon: { code: 'SPRING', terms }, at },
});
const ids = { workgroupId: 'w', orderId: 'O1' };

describe('a coupon', () => {
  it.each<[CouponTerms, number]>([
    [percent, 3600],
    [{ kind: 'percent', percent: 33 }, 3015],
    [{ kind: 'amount', currency: 'EUR', minor: 500 }, 4000],
    [{ kind: 'licences', licences: 1 }, 3000],
  ])('of %j leaves %i of 4500 to be paid', (terms, dueMinor) => {
    pool()
      .given()
      .when(buy(offered(terms)))
      .then(placed(terms, dueMinor));
  });

  it.each<[CouponTerms]>([
    [{ kind: 'percent', percent: 100 }],
    [{ kind: 'amount', currency: 'EUR', minor: 5000 }],
    [{ kind: 'licences', licences: 3 }],
  ])('of %j pays for everything: the licences are released, and nobody is asked for money', (terms) => {
    pool()
      .given()
      .when(buy(offered(terms)))
      .then(
        placed(terms, 0),
        { type: 'PaymentReceived', data: { ...ids, reference: 'coupon-SPRING', at } },
        { type: 'LicencesReleased', data: { ...ids, quantity: 3, at, expiresAt: '2027-03-31T10:00:00.000Z' } },
      );
  });

  it('counts once for a workgroup, also while its order waits for the money', () => {
    pool()
      .given(placed(percent, 3600))
      .when(buy(offered(percent), 'O2'))
      .then(rejected('coupon.used', { code: 'SPRING', orderId: 'O1' }));
  });

  it('comes back from an order that was cancelled or failed, and is used again once', () => {
    const cancelled: LicensingEvent = { type: 'OrderCancelled', data: { ...ids, at } };
    const failed: LicensingEvent = { type: 'PaymentFailed', data: { ...ids, code: 'payment.expired', at } };
    for (const end of [cancelled, failed]) {
      pool()
        .given(placed(percent, 3600), end)
        .when(buy(offered(percent), 'O2'))
        .then(placed(percent, 3600, 'O2'));
      pool()
        .given(placed(percent, 3600), end, placed(percent, 3600, 'O2'))
        .when(buy(offered(percent), 'O3'))
        .then(rejected('coupon.used', { code: 'SPRING', orderId: 'O2' }));
    }
  });

  it('stays with an order that is being cancelled, since its money may still come', () => {
    pool()
      .given(placed(percent, 3600), { type: 'OrderCancelRequested', data: { ...ids, at } })
      .when(buy(offered(percent), 'O2'))
      .then(rejected('coupon.used'));
  });

  it('is refused when it is withdrawn, has expired, or has nothing to reduce', () => {
    const none = pool().given();
    none.when(buy(offered(percent, { isWithdrawn: true }))).then(rejected('coupon.withdrawn', { code: 'SPRING' }));
    none.when(buy(offered(percent, { expiresAt: at }))).then(rejected('coupon.expired', { code: 'SPRING', expiredAt: at }));
    none.when(buy(offered(percent), 'O1', { price: null })).then(rejected('coupon.no-price', { code: 'SPRING' }));
    none
      .when(buy(offered({ kind: 'amount', currency: 'USD', minor: 500 })))
      .then(rejected('coupon.other-currency', { code: 'SPRING', currency: 'USD', price: 'EUR' }));
  });

  it('that paid for everything leaves nothing to return', () => {
    const free: CouponTerms = { kind: 'percent', percent: 100 };
    pool()
      .given(
        placed(free, 0),
        { type: 'PaymentReceived', data: { ...ids, reference: 'coupon-SPRING', at } },
        { type: 'LicencesReleased', data: { ...ids, quantity: 3, at, expiresAt: '2027-03-31T10:00:00.000Z' } },
      )
      .when({ type: 'RefundOrder', ...ids, at })
      .then(
        { type: 'RefundRequested', data: { ...ids, reason: 'asked', attempt: 1, at } },
        { type: 'OrderRefunded', data: { ...ids, reference: 'nothing-to-return', at } },
      );
  });
});
