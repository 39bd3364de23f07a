import { ConfigError, readConfig } from '@pstream/wiring';
import { licensingKeys } from './config.js';

const pricesOf = (text: string | undefined): unknown => readConfig(licensingKeys, { PSTREAM_LICENCE_PRICE: text }).prices;

describe('the price of a licence', () => {
  it('is read with its price list, in the minor units of its currency', () => {
    expect(pricesOf('2026-11 15.00 EUR')).toEqual({ version: '2026-11', currency: 'EUR', unitMinor: 1500 });
    expect(pricesOf('v1 12.5 USD')).toEqual({ version: 'v1', currency: 'USD', unitMinor: 1250 });
    expect(pricesOf('v1 9 GBP')).toEqual({ version: 'v1', currency: 'GBP', unitMinor: 900 });
    expect(pricesOf('v1 1500 JPY')).toEqual({ version: 'v1', currency: 'JPY', unitMinor: 1500 });
    // Printed without a point as a rule, and charged in hundredths.
    expect(pricesOf('v1 6000 HUF')).toEqual({ version: 'v1', currency: 'HUF', unitMinor: 600_000 });
    expect(pricesOf(undefined)).toBeUndefined();
  });

  it.each([
    '15.00',
    '15.00 EUR',
    'v1 15.00 EURO',
    'v1 0.00 EUR',
    'v1 15.001 EUR',
    'v1 15.5 JPY',
    'v1 1.5 KWD',
    'v1 5 IQD',
    'v1 -3 EUR',
    'v1 5 XYZ',
  ])('is refused as "%s"', (text) => {
    expect(() => pricesOf(text)).toThrow(ConfigError);
    expect(() => pricesOf(text)).toThrow(/PSTREAM_LICENCE_PRICE: expected VERSION AMOUNT CURRENCY/);
  });
});
