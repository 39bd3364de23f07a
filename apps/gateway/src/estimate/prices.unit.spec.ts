import type { PriceRow } from '@pstream/api';
import { amountOf, builtInPrices, rowsAsPrices, type Price, type Wanted } from './prices.js';

const wanted: Wanted = { region: 'westeurope', tier: 'hot', redundancy: 'LRS', currency: 'EUR' };
const row = (more: Partial<PriceRow> = {}): PriceRow => ({
  meterId: 'm',
  meterName: 'Hot LRS Data Stored',
  productName: 'General Block Blob v2',
  skuName: 'Hot LRS',
  serviceName: 'Storage',
  armRegionName: 'westeurope',
  type: 'Consumption',
  currencyCode: 'EUR',
  retailPrice: 0.02,
  tierMinimumUnits: 0,
  unitOfMeasure: '1 GB/Month',
  effectiveStartDate: '2026-01-01T00:00:00Z',
  ...more,
});
const priceOf = (rows: readonly PriceRow[], more: Partial<Wanted> = {}): Price =>
  rowsAsPrices(rows, 'rows').priceOf('capacity', { ...wanted, ...more });
const unknownOf = (price: Price): string => ('unknown' in price ? price.unknown : '');

describe('the price list', () => {
  it('counts a meter once, whatever it is repeated under', () => {
    const others = [
      row({ productName: 'Blob Storage', retailPrice: 9 }),
      row({ productName: 'Files v2', retailPrice: 8 }),
      row({ type: 'Reservation', retailPrice: 7 }),
      row({ armRegionName: 'eastus', retailPrice: 6 }),
      row({ skuName: 'Hot ZRS', retailPrice: 5 }),
      row({ effectiveStartDate: '2019-01-01T00:00:00Z', retailPrice: 4 }),
    ];
    expect(priceOf([...others, row(), row(), ...others])).toEqual({
      steps: [{ from: 0, units: 1, price: { low: 0.02, expected: 0.02, high: 0.02 } }],
    });
  });
  it('has volume tiers, in any order', () => {
    const price = priceOf([row({ tierMinimumUnits: 500, retailPrice: 0.01 }), row(), row({ tierMinimumUnits: 100, retailPrice: 0.015 })]);
    const { steps } = price as Extract<Price, { steps: unknown }>;
    expect(amountOf(50, steps, 'expected')).toBeCloseTo(1);
    expect(amountOf(100, steps, 'expected')).toBeCloseTo(2);
    expect(amountOf(600, steps, 'expected')).toBeCloseTo(2 + 400 * 0.015 + 100 * 0.01);
  });
  it('says what it does not know, and never takes it for nothing', () => {
    expect(unknownOf(priceOf([]))).toContain('no row for Hot LRS Data Stored');
    expect(unknownOf(priceOf([row()], { currency: 'USD' }))).toContain('in EUR, not in USD');
    expect(unknownOf(priceOf([row({ unitOfMeasure: '1 Furlong' })]))).toContain('Furlong');
    expect(unknownOf(priceOf([row({ tierMinimumUnits: 100 })]))).toContain('first unit');
    expect(unknownOf(priceOf([row()], { redundancy: 'ZRS' }))).toContain('Hot ZRS Data Stored');
  });
  it('is for so many operations as its unit says', () => {
    const writes = rowsAsPrices([row({ meterName: 'Hot LRS Write Operations', unitOfMeasure: '10K', retailPrice: 0.06 })], 'rows').priceOf(
      'writes',
      wanted,
    );
    expect(amountOf(25_000, (writes as Extract<Price, { steps: unknown }>).steps, 'expected')).toBeCloseTo(0.15);
  });
});

describe('the table that ships with pstream', () => {
  it('has a lowest and a highest price, for LRS in USD alone', () => {
    expect(builtInPrices.priceOf('capacity', { ...wanted, currency: 'USD' })).toEqual({
      steps: [{ from: 0, units: 1, price: { low: 0.018, expected: expect.closeTo(0.021), high: 0.024 } }],
    });
    for (const more of [{}, { currency: 'USD', redundancy: 'GRS' }] as const)
      expect(builtInPrices.priceOf('capacity', { ...wanted, ...more })).toHaveProperty('unknown');
    expect(builtInPrices.priceOf('other', { ...wanted, currency: 'USD' })).toHaveProperty('unknown');
  });
});
