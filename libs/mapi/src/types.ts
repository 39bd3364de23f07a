/** Property types. [MS-OXCDATA] 2.11.1. A multi-valued type is the single one with bit 0x1000. */
export const PT = {
  Unspecified: 0x0000,
  Integer16: 0x0002,
  Integer32: 0x0003,
  Floating32: 0x0004,
  Floating64: 0x0005,
  Currency: 0x0006,
  FloatingTime: 0x0007,
  ErrorCode: 0x000a,
  Boolean: 0x000b,
  Object: 0x000d,
  Integer64: 0x0014,
  String8: 0x001e,
  String: 0x001f,
  Time: 0x0040,
  Guid: 0x0048,
  ServerId: 0x00fb,
  Binary: 0x0102,
} as const;

/** Marks a multi-valued type. */
export const MULTIPLE = 0x1000;

/** Bytes of one value of a fixed-size type as a property stores it; undefined for the variable ones. Boolean counts as 1. */
export const fixedSize = (type: number): number | undefined => FIXED.get(type & ~MULTIPLE);

const FIXED = new Map<number, number>([
  [PT.Integer16, 2],
  [PT.Integer32, 4],
  [PT.Floating32, 4],
  [PT.Floating64, 8],
  [PT.Currency, 8],
  [PT.FloatingTime, 8],
  [PT.ErrorCode, 4],
  [PT.Boolean, 1],
  [PT.Integer64, 8],
  [PT.Time, 8],
  [PT.Guid, 16],
]);
