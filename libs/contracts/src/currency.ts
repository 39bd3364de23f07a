/** Currencies without a smaller unit. */
const WHOLE = new Set('BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' '));
/** Currencies whose smaller unit is not a hundredth. */
const FINER = new Set('BHD CLF IQD JOD KWD LYD OMR TND UYW'.split(' '));

/** Digits after the point of an amount in a currency, which say what its minor unit is; undefined for what is no currency, or has a minor
 *  unit that payment providers do not count in. They are written down because amounts on record depend on them: `Intl` has the digits
 *  that people print (none for HUF, which is charged in hundredths), and they change with its data. */
export const currencyDigits = (currency: string): 0 | 2 | undefined => {
  if (FINER.has(currency) || !Intl.supportedValuesOf('currency').includes(currency)) return undefined;
  return WHOLE.has(currency) ? 0 : 2;
};
