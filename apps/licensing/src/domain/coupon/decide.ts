import type { CouponEvent, CouponTerms } from '@pstream/contracts';
import { accept, assertNever, reject, type Decision } from '@pstream/kernel';

/** A coupon as it was made; its use is on the stream of each workgroup's licences. */
export type Coupon =
  | { readonly is: 'none' }
  | { readonly is: 'coupon'; readonly terms: CouponTerms; readonly expiresAt: string; readonly isWithdrawn: boolean };

export type CouponCommand =
  | {
      readonly type: 'CreateCoupon';
      readonly at: string;
      readonly code: string;
      readonly terms: CouponTerms;
      readonly expiresAt: string;
    }
  | { readonly type: 'WithdrawCoupon'; readonly at: string; readonly code: string };

/** A code stands for one coupon for ever: one that is withdrawn or has expired is not made again. */
export const decideCoupon = (command: CouponCommand, coupon: Coupon): Decision<CouponEvent> => {
  const { code, at } = command;
  switch (command.type) {
    case 'CreateCoupon':
      if (coupon.is === 'coupon') return reject('coupon.code-taken', { code });
      if (command.expiresAt <= at) return reject('coupon.expired', { code, expiredAt: command.expiresAt });
      return accept({ type: 'CouponCreated', data: { code, terms: command.terms, expiresAt: command.expiresAt, at } });
    case 'WithdrawCoupon':
      if (coupon.is === 'none') return reject('coupon.unknown', { code });
      return coupon.isWithdrawn ? accept() : accept({ type: 'CouponWithdrawn', data: { code, at } });
    default:
      return assertNever(command);
  }
};

/** Records what happened to a coupon. */
export const evolveCoupon = (coupon: Coupon, event: CouponEvent): Coupon => {
  switch (event.type) {
    case 'CouponCreated':
      return { is: 'coupon', terms: event.data.terms, expiresAt: event.data.expiresAt, isWithdrawn: false };
    case 'CouponWithdrawn':
      return coupon.is === 'none' ? coupon : { ...coupon, isWithdrawn: true };
    default:
      return assertNever(event);
  }
};
