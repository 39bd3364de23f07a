import { couponCommand, couponFieldOf, couponOf, minorOf, requiredOf } from './coupon-form.js';

const PERCENT = { code: ' spring ', kind: 'percent', percent: '20', amount: '', currency: 'EUR', licences: '', until: '2027-01-31' };

describe('a coupon', () => {
  it('holds to the end of its last day, and takes off what was chosen', () => {
    expect(couponOf(PERCENT)).toEqual({ code: 'spring', terms: { kind: 'percent', percent: 20 }, expiresAt: '2027-02-01T00:00:00.000Z' });
    expect(couponOf({ ...PERCENT, kind: 'amount', amount: '50,5', currency: 'eur' }).terms).toEqual({
      kind: 'amount',
      currency: 'EUR',
      minor: 5050,
    });
    expect(couponOf({ ...PERCENT, kind: 'licences', licences: '5' }).terms).toEqual({ kind: 'licences', licences: 5 });
  });

  it('takes amounts of its currency alone', () => {
    expect([minorOf('50.00', 'EUR'), minorOf('50', 'JPY'), minorOf('50.5', 'JPY'), minorOf('x', 'EUR'), minorOf('1', '')]).toEqual([
      5000,
      50,
      NaN,
      NaN,
      NaN,
    ]);
  });

  it('needs what its kind needs, and has faults at their fields', () => {
    expect(requiredOf(PERCENT)).toEqual(['code', 'until', 'percent']);
    expect(requiredOf({ ...PERCENT, kind: 'amount' })).toEqual(['code', 'until', 'amount', 'currency']);
    expect(['terms.percent', 'terms.minor', 'expiresAt', 'code'].map(couponFieldOf)).toEqual(['percent', 'amount', 'until', 'code']);
  });

  it('has a command that means the same', () => {
    expect(couponCommand(PERCENT)).toBe('pstream licence coupons create spring --percent 20 --until 2027-01-31');
    expect(couponCommand({ ...PERCENT, kind: 'amount', amount: '50,00' })).toBe(
      "pstream licence coupons create spring --amount '50.00 EUR' --until 2027-01-31",
    );
  });
});
