import { MULTIPLE, PT, fixedSize, type Property } from '@pstream/mapi';
import { decodeAnyway, WINDOWS_1252 } from '@pstream/mapi/code-pages';
import { MAX_BLOCK_BYTES } from '../shared/index.js';

/** A value this long or longer cannot stand in a PST: its size fields are signed 32 bit. */
export const OVERSIZE_BYTES = 0x7fff_ffff;

const ZERO = Uint8Array.of(0);
const ONE = Uint8Array.of(1);

/** An empty value. */
export const EMPTY = new Uint8Array(0);

/** Length of UTF-16LE bytes without an odd last byte and without trailing NULs; inner NULs and lone surrogates stay. */
const textLength = (value: Uint8Array): number => {
  let end = value.length & ~1;
  while (end >= 2 && value[end - 1] === 0 && value[end - 2] === 0) end -= 2;
  return end;
};

/** The type a property has in a PST: 8-bit strings become Unicode, everything else stays. */
export const storedType = (type: number): number => ((type & ~MULTIPLE) === PT.String8 ? (type & MULTIPLE) | PT.String : type);

const trimmed = (value: Uint8Array): Uint8Array => {
  const end = textLength(value);
  return end === value.length ? value : value.subarray(0, end);
};

const widened = (value: Uint8Array): Uint8Array => decodeAnyway(WINDOWS_1252, value);

/** Array of variable-size values as a PST stores it: count, offsets from the start, values. [MS-PST] 2.3.3.4.2. */
const packed = (list: readonly Uint8Array[]): Uint8Array => {
  if (list.length === 0) return EMPTY;
  const head = 4 + 4 * list.length;
  const out = new Uint8Array(list.reduce((sum, value) => sum + value.length, head));
  const view = new DataView(out.buffer);
  view.setUint32(0, list.length, true);
  let at = head;
  list.forEach((value, i) => {
    view.setUint32(4 + 4 * i, at, true);
    out.set(value, at);
    at += value.length;
  });
  return out;
};

/** The bytes a PST stores for a property; undefined when the value cannot be of its type, null when the PST has no such type.
 *  Returns the property's own view wherever nothing has to change. */
export const storedValue = (property: Property): Uint8Array | undefined | null => {
  const { value } = property;
  switch (property.type) {
    case PT.Integer32:
    case PT.Floating32:
      return value.length === 4 ? value : undefined;
    case PT.String:
      return trimmed(value);
    case PT.Binary:
      return value;
    case PT.Time:
    case PT.Integer64:
    case PT.Currency:
    case PT.Floating64:
    case PT.FloatingTime:
      return value.length === 8 ? value : undefined;
    case PT.Boolean:
      if (value.length !== 1 && value.length !== 2) return undefined;
      return value.length === 1 && (value[0] as number) <= 1 ? value : value.some((byte) => byte !== 0) ? ONE : ZERO;
    case PT.Integer16:
      return value.length === 2 ? value : undefined;
    case PT.Guid:
      return value.length === 16 ? value : undefined;
    case PT.String8:
      return trimmed(widened(value));
    case PT.String | MULTIPLE:
    case PT.Binary | MULTIPLE: {
      const list = property.values ?? [];
      return listFits(list) ? packed(list) : undefined;
    }
    case PT.String8 | MULTIPLE:
      return packed((property.values ?? []).map(widened));
    case PT.Boolean | MULTIPLE:
    case PT.ErrorCode | MULTIPLE:
    case PT.ErrorCode:
      return null;
    default: {
      const unit = (property.type & MULTIPLE) === 0 ? undefined : fixedSize(property.type);
      if (unit === undefined) return null;
      return value.length % unit === 0 ? value : undefined;
    }
  }
};

const listFits = (list: readonly Uint8Array[]): boolean => {
  let sum = 4 + 4 * list.length;
  for (const value of list) sum += value.length;
  return sum < OVERSIZE_BYTES;
};

/** Leaf blocks a value of this many bytes takes. */
export const leafCount = (bytes: number): number => Math.ceil(bytes / MAX_BLOCK_BYTES);
