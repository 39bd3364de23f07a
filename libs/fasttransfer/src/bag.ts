import type { Property, PropertyName } from '@pstream/mapi';

/** The properties of one object while it is read. The last of two with the same id (or name) wins, in the place of the first. */
export class Bag {
  readonly properties: Property[] = [];
  readonly #places = new Map<number | string, number>();
  /** Head and stream offset of strings that wait for the message's code page, by index. */
  readonly #undecoded = new Map<number, { readonly head: number; readonly streamOffset: number }>();

  /** Adds or replaces a property; true if it replaced one. */
  put(property: Property): boolean {
    const key = property.name === undefined ? property.id : nameKey(property.name);
    const known = this.#places.get(key);
    if (known === undefined) {
      this.#places.set(key, this.properties.length);
      this.properties.push(property);
      return false;
    }
    this.properties[known] = property;
    this.#undecoded.delete(known);
    return true;
  }

  /** Remembers that the string last put under `property`'s key is still in the bytes of its code page. */
  defer(property: Property, head: number, streamOffset: number): void {
    const key = property.name === undefined ? property.id : nameKey(property.name);
    this.#undecoded.set(this.#places.get(key)!, { head, streamOffset });
  }

  /** Decodes the strings that waited. */
  settle(decode: (bytes: Uint8Array, head: number, streamOffset: number) => Uint8Array): void {
    for (const [index, { head, streamOffset }] of this.#undecoded) {
      const property = this.properties[index]!;
      this.properties[index] =
        property.values === undefined
          ? { ...property, value: decode(property.value, head, streamOffset) }
          : { ...property, values: property.values.map((one) => decode(one, head, streamOffset)) };
    }
    this.#undecoded.clear();
  }
}

/** Names compare by set and number, or by set and spelling without case, as mailboxes compare them. */
const nameKey = ({ set, lid, name }: PropertyName): string => {
  let key = '';
  for (const byte of set) key += String.fromCharCode(byte);
  return lid === undefined ? `${key}/${name.toLowerCase()}` : `${key}#${lid}`;
};
