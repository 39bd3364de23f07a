/** Writes 16 bits, little-endian. */
export const put16 = (to: Uint8Array, at: number, value: number): void => {
  to[at] = value & 0xff;
  to[at + 1] = (value >>> 8) & 0xff;
};

/** Writes 32 bits, little-endian; of a larger or negative number the low 32 bits. */
export const put32 = (to: Uint8Array, at: number, value: number): void => {
  to[at] = value & 0xff;
  to[at + 1] = (value >>> 8) & 0xff;
  to[at + 2] = (value >>> 16) & 0xff;
  to[at + 3] = (value >>> 24) & 0xff;
};

/** Writes 64 bits, little-endian, of an integer from 0 to 2^53. */
export const put64 = (to: Uint8Array, at: number, value: number): void => {
  put32(to, at, value % 0x1_0000_0000 | 0);
  put32(to, at + 4, Math.floor(value / 0x1_0000_0000));
};

/** Copies `length` bytes; short runs byte by byte, which is quicker than a call. */
export const copyBytes = (from: Uint8Array, fromAt: number, length: number, to: Uint8Array, at: number): void => {
  if (length > 32) to.set(fromAt === 0 && length === from.length ? from : from.subarray(fromAt, fromAt + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[fromAt + i] as number;
};
