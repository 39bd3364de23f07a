/** 100 ns units from 1601-01-01 to 1970-01-01. [MS-DTYP] 2.3.3. */
const EPOCH_DIFFERENCE = 116_444_736_000_000_000n;

/** What programs write for "no time" lies at the ends: year 1 and the first day of 1601 (in any time zone) before, 9999-12-31 (in any time zone) and
 *  whatever overflows behind. Year 1 in a FILETIME is negative, and reads as year 58456 where the sign is not looked at. */
const FIRST_TICKS = 864_000_000_000;
const END_TICKS = Date.UTC(9999, 11, 30) * 10_000 + Number(EPOCH_DIFFERENCE);

/** Whether a FILETIME value (8 bytes) is a time: from 1601-01-02 to 9999-12-29. Stand-ins for "no time" are none. */
export const isTime = (value: Uint8Array): boolean => {
  if (value.length !== 8) return false;
  // As a double: exact enough for the ends, and every time of every item comes by here.
  const view = new DataView(value.buffer, value.byteOffset, 8);
  const ticks = view.getInt32(4, true) * 0x1_0000_0000 + view.getUint32(0, true);
  return ticks >= FIRST_TICKS && ticks < END_TICKS;
};

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
