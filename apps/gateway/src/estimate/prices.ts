import type { PriceRow } from '@pstream/api';
import type { Range } from './quantities.js';

export type Tier = 'hot' | 'cool' | 'cold';
export type Redundancy = 'LRS' | 'ZRS' | 'GRS';

/** What is paid for. */
export type Meter = 'capacity' | 'writes' | 'reads' | 'other' | 'tiering';

/** Where a price is looked for. */
export type Wanted = { readonly region: string; readonly tier: Tier; readonly redundancy: Redundancy; readonly currency: string };

/** A price for each unit from a quantity on. `units`: how many the price is for. */
export type Step = { readonly from: number; readonly units: number; readonly price: Range };
export type Price = { readonly steps: readonly Step[] } | { readonly unknown: string };

/** Where prices come from. */
export interface PriceList {
  readonly from: string;
  /** Day of the newest price that counts; null where it does not say. */
  readonly asOf: string | null;
  priceOf(meter: Meter, wanted: Wanted): Price;
}

const capital = (tier: Tier): string => `${tier[0]?.toUpperCase() ?? ''}${tier.slice(1)}`;

/** PSTs are written and read back hot, and moved to a cooler tier afterwards. */
const meterNames = (meter: Meter, { tier, redundancy }: Wanted): readonly string[] => {
  switch (meter) {
    case 'capacity':
      return [`${capital(tier)} ${redundancy} Data Stored`];
    case 'writes':
      return [`Hot ${redundancy} Write Operations`];
    case 'tiering':
      return [`${capital(tier)} ${redundancy} Write Operations`];
    case 'reads':
      return ['Hot Read Operations', `Hot ${redundancy} Read Operations`];
    case 'other':
      return ['All Other Operations'];
  }
};

/** The same meter stands under other products at other prices. */
const PRODUCT = 'General Block Blob v2';

/** Rows of Azure's retail price list, as its API or a file that was kept of it has them. */
export const rowsAsPrices = (rows: readonly PriceRow[], from: string): PriceList => {
  const dates = rows.flatMap(({ effectiveStartDate }) => (effectiveStartDate === undefined ? [] : [effectiveStartDate.slice(0, 10)]));
  return {
    from,
    asOf: dates.toSorted().at(-1) ?? null,
    priceOf: (meter, wanted) => {
      const names = meterNames(meter, wanted);
      const sku = `${meter === 'capacity' || meter === 'tiering' ? capital(wanted.tier) : 'Hot'} ${wanted.redundancy}`;
      const isWanted = (row: PriceRow): boolean =>
        row.serviceName === 'Storage' &&
        row.productName === PRODUCT &&
        row.armRegionName === wanted.region &&
        row.skuName === sku &&
        names.includes(row.meterName) &&
        (row.type ?? 'Consumption') === 'Consumption';
      const found = rows.filter(isWanted);
      if (found.length === 0) return { unknown: `no row for ${names[0] ?? ''} of ${PRODUCT} in ${wanted.region}` };
      const paid = found.filter(({ currencyCode }) => currencyCode === wanted.currency);
      if (paid.length === 0)
        return { unknown: `the prices are in ${found[0]?.currencyCode ?? 'another currency'}, not in ${wanted.currency}` };
      return stepsOf(paid);
    },
  };
};

/** Rows repeat under several skuIds; of a step that stands there twice the newest price counts. */
const stepsOf = (rows: readonly PriceRow[]): Price => {
  const steps = new Map<number, { readonly row: PriceRow; readonly units: number }>();
  for (const row of rows) {
    const units = unitsOf(row.unitOfMeasure);
    if (units === undefined) return { unknown: `the unit "${row.unitOfMeasure}" is not known` };
    const before = steps.get(row.tierMinimumUnits)?.row;
    if (before === undefined || (row.effectiveStartDate ?? '') > (before.effectiveStartDate ?? ''))
      steps.set(row.tierMinimumUnits, { row, units });
  }
  const sorted = [...steps.entries()].toSorted(([a], [b]) => a - b);
  if (sorted[0]?.[0] !== 0) return { unknown: 'the price for the first unit is missing' };
  return { steps: sorted.map(([from, { row, units }]) => ({ from, units, price: exactly(row.retailPrice) })) };
};

const exactly = (price: number): Range => ({ low: price, expected: price, high: price });

/** How many units a price is for: `1 GB/Month` is 1, `10K` is 10,000. */
const unitsOf = (unitOfMeasure: string): number | undefined => {
  const [, digits, scale] = /^(\d+)\s*(K|M)?(?:\s*GB)?(?:\/Month)?$/i.exec(unitOfMeasure.trim()) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (scale === undefined ? 1 : scale.toUpperCase() === 'K' ? 1_000 : 1_000_000);
};

/** What so many units cost. */
export const amountOf = (quantity: number, steps: readonly Step[], which: keyof Range): number =>
  steps.reduce((sum, { from, units, price }, n) => {
    const to = Math.min(quantity, steps[n + 1]?.from ?? Infinity);
    return to <= from ? sum : sum + ((to - from) / units) * price[which];
  }, 0);

const perGb = (low: number, high: number): readonly Step[] => [{ from: 0, units: 1, price: between(low, high) }];
const per10k = (low: number, high: number): readonly Step[] => [{ from: 0, units: 10_000, price: between(low, high) }];
const between = (low: number, high: number): Range => ({ low, expected: (low + high) / 2, high });

/** What ships with the product: the span of public list prices over regions of the US and Europe, for LRS. */
const BUILT_IN: Readonly<Record<Tier, Partial<Record<Meter, readonly Step[]>>>> = {
  hot: { capacity: perGb(0.018, 0.024), writes: per10k(0.05, 0.065), reads: per10k(0.004, 0.005), tiering: per10k(0.05, 0.065) },
  cool: { capacity: perGb(0.01, 0.015), writes: per10k(0.05, 0.065), reads: per10k(0.004, 0.005) },
  cold: { capacity: perGb(0.0036, 0.0045), writes: per10k(0.05, 0.065), reads: per10k(0.004, 0.005) },
};

export const builtInPrices: PriceList = {
  from: 'the table that ships with pstream: public list prices of regions in the US and Europe, lowest and highest',
  asOf: '2026-11-01',
  priceOf: (meter, { tier, redundancy, currency }) => {
    if (currency !== 'USD') return { unknown: 'the table that ships with pstream is in USD' };
    if (redundancy !== 'LRS') return { unknown: `the table that ships with pstream has no prices for ${redundancy}` };
    const steps = BUILT_IN[tier][meter];
    return steps === undefined ? { unknown: 'the table that ships with pstream has no price for it' } : { steps };
  },
};
