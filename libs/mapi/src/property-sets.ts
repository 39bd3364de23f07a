const guid = (text: string): Uint8Array => {
  const hex = Buffer.from(text.replaceAll('-', ''), 'hex');
  // the first three fields of a GUID are little-endian in memory ([MS-DTYP] 2.3.4.2)
  hex.subarray(0, 4).reverse();
  hex.subarray(4, 6).reverse();
  hex.subarray(6, 8).reverse();
  return Uint8Array.from(hex);
};

/** Property sets in Windows memory order, 16 bytes each. [MS-OXPROPS] 1.3.2. */
export const PROPERTY_SET = {
  mapi: guid('00020328-0000-0000-c000-000000000046'),
  publicStrings: guid('00020329-0000-0000-c000-000000000046'),
  internetHeaders: guid('00020386-0000-0000-c000-000000000046'),
  appointment: guid('00062002-0000-0000-c000-000000000046'),
  task: guid('00062003-0000-0000-c000-000000000046'),
  address: guid('00062004-0000-0000-c000-000000000046'),
  common: guid('00062008-0000-0000-c000-000000000046'),
  log: guid('0006200a-0000-0000-c000-000000000046'),
  note: guid('0006200e-0000-0000-c000-000000000046'),
  meeting: guid('6ed8da90-450b-101b-98da-00aa003f1305'),
} as const;

/** Whether two property sets (16 bytes each) are the same. */
export const sameSet = (a: Uint8Array, b: Uint8Array): boolean => {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false;
  return true;
};
