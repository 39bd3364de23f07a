import { isoOfFiletime, PROPERTY_SET, PT, sameSet, type Property } from '@pstream/mapi';

/** A property's place: a 16-bit id, or a number within a property set. */
export type Place = number | readonly [keyof typeof PROPERTY_SET, number];

const fits = (property: Property, place: Place): boolean =>
  typeof place === 'number'
    ? property.id === place && property.name === undefined
    : property.name?.lid === place[1] && sameSet(property.name.set, PROPERTY_SET[place[0]]);

/** The bytes of a property of that type, or undefined. */
export const bytesAt = (properties: readonly Property[], place: Place, type: number): Buffer | undefined => {
  const found = properties.find((each) => each.type === type && fits(each, place));
  return found === undefined ? undefined : Buffer.from(found.value.buffer, found.value.byteOffset, found.value.length);
};

/** A text property, or undefined. */
export const textOf = (properties: readonly Property[], place: Place): string | undefined =>
  bytesAt(properties, place, PT.String)?.toString('utf16le');

/** A 32-bit property, or undefined. */
export const numberOf = (properties: readonly Property[], place: Place): number | undefined =>
  bytesAt(properties, place, PT.Integer32)?.readInt32LE();

/** True for a Boolean property that is set. */
export const flagOf = (properties: readonly Property[], place: Place): boolean => (bytesAt(properties, place, PT.Boolean)?.[0] ?? 0) !== 0;

/** A time property as ISO 8601, or undefined. */
export const timeOf = (properties: readonly Property[], place: Place): string | undefined => {
  const bytes = bytesAt(properties, place, PT.Time);
  return bytes === undefined ? undefined : isoOfFiletime(bytes);
};

/** The name of a character set, by Windows code page. */
export const charsetOf = (codepage: number): string => CHARSETS[codepage] ?? `windows-${codepage}`;

const CHARSETS: Readonly<Record<number, string>> = {
  932: 'shift_jis',
  936: 'gb2312',
  949: 'ks_c_5601-1987',
  950: 'big5',
  20127: 'us-ascii',
  20866: 'koi8-r',
  28591: 'iso-8859-1',
  28592: 'iso-8859-2',
  65001: 'utf-8',
};
