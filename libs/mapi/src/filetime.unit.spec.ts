import { filetimeOf, isoOfFiletime, isTime } from './filetime.js';

const ticks = (value: bigint): Uint8Array => {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return out;
};

describe('a FILETIME', () => {
  it.each([
    '1601-01-02T00:00:00.000Z',
    '1969-07-20T20:17:40.000Z',
    '2026-01-01T00:00:00.123Z',
    '4501-01-01T00:00:00.000Z',
    '9999-12-29T23:59:59.999Z',
  ])('of %s is a time, and reads as that', (iso) => {
    expect(isTime(filetimeOf(iso))).toBe(true);
    expect(isoOfFiletime(filetimeOf(iso))).toBe(iso);
  });

  it.each([
    '0001-01-01T00:00:00Z',
    '1600-12-31T00:00:00Z',
    '1601-01-01T00:00:00Z',
    '1601-01-01T14:00:00Z',
    '9999-12-31T23:59:59Z',
    '9999-12-30T09:59:59Z',
    '+058456-01-01T00:00:00Z',
  ])('of %s stands for none', (iso) => expect(isTime(filetimeOf(iso))).toBe(false));

  it.each([
    ['nothing', 0n],
    ['the largest number', 0x7fff_ffff_ffff_ffffn],
    ['the largest without sign', -1n],
    ['year 1, in a number without sign', -504_911_232_000_000_000n],
  ])('with %s is none', (_name, value) => expect(isTime(ticks(value))).toBe(false));

  it('has eight bytes', () => expect(isTime(new Uint8Array(7).fill(1))).toBe(false));
});
