import { MULTIPLE, PT, fixedSize, type Property, type PropertyName } from '@pstream/mapi';
import { decodeAnyway } from '@pstream/mapi/code-pages';
import { PstCorrupt } from '../format/index.js';

/** Types that a property or cell holds in its own four bytes. [MS-PST] 2.3.3.3. */
const INLINE = new Set<number>([PT.Integer16, PT.Integer32, PT.Floating32, PT.ErrorCode, PT.Boolean]);

/** Restriction and RuleAction: in no item, but seen in the criteria of rules; carried as bytes. [MS-OXCDATA] 2.11.1. */
const OPAQUE = new Set<number>([PT.ServerId, 0x00fd, 0x00fe]);

/** True if a value of the type fits the four bytes of a PC record. */
export const isInline = (type: number): boolean => INLINE.has(type);

/** True if [MS-PST] allows the type in a store. */
export const isKnownType = (type: number): boolean => {
  const base = type & ~MULTIPLE;
  if ((type & MULTIPLE) !== 0)
    return base === PT.String || base === PT.String8 || base === PT.Binary || (fixedSize(base) !== undefined && base !== PT.Boolean);
  return (
    fixedSize(type) !== undefined ||
    type === PT.String ||
    type === PT.String8 ||
    type === PT.Binary ||
    type === PT.Object ||
    OPAQUE.has(type)
  );
};

/** Drops the terminator that some writers store. */
const unterminated = (bytes: Uint8Array, unit: 1 | 2): Uint8Array => {
  const end = bytes.length;
  if (unit === 1) return end > 0 && bytes[end - 1] === 0 ? bytes.subarray(0, end - 1) : bytes;
  return end >= 2 && end % 2 === 0 && bytes[end - 1] === 0 && bytes[end - 2] === 0 ? bytes.subarray(0, end - 2) : bytes;
};

const one = (type: number, bytes: Uint8Array, codePage: number): Uint8Array =>
  type === PT.String8 ? decodeAnyway(codePage, unterminated(bytes, 1)) : type === PT.String ? unterminated(bytes, 2) : bytes;

/** The values of a multi-valued String, String8 or Binary: count, offsets, data. [MS-PST] 2.3.3.4.2. */
const many = (tag: number, bytes: Uint8Array): Uint8Array[] => {
  if (bytes.length === 0) return [];
  const broken = (actual: number): PstCorrupt =>
    new PstCorrupt('multiple-values', 'MVPropVarBase/rgulDataOffsets', { tag, expected: bytes.length, actual });
  if (bytes.length < 4) throw broken(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (4 + 4 * count > bytes.length) throw broken(count);
  return Array.from({ length: count }, (_, i) => {
    const from = view.getUint32(4 + 4 * i, true);
    const to = i + 1 < count ? view.getUint32(8 + 4 * i, true) : bytes.length;
    if (from > to || to > bytes.length || from < 4 + 4 * count) throw broken(from);
    return bytes.subarray(from, to);
  });
};

/** Stored bytes as a Property: lengths checked, String8 decoded, terminators dropped, lists taken apart. Throws PstCorrupt. */
export const propertyOf = (id: number, type: number, stored: Uint8Array, codePage: number, name: PropertyName | undefined): Property => {
  const tag = id * 0x1_0000 + type;
  const base = type & ~MULTIPLE;
  const size = fixedSize(base);
  const named = name === undefined ? {} : { name };
  const wrongSize = (expected: number): PstCorrupt => new PstCorrupt('value-size', 'PC/value', { tag, expected, actual: stored.length });
  if (!isKnownType(type)) throw new PstCorrupt('illegal-type', 'PC/wPropType', { tag });
  if ((type & MULTIPLE) === 0) {
    if (size !== undefined && stored.length !== size) throw wrongSize(size);
    if (base === PT.String && stored.length % 2 !== 0) throw wrongSize(stored.length + 1);
    return { id, type: base === PT.String8 ? PT.String : type, value: one(base, stored, codePage), ...named };
  }
  if (size !== undefined) {
    if (stored.length % size !== 0) throw wrongSize(Math.ceil(stored.length / size) * size);
    return { id, type, value: stored, ...named };
  }
  const values = many(tag, stored).map((value) => one(base, value, codePage));
  return { id, type: base === PT.String8 ? PT.String | MULTIPLE : type, value: NOTHING, values, ...named };
};

const NOTHING = new Uint8Array(0);
