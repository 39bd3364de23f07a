import type { CouponEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decideCoupon, evolveCoupon, type Coupon, type CouponCommand } from './decide.js';

const at = '2026-03-31T10:00:00.000Z';
const terms = { kind: 'percent', percent: 20 } as const;
const create = (expiresAt: string): CouponCommand => ({ type: 'CreateCoupon', code: 'SPRING', terms, expiresAt, at });
const withdraw: CouponCommand = { type: 'WithdrawCoupon', code: 'SPRING', at };
const created: CouponEvent = { type: 'CouponCreated', data: { code: 'SPRING', terms, expiresAt: '2026-04-01T00:00:00.000Z', at } };
const withdrawn: CouponEvent = { type: 'CouponWithdrawn', data: { code: 'SPRING', at } };
const initial: Coupon = { is: 'none' };
const coupon = decider({ decide: decideCoupon, evolve: evolveCoupon, initial });

describe('a coupon', () => {
  it('is made with a code that is never used again', () => {
    coupon.given().when(create('2026-04-01T00:00:00.000Z')).then(created);
    coupon
      .given(created)
      .when(create('2026-05-01T00:00:00.000Z'))
      .then(rejected('coupon.code-taken', { code: 'SPRING' }));
    coupon.given(created, withdrawn).when(create('2026-05-01T00:00:00.000Z')).then(rejected('coupon.code-taken'));
  });
  it('is not made for a time that has gone', () => {
    coupon
      .given()
      .when(create(at))
      .then(rejected('coupon.expired', { code: 'SPRING', expiredAt: at }));
  });
  it('is withdrawn once', () => {
    coupon.given(created).when(withdraw).then(withdrawn);
    coupon.given(created, withdrawn).when(withdraw).then();
    coupon
      .given()
      .when(withdraw)
      .then(rejected('coupon.unknown', { code: 'SPRING' }));
  });
});
