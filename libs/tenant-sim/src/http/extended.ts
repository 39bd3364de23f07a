import { fixedSize, MULTIPLE, PT, type MapiItem, type Property } from '@pstream/mapi';
import { badQuery } from './refusal.js';

/** One property asked for by `$expand=singleValueExtendedProperties($filter=id eq 'String 0x0037')`. */
export type ExpandedProperty = {
  readonly collection: 'singleValueExtendedProperties' | 'multiValueExtendedProperties';
  readonly typeName: string;
  readonly type: number;
  readonly id: number | undefined;
  readonly set: Buffer | undefined;
  readonly lid: number | undefined;
  readonly name: string | undefined;
};

const TYPES: Readonly<Record<string, number>> = {
  String: PT.String,
  Integer: PT.Integer32,
  Short: PT.Integer16,
  Long: PT.Integer64,
  Boolean: PT.Boolean,
  SystemTime: PT.Time,
  Binary: PT.Binary,
  Double: PT.Floating64,
  Float: PT.Floating32,
  Currency: PT.Currency,
  CLSID: PT.Guid,
};

const EXPAND = /^\s*(singleValueExtendedProperties|multiValueExtendedProperties)\s*\(\s*\$filter\s*=\s*(.*)\)\s*$/s;
const ONE = /^\(?\s*id\s+eq\s+'([^']*)'\s*\)?$/;

/** Reads $expand. Only extended properties can be expanded; each needs a filter on its id. Throws Refusal 400. */
export const parseExpand = (text: string | null): readonly ExpandedProperty[] => {
  if (text === null || text.trim() === '') return [];
  return splitTop(text).flatMap((part) => {
    const match = EXPAND.exec(part);
    const collection = match?.[1];
    if (match === null || collection === undefined)
      throw badQuery('Only extended properties with a filter on their ids can be expanded here.');
    return (match[2] ?? '').split(/\s+or\s+/).map((condition) => {
      const id = ONE.exec(condition.trim())?.[1];
      if (id === undefined) throw badQuery('An extended property is chosen by id only.');
      return parseId(id, collection as ExpandedProperty['collection']);
    });
  });
};

const splitTop = (text: string): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
};

// "String 0x0037"  "String {guid} Name Text"  "Integer {guid} Id 0x8205"
const parseId = (id: string, collection: ExpandedProperty['collection']): ExpandedProperty => {
  const [typeWord = '', second = '', keyword = '', ...rest] = id.trim().split(/\s+/);
  const array = typeWord.endsWith('Array');
  const type = TYPES[array ? typeWord.slice(0, -5) : typeWord];
  if (type === undefined || array !== (collection === 'multiValueExtendedProperties'))
    throw badQuery(`'${typeWord}' is not a type of an extended property.`);
  const base = { collection, typeName: typeWord, type: array ? type | MULTIPLE : type };
  if (/^0x[0-9a-f]{1,4}$/i.test(second) && keyword === '')
    return { ...base, id: Number.parseInt(second, 16), set: undefined, lid: undefined, name: undefined };
  const guid = /^\{([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})\}$/i.exec(second);
  if (guid === null || rest.length === 0) throw badQuery('The id of an extended property is malformed.');
  const [, a = '', b = '', c = '', d = '', e = ''] = guid;
  const set = Buffer.concat([
    Buffer.from(a, 'hex').reverse(),
    Buffer.from(b, 'hex').reverse(),
    Buffer.from(c, 'hex').reverse(),
    Buffer.from(d + e, 'hex'),
  ]);
  const value = rest.join(' ');
  if (keyword === 'Id' && /^0x[0-9a-f]+$/i.test(value))
    return { ...base, id: undefined, set, lid: Number.parseInt(value, 16), name: undefined };
  if (keyword === 'Name') return { ...base, id: undefined, set, lid: undefined, name: value };
  throw badQuery('The id of an extended property is malformed.');
};

/** The asked properties that the item has, as Graph writes them: short hexadecimal tag, value as text, binary as base64. */
export const extendedOf = (item: MapiItem, wanted: readonly ExpandedProperty[]): Readonly<Record<string, unknown>> => {
  const found: Record<string, { id: string; value: string | readonly string[] }[]> = {};
  for (const want of wanted) {
    const property = item.properties.find((each) => fits(each, want));
    if (property === undefined) continue;
    const value = (property.type & MULTIPLE) === 0 ? textOf(property.type, property.value) : listOf(property);
    (found[want.collection] ??= []).push({ id: answerId(want), value });
  }
  return found;
};

const fits = (property: Property, want: ExpandedProperty): boolean => {
  if (property.type !== want.type) return false;
  if (want.id !== undefined) return property.name === undefined && property.id === want.id;
  if (property.name === undefined || want.set === undefined || !want.set.equals(property.name.set)) return false;
  return want.lid === undefined ? property.name.name?.toLowerCase() === want.name?.toLowerCase() : property.name.lid === want.lid;
};

const answerId = (want: ExpandedProperty): string => {
  if (want.id !== undefined) return `${want.typeName} 0x${want.id.toString(16)}`;
  const hex = want.set?.toString('hex') ?? '';
  const swap = (at: number, bytes: number): string =>
    Buffer.from(hex.slice(at, at + bytes * 2), 'hex')
      .reverse()
      .toString('hex');
  const guid = `{${swap(0, 4)}-${swap(8, 2)}-${swap(12, 2)}-${hex.slice(16, 20)}-${hex.slice(20)}}`;
  return want.lid === undefined ? `${want.typeName} ${guid} Name ${want.name}` : `${want.typeName} ${guid} Id 0x${want.lid.toString(16)}`;
};

const listOf = (property: Property): readonly string[] => {
  const type = property.type & ~MULTIPLE;
  if (property.values !== undefined) return property.values.map((value) => textOf(type, value));
  const size = fixedSize(type) ?? 1;
  return Array.from({ length: Math.floor(property.value.length / size) }, (_, i) =>
    textOf(type, property.value.subarray(i * size, (i + 1) * size)),
  );
};

/** A FILETIME as ISO 8601 in UTC, to the second. */
export const fileTimeToIso = (ticks: bigint): string =>
  `${new Date(Number(ticks / 10_000n - 11_644_473_600_000n)).toISOString().slice(0, 19)}Z`;

const textOf = (type: number, value: Uint8Array): string => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  switch (type) {
    case PT.String:
      return bytes.toString('utf16le');
    case PT.Integer16:
      return String(bytes.readInt16LE());
    case PT.Integer32:
      return String(bytes.readInt32LE());
    case PT.Integer64:
    case PT.Currency:
      return String(bytes.readBigInt64LE());
    case PT.Floating32:
      return String(bytes.readFloatLE());
    case PT.Floating64:
      return String(bytes.readDoubleLE());
    case PT.Boolean:
      return bytes[0] === 0 ? 'false' : 'true';
    case PT.Time:
      return fileTimeToIso(bytes.readBigInt64LE());
    default:
      return bytes.toString('base64');
  }
};
