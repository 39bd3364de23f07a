import type { CouponTerms, Price } from '@pstream/contracts';

/** What so many licences cost with a coupon, in minor units. Halves are rounded in the buyer's favour. */
export const dueFor = (quantity: number, { unitMinor }: Price, terms: CouponTerms | undefined): number => {
  const full = quantity * unitMinor;
  switch (terms?.kind) {
    case undefined:
      return full;
    case 'percent':
      return full - Math.ceil((full * terms.percent) / 100);
    case 'amount':
      return Math.max(0, full - terms.minor);
    case 'licences':
      return Math.max(0, quantity - terms.licences) * unitMinor;
  }
};
