import { locale } from '../parts/format.js';

/** An amount in minor units, such as cents, as the reader's language writes it. */
export const money = (minor: number, currency: string): string => {
  const format = new Intl.NumberFormat(locale(), { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
};
