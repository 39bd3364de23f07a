import type { ArgsOf, AnswerOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';

export type Coupon = AnswerOf<'listCoupons'>['items'][number];
type CouponBody = ArgsOf<'createCoupon'>['body'];

/** What a coupon takes off, in the order in which it is offered. */
export const COUPON_KINDS = ['percent', 'amount', 'licences'] as const satisfies readonly Coupon['terms']['kind'][];

/** The fields of the form of a coupon; `until` is the last day on which it can be used, in UTC. */
export type CouponField = 'code' | 'kind' | 'percent' | 'amount' | 'currency' | 'licences' | 'until';
export type CouponValues = Readonly<Record<CouponField, string>>;

const DAY_MS = 86_400_000;

/** An amount in minor units, such as cents, of a currency; not a number for what is none. */
export const minorOf = (amount: string, currency: string): number => {
  if (!/^[A-Z]{3}$/.test(currency) || !/^\d+([.,]\d+)?$/.test(amount)) return NaN;
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const [whole = '', part = ''] = amount.split(/[.,]/);
  return part.length > digits ? NaN : Number(whole) * 10 ** digits + Number(part.padEnd(digits, '0') || '0');
};

/** A coupon as the API takes it; the gateway says what is wrong with it. */
export const couponOf = ({ code, kind, percent, amount, currency, licences, until }: CouponValues): CouponBody => {
  const money = { currency: currency.trim().toUpperCase() };
  const terms: CouponBody['terms'] =
    kind === 'amount'
      ? { kind, ...money, minor: minorOf(amount.trim(), money.currency) }
      : kind === 'licences'
        ? { kind, licences: Number(licences) }
        : { kind: 'percent', percent: Number(percent) };
  return { code: code.trim(), terms, expiresAt: new Date(Date.parse(`${until}T00:00:00.000Z`) + DAY_MS).toISOString() };
};

/** What must not be blank. */
export const requiredOf = ({ kind }: CouponValues): readonly CouponField[] => [
  'code',
  'until',
  ...(kind === 'amount' ? (['amount', 'currency'] as const) : [kind === 'licences' ? ('licences' as const) : ('percent' as const)]),
];

/** The field for a place in the body. */
export const couponFieldOf = (column: string): string => {
  const place = column.replace(/^terms\./, '');
  return place === 'minor' ? 'amount' : place === 'expiresAt' ? 'until' : place;
};

/** The command that does the same. */
export const couponCommand = ({ code, kind, percent, amount, currency, licences, until }: CouponValues): string => {
  const terms =
    kind === 'amount'
      ? `--amount ${shellWord(`${amount.trim().replace(',', '.') || 'AMOUNT'} ${currency.trim().toUpperCase() || 'CURRENCY'}`)}`
      : kind === 'licences'
        ? `--licences ${licences.trim() || 'N'}`
        : `--percent ${percent.trim() || 'N'}`;
  return `pstream licence coupons create ${shellWord(code.trim() || 'CODE')} ${terms} --until ${until || 'DAY'}`;
};
