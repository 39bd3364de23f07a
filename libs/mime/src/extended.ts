import { filetimeOf, PROPERTY_SET, PT, utf16 } from '@pstream/mapi';
import { isoTime, type Bag, type Key, type SetName } from './bag.js';
import { arrayOf, textOf } from './fields.js';
import type { FallbackKind } from './kinds.js';
import type { JsonObject } from './plain-item.js';
import { wantedFor, type Wanted } from './wanted.js';

/** How Graph names the properties to ask for, for `$expand=singleValueExtendedProperties` of the mailboxItem (Graph §3.2). */
export const extendedIds = (kind: FallbackKind, itemType: string): readonly string[] => wantedFor(kind, itemType).map(idOf);

/** Puts the extended properties of a reply into the bag: they are the item's own, and stand above what was worked out from elsewhere.
 *  Anything that was not asked for, or whose value cannot be read, is left out. */
export const putExtended = (bag: Bag, item: JsonObject, kind: FallbackKind, itemType: string): void => {
  const wanted = new Map(wantedFor(kind, itemType).map((each) => [plainId(idOf(each)), each]));
  for (const one of arrayOf(item, 'singleValueExtendedProperties')) {
    const want = wanted.get(plainId(textOf(one, 'id') ?? ''));
    const value = one['value'];
    if (want === undefined || typeof value !== 'string') continue;
    const read = READERS[want.type](value);
    if (read !== undefined) bag.raw(want.key, PT_OF[want.type], read);
  }
};

const PT_OF: Readonly<Record<Wanted['type'], number>> = {
  String: PT.String,
  Integer: PT.Integer32,
  Boolean: PT.Boolean,
  SystemTime: PT.Time,
  Binary: PT.Binary,
  Double: PT.Floating64,
};

const fixed = (size: number, write: (view: DataView) => void): Uint8Array => {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return new Uint8Array(view.buffer);
};

const READERS: Readonly<Record<Wanted['type'], (text: string) => Uint8Array | undefined>> = {
  String: utf16,
  Integer: (text) => (/^-?\d{1,10}$/.test(text) ? fixed(4, (view) => view.setInt32(0, Number(text), true)) : undefined),
  Boolean: (text) => (/^(true|false)$/i.test(text) ? Uint8Array.of(text.toLowerCase() === 'true' ? 1 : 0) : undefined),
  SystemTime: (text) => {
    const iso = isoTime(text);
    return iso === undefined ? undefined : filetimeOf(iso);
  },
  Binary: (text) => (/^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Uint8Array.from(Buffer.from(text, 'base64')) : undefined),
  Double: (text) => (/^-?[\d.]+(e[+-]?\d+)?$/i.test(text) ? fixed(8, (view) => view.setFloat64(0, Number(text), true)) : undefined),
};

const idOf = ({ type, key }: Wanted): string => `${type} ${keyText(key)}`;

const keyText = (key: Key): string => {
  if (typeof key === 'number') return `0x${key.toString(16).toUpperCase().padStart(4, '0')}`;
  const [set, name] = key;
  return typeof name === 'number'
    ? `{${setText(set)}} Id 0x${name.toString(16).toUpperCase().padStart(4, '0')}`
    : `{${setText(set)}} Name ${name}`;
};

// The first three fields of a GUID are little-endian in memory ([MS-DTYP] 2.3.4.2).
const setText = (set: SetName): string => {
  const hex = (from: number, to: number): string => Buffer.from(PROPERTY_SET[set].subarray(from, to)).toString('hex');
  const turned = (from: number, to: number): string => Buffer.from(PROPERTY_SET[set].slice(from, to).reverse()).toString('hex');
  return [turned(0, 4), turned(4, 6), turned(6, 8), hex(8, 10), hex(10, 16)].join('-');
};

/** Replies may drop leading zeros and write other letters large. */
const plainId = (id: string): string => id.toLowerCase().replaceAll(/0x0*/g, '0x');
