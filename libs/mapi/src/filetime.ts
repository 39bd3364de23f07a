/** 100 ns units from 1601-01-01 to 1970-01-01. [MS-DTYP] 2.3.3. */
const EPOCH_DIFFERENCE = 116_444_736_000_000_000n;

/** A FILETIME value (8 bytes, little-endian, 100 ns since 1601 UTC) of an ISO 8601 time; millisecond precision. [MS-DTYP] 2.3.3. */
export const filetimeOf = (iso: string): Uint8Array => {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, BigInt(Date.parse(iso)) * 10_000n + EPOCH_DIFFERENCE, true);
  return out;
};

/** ISO 8601 (milliseconds, UTC) of a FILETIME value, or undefined outside the range of Date. [MS-DTYP] 2.3.3. */
export const isoOfFiletime = (value: Uint8Array): string | undefined => {
  if (value.length !== 8) return undefined;
  const ticks = new DataView(value.buffer, value.byteOffset, 8).getBigInt64(0, true) - EPOCH_DIFFERENCE;
  const date = new Date(Number(ticks / 10_000n));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};
