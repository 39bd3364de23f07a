import {
  FIRST_NAMED_ID,
  filetimeOf,
  isoOfFiletime,
  isTime,
  MULTIPLE,
  PROPERTY_SET,
  PT,
  utf16,
  type Property,
  type PropertyName,
} from '@pstream/mapi';

/** Names of the property sets used here. */
export type SetName = keyof typeof PROPERTY_SET;

/** What a property is called: a 16-bit id, or a number or text within a set. */
export type Key = number | readonly [SetName, number | string];

/** Properties of one object while they are gathered: what is put later replaces what was put before. Undefined and unusable values are left out. */
export class Bag {
  readonly #properties = new Map<string, Omit<Property, 'id'> & { readonly id: number | undefined }>();

  /** The bytes of a type as a property stores them. */
  raw(key: Key, type: number, value: Uint8Array): this {
    return this.#put(key, { type, value });
  }

  /** A text; null, undefined and the empty one are left out. */
  text(key: Key, value: string | null | undefined): this {
    return value === null || value === undefined || value === '' ? this : this.raw(key, PT.String, utf16(value));
  }

  int(key: Key, value: number | undefined): this {
    if (value === undefined || !Number.isFinite(value)) return this;
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, value, true);
    return this.raw(key, PT.Integer32, bytes);
  }

  double(key: Key, value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.raw(key, PT.Floating64, bytes);
  }

  flag(key: Key, value: boolean | undefined): this {
    return value === undefined ? this : this.raw(key, PT.Boolean, Uint8Array.of(value ? 1 : 0));
  }

  /** An ISO 8601 time; one without a zone is UTC. */
  time(key: Key, iso: string | null | undefined): this {
    const known = isoTime(iso);
    return known === undefined ? this : this.raw(key, PT.Time, filetimeOf(known));
  }

  binary(key: Key, value: Uint8Array | undefined): this {
    return value === undefined ? this : this.raw(key, PT.Binary, value);
  }

  /** A list of texts; an empty one is left out. */
  texts(key: Key, values: readonly string[]): this {
    return values.length === 0 ? this : this.#put(key, { type: PT.String | MULTIPLE, value: new Uint8Array(0), values: values.map(utf16) });
  }

  has(key: Key): boolean {
    return this.#properties.has(nameOf(key));
  }

  /** The value's bytes, or undefined. */
  valueOf(key: Key): Uint8Array | undefined {
    return this.#properties.get(nameOf(key))?.value;
  }

  /** The time of a property as ISO 8601, or undefined. */
  timeOf(key: Key): string | undefined {
    const value = this.valueOf(key);
    return value === undefined ? undefined : isoOfFiletime(value);
  }

  /** The properties in the order of export streams: rising ids, named ones last, these numbered as they come. */
  close(): readonly Property[] {
    const all = [...this.#properties.values()];
    const plain = all.filter((each): each is Property => each.id !== undefined).sort((a, b) => a.id - b.id);
    return [...plain, ...all.filter((each) => each.id === undefined).map((each, index) => ({ ...each, id: FIRST_NAMED_ID + index }))];
  }

  #put(key: Key, property: Omit<Property, 'id' | 'name'>): this {
    const name = typeof key === 'number' ? undefined : fullName(key);
    this.#properties.set(nameOf(key), {
      id: typeof key === 'number' ? key : undefined,
      ...property,
      ...(name === undefined ? {} : { name }),
    });
    return this;
  }
}

/** An ISO 8601 time in UTC of what Graph writes, with or without zone, up to seven digits of a second; undefined for anything else, and for what
 *  stands for no time, such as 0001-01-01. */
export const isoTime = (text: string | null | undefined): string | undefined => {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined;
  const ms = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) return undefined;
  const iso = new Date(ms).toISOString();
  return isTime(filetimeOf(iso)) ? iso : undefined;
};

const fullName = ([set, name]: readonly [SetName, number | string]): PropertyName =>
  typeof name === 'number' ? { set: PROPERTY_SET[set], lid: name } : { set: PROPERTY_SET[set], name };

const nameOf = (key: Key): string => (typeof key === 'number' ? String(key) : `${key[0]}/${String(key[1]).toLowerCase()}`);
