/** Block and page signature. [MS-PST] 5.5. `ib` is the absolute file offset in bytes, `bid` the block id; both are taken
 *  modulo 2^32 and may be any integer below 2^53. Returns 0..0xffff. */
export const signature = (ib: number, bid: number): number => {
  const mixed = (ib % 0x1_0000_0000 ^ bid % 0x1_0000_0000) >>> 0;
  return ((mixed >>> 16) ^ mixed) & 0xffff;
};
