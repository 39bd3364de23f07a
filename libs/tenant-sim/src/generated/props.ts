import { PROPERTY_SET, PT, MULTIPLE, utf16, type Property, type PropertyName } from '@pstream/mapi';

/** A property before it has its place: named ones get their 16-bit ids when the bag is closed. */
export type Loose = Omit<Property, 'id'> & { readonly id: number };

const TICKS_PER_MS = 10_000n;
const MS_FROM_1601_TO_1970 = 11_644_473_600_000n;

const fixed = (size: number, write: (bytes: Buffer) => void): Uint8Array => {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
};

/** A text. */
export const text = (id: number, value: string): Loose => ({ id, type: PT.String, value: utf16(value) });
/** A signed 32-bit number. */
export const int = (id: number, value: number): Loose => ({
  id,
  type: PT.Integer32,
  value: fixed(4, (bytes) => bytes.writeInt32LE(value | 0)),
});
/** True or false. */
export const flag = (id: number, value: boolean): Loose => ({ id, type: PT.Boolean, value: Uint8Array.of(value ? 1 : 0) });
/** Bytes. */
export const binary = (id: number, value: Uint8Array): Loose => ({ id, type: PT.Binary, value });
/** A time, from milliseconds since 1970. */
export const time = (id: number, ms: number): Loose => ({
  id,
  type: PT.Time,
  value: fixed(8, (bytes) => bytes.writeBigInt64LE((BigInt(Math.floor(ms)) + MS_FROM_1601_TO_1970) * TICKS_PER_MS)),
});
/** A floating-point number. */
export const double = (id: number, value: number): Loose => ({
  id,
  type: PT.Floating64,
  value: fixed(8, (bytes) => bytes.writeDoubleLE(value)),
});

/** The property sets by the short names used here. */
export type SetName = keyof typeof PROPERTY_SET;

/** The same property under a name: a number or a string in a property set. */
export const named = (set: SetName, name: number | string, property: Loose): Loose => {
  const full: PropertyName = typeof name === 'number' ? { set: PROPERTY_SET[set], lid: name } : { set: PROPERTY_SET[set], name };
  return { ...property, name: full };
};

/** A named list of texts. */
export const namedTexts = (set: SetName, name: string, values: readonly string[]): Loose =>
  named(set, name, { id: 0, type: PT.String | MULTIPLE, value: new Uint8Array(0), values: values.map(utf16) });

/** A named list of binaries. */
export const namedBinaries = (set: SetName, lid: number, values: readonly Uint8Array[]): Loose =>
  named(set, lid, { id: 0, type: PT.Binary | MULTIPLE, value: new Uint8Array(0), values });

const FIRST_NAMED = 0x8000;

/** Puts a bag in the order of export streams: rising ids, named ones last, numbered as they come. */
export const bag = (properties: readonly Loose[]): readonly Property[] => {
  const plain = properties.filter((each) => each.name === undefined).sort((a, b) => a.id - b.id);
  const names = properties.filter((each) => each.name !== undefined).map((each, index) => ({ ...each, id: FIRST_NAMED + index }));
  return [...plain, ...names];
};
