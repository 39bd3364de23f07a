import { FIRST_NAMED_ID, fixedSize, MULTIPLE, PT, utf16Text, type Property, type PropertyName } from '@pstream/mapi';
import { decodeAnyway } from '@pstream/mapi/code-pages';

/** A property of a TNEF list. `object` is what an object property holds behind the id of its interface. */
export type TnefProperty = { readonly property: Property; readonly object?: { readonly kind: 'message' | 'storage' | 'other' } };

/** What a list holds, and whether it could be read to its end. */
export type TnefList = { readonly properties: readonly TnefProperty[]; readonly isWhole: boolean };

const GUID_BYTES = 16;
const IID_MESSAGE = '0703020000000000c000000000000046';
const IID_STORAGE = '0b00000000000000c000000000000046';
const NOTHING = new Uint8Array(0);
/** Values of one property; more are taken for damage. */
const MAX_VALUES = 1_000_000;

class CutOff extends Error {}

/** Reads from one buffer, four bytes aligned as TNEF has it; throws CutOff beyond its end. */
export class TnefReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  }

  /** `length` bytes, and what pads them to a multiple of four. */
  take(length: number): Uint8Array {
    if (this.#at + length > this.#view.byteLength) throw new CutOff();
    const out = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += (length + 3) & ~3;
    return out;
  }

  /** A property list: [MS-OXTNEF] 2.1.3.4, MsgPropertyList. */
  list(codePage: number): TnefList {
    const properties: TnefProperty[] = [];
    try {
      for (let count = this.uint32(); count > 0; count--) properties.push(this.#property(codePage));
      return { properties, isWhole: true };
    } catch (error) {
      if (!(error instanceof CutOff)) throw error;
      return { properties, isWhole: false };
    }
  }

  #property(codePage: number): TnefProperty {
    const tag = this.uint32();
    const [type, id] = [tag & 0xffff, tag >>> 16];
    const name = id < FIRST_NAMED_ID ? undefined : this.#name();
    const named = { id, ...(name === undefined ? {} : { name }) };
    const single = type & ~MULTIPLE;
    const isMultiple = (type & MULTIPLE) !== 0;
    const size = fixedSize(single);
    if (size !== undefined) {
      const values = Array.from({ length: isMultiple ? this.#count() : 1 }, () => this.take(size));
      return { property: { ...named, type, value: isMultiple ? Buffer.concat(values) : (values[0] ?? NOTHING) } };
    }
    const values = Array.from({ length: this.#count() }, () => this.take(this.uint32()));
    if (single === PT.Object) {
      const [value = NOTHING] = values;
      return { property: { ...named, type, value: value.subarray(GUID_BYTES) }, object: { kind: kindOf(value.subarray(0, GUID_BYTES)) } };
    }
    const texts = single === PT.String || single === PT.String8 ? values.map((value) => textOf(single, value, codePage)) : values;
    const stored = single === PT.String8 ? PT.String : single;
    return isMultiple
      ? { property: { ...named, type: stored | MULTIPLE, value: NOTHING, values: texts } }
      : { property: { ...named, type: stored, value: texts[0] ?? NOTHING } };
  }

  #count(): number {
    const count = this.uint32();
    if (count > MAX_VALUES) throw new CutOff();
    return count;
  }

  #name(): PropertyName {
    const set = this.take(GUID_BYTES);
    if (this.uint32() === 0) return { set, lid: this.uint32() };
    return { set, name: utf16Text(unterminated(this.take(this.uint32()), 2)) };
  }
}

const kindOf = (iid: Uint8Array): 'message' | 'storage' | 'other' => {
  const text = Buffer.from(iid).toString('hex');
  return text === IID_MESSAGE ? 'message' : text === IID_STORAGE ? 'storage' : 'other';
};

/** UTF-16LE of a text without its terminator. */
export const textOf = (type: number, value: Uint8Array, codePage: number): Uint8Array =>
  type === PT.String ? unterminated(value, 2) : decodeAnyway(codePage, unterminated(value, 1));

const unterminated = (value: Uint8Array, unit: 1 | 2): Uint8Array => {
  let end = value.length - (value.length % unit);
  while (end >= unit && value.subarray(end - unit, end).every((byte) => byte === 0)) end -= unit;
  return value.subarray(0, end);
};
