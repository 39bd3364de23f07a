import { ID, MULTIPLE, PROPERTY_SET, PT, fixedSize, isoOfFiletime, makeTag, sameSet, utf16Text, type Property } from '@pstream/mapi';

/** A property as a person reads it. `value` is text; binaries are hex, cut at `maxBytes`. `bytes` is the length of the stored value. */
export type PrintableProperty = {
  readonly tag: string;
  readonly name: string | undefined;
  readonly type: string;
  readonly value: string;
  readonly bytes: number;
};

const TYPE_NAMES = new Map<number, string>(Object.entries(PT).map(([name, type]) => [type, name]));
const ID_NAMES = new Map<number, string>(Object.entries(ID).map(([name, id]) => [id, name]));
const SET_NAMES = Object.entries(PROPERTY_SET);

const hex = (bytes: Uint8Array, most: number): string =>
  Buffer.from(bytes.subarray(0, most)).toString('hex') + (bytes.length > most ? `… (${bytes.length} bytes)` : '');

/** A GUID in Windows byte order as text. */
export const guidText = (bytes: Uint8Array): string => {
  const at = (...order: number[]): string => order.map((i) => (bytes[i] ?? 0).toString(16).padStart(2, '0')).join('');
  return `${at(3, 2, 1, 0)}-${at(5, 4)}-${at(7, 6)}-${at(8, 9)}-${at(10, 11, 12, 13, 14, 15)}`;
};

/** Name of a property for people: of its id if that is well known, or of its set and number or name. */
export const propertyLabel = ({ id, name }: Property): string | undefined => {
  if (name === undefined) return ID_NAMES.get(id);
  const set = SET_NAMES.find(([, bytes]) => sameSet(bytes, name.set))?.[0] ?? guidText(name.set);
  return `${set}/${name.lid === undefined ? name.name : `0x${name.lid.toString(16)}`}`;
};

const one = (type: number, value: Uint8Array, most: number): string => {
  const size = fixedSize(type);
  if (size !== undefined && value.length !== size) return hex(value, most);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  switch (type) {
    case PT.Integer16:
      return String(view.getInt16(0, true));
    case PT.Integer32:
      return String(view.getInt32(0, true));
    case PT.ErrorCode:
      return `0x${view.getUint32(0, true).toString(16)}`;
    case PT.Floating32:
      return String(view.getFloat32(0, true));
    case PT.Floating64:
    case PT.FloatingTime:
      return String(view.getFloat64(0, true));
    case PT.Currency:
      return (Number(view.getBigInt64(0, true)) / 10_000).toFixed(4);
    case PT.Integer64:
      return String(view.getBigInt64(0, true));
    case PT.Boolean:
      return value[0] === 0 ? 'false' : 'true';
    case PT.Time:
      return isoOfFiletime(value) ?? hex(value, most);
    case PT.Guid:
      return guidText(value);
    case PT.String:
      return utf16Text(value);
    default:
      return hex(value, most);
  }
};

/** A property for printing. */
export const printProperty = (property: Property, maxBytes = 64): PrintableProperty => {
  const { id, type, value, values } = property;
  const base = type & ~MULTIPLE;
  const size = fixedSize(base);
  const parts =
    (type & MULTIPLE) === 0
      ? [value]
      : (values ??
        Array.from({ length: Math.floor(value.length / (size ?? 1)) }, (_, i) => value.subarray(i * (size ?? 1), (i + 1) * (size ?? 1))));
  const texts = parts.map((part) => one(base, part, maxBytes));
  return {
    tag: `0x${makeTag(id, type).toString(16).padStart(8, '0')}`,
    name: propertyLabel(property),
    type: `${TYPE_NAMES.get(base) ?? `0x${base.toString(16)}`}${(type & MULTIPLE) === 0 ? '' : '[]'}`,
    value: (type & MULTIPLE) === 0 ? (texts[0] ?? '') : `[${texts.join(', ')}]`,
    bytes: parts.reduce((sum, part) => sum + part.length, 0),
  };
};
