import { FIRST_NAMED_ID, PROPERTY_SET, sameSet, tagId, type Property, type PropertyName } from '@pstream/mapi';

import type { BesidePayload } from './beside.js';
import { droppedBecause, type DropReason } from './dropped-properties.js';
import { OVERSIZE_BYTES, storedType, storedValue } from './values.js';

/** A value too long for a PST: of which property, how long, and the name under which it is kept beside the part, if it is. */
export type Oversize = { readonly id: number; readonly bytes: number; readonly beside?: string };

/** What was left out of an item, by reason, and the oversize values one by one. */
export class DropTally {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  readonly oversize: Oversize[] = [];
  /** Attachment data to be kept beside the part; undefined where there is no place for it. */
  readonly beside: BesidePayload[] | undefined;

  constructor(beside = false) {
    this.beside = beside ? [] : undefined;
  }

  drop(reason: DropReason): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }
}

/** The properties of one object as the PST keeps them, in canonical order: plain ones by ascending id, then named ones by
 *  set, kind, number or name. Each id and each name once. `values` are the bytes that are stored. */
export class KeptBag {
  /** Tags of the plain properties, ascending. */
  readonly tags: number[] = [];
  readonly values: Uint8Array[] = [];
  readonly names: PropertyName[] = [];
  readonly namedTypes: number[] = [];
  readonly namedValues: Uint8Array[] = [];

  /** Position of a plain property, or -1. Holds once the bag is sorted. */
  indexOf(id: number): number {
    let low = 0;
    let high = this.tags.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = tagId(this.tags[middle] as number);
      if (at === id) return middle;
      if (at < id) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** Value of a plain property of this tag, or undefined. */
  valueOf(tag: number): Uint8Array | undefined {
    const at = this.indexOf(tagId(tag));
    return at >= 0 && this.tags[at] === tag ? this.values[at] : undefined;
  }

  /** Adds or replaces a plain property. */
  put(tag: number, value: Uint8Array): void {
    const { tags, values } = this;
    const known = this.indexOf(tagId(tag));
    if (known >= 0) {
      tags[known] = tag;
      values[known] = value;
      return;
    }
    let at = tags.length;
    tags.push(tag);
    values.push(value);
    for (; at > 0 && (tags[at - 1] as number) > tag; at--) {
      tags[at] = tags[at - 1] as number;
      values[at] = values[at - 1] as Uint8Array;
    }
    tags[at] = tag;
    values[at] = value;
  }

  /** Takes in the properties of an object that belong into the PST. */
  fill(properties: readonly Property[], scope: number, tally: DropTally): void {
    const { tags, values } = this;
    let last = -1;
    let sorted = true;
    for (const property of properties) {
      let { id } = property;
      const { name } = property;
      if (name !== undefined) {
        if (name.lid !== undefined && name.lid < FIRST_NAMED_ID && name.set[0] === MAPI_FIRST && sameSet(name.set, PROPERTY_SET.mapi)) {
          id = name.lid; // a name in PS_MAPI below 0x8000 is that plain property ([MS-OXPROPS] 1.3.2)
        } else {
          this.#addNamed(property, name, tally);
          continue;
        }
      } else if (id >= FIRST_NAMED_ID) {
        tally.drop('unnamed');
        continue;
      }
      const reason = droppedBecause(id, scope);
      if (reason !== undefined) {
        tally.drop(reason);
        continue;
      }
      const value = kept(property, tally);
      if (value === undefined) continue;
      const tag = ((id << 16) | storedType(property.type)) >>> 0;
      if (id <= last) sorted = false;
      last = id;
      tags.push(tag);
      values.push(value);
    }
    if (!sorted) this.#sortPlain();
    if (this.names.length > 1) this.#sortNamed();
  }

  #addNamed(property: Property, name: PropertyName, tally: DropTally): void {
    if (name.set.length !== 16 || (name.name !== undefined && (name.name === '' || name.name.length > MAX_NAME_LENGTH))) {
      tally.drop('name');
      return;
    }
    const value = kept(property, tally);
    if (value === undefined) return;
    this.names.push(name);
    this.namedTypes.push(storedType(property.type));
    this.namedValues.push(value);
  }

  /** Insertion sort: sources are nearly sorted. Of two properties with one id the later stays, as in the stream format. */
  #sortPlain(): void {
    const { tags, values } = this;
    let length = 0;
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] as number;
      const value = values[i] as Uint8Array;
      const id = tagId(tag);
      let at = length;
      while (at > 0 && tagId(tags[at - 1] as number) > id) at--;
      if (at > 0 && tagId(tags[at - 1] as number) === id) {
        tags[at - 1] = tag;
        values[at - 1] = value;
        continue;
      }
      for (let k = length; k > at; k--) {
        tags[k] = tags[k - 1] as number;
        values[k] = values[k - 1] as Uint8Array;
      }
      tags[at] = tag;
      values[at] = value;
      length++;
    }
    tags.length = length;
    values.length = length;
  }

  #sortNamed(): void {
    const { names, namedTypes, namedValues } = this;
    let length = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as PropertyName;
      const type = namedTypes[i] as number;
      const value = namedValues[i] as Uint8Array;
      let at = length;
      let order = 1;
      while (at > 0 && (order = compareNames(names[at - 1] as PropertyName, name)) > 0) at--;
      if (at > 0 && order === 0) {
        namedTypes[at - 1] = type;
        namedValues[at - 1] = value;
        continue;
      }
      for (let k = length; k > at; k--) {
        names[k] = names[k - 1] as PropertyName;
        namedTypes[k] = namedTypes[k - 1] as number;
        namedValues[k] = namedValues[k - 1] as Uint8Array;
      }
      names[at] = name;
      namedTypes[at] = type;
      namedValues[at] = value;
      length++;
    }
    names.length = length;
    namedTypes.length = length;
    namedValues.length = length;
  }
}

const MAPI_FIRST = PROPERTY_SET.mapi[0] as number;

/** Longest name in UTF-16 units; [MS-OXCDATA] 2.6.1 gives the size of a name 8 bits, other producers exceed it a little. */
const MAX_NAME_LENGTH = 1024;

const kept = (property: Property, tally: DropTally): Uint8Array | undefined => {
  if (property.value.length >= OVERSIZE_BYTES) {
    tally.drop('oversize');
    tally.oversize.push({ id: property.id, bytes: property.value.length });
    return undefined;
  }
  const value = storedValue(property);
  if (value === undefined || value === null) {
    tally.drop(value === null ? 'type' : 'malformed');
    return undefined;
  }
  return value;
};

/** Canonical order of names: set bytes, numbers before strings, then number or UTF-16 code units. */
export const compareNames = (a: PropertyName, b: PropertyName): number => {
  if (a.set !== b.set) {
    for (let i = 0; i < 16; i++) {
      const difference = (a.set[i] as number) - (b.set[i] as number);
      if (difference !== 0) return difference;
    }
  }
  if (a.lid !== undefined) return b.lid === undefined ? -1 : a.lid - b.lid;
  if (b.lid !== undefined) return 1;
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
};

/** The value of the last plain property of a type in a list, or undefined. */
export const lastValue = (properties: readonly Property[], id: number, type: number): Uint8Array | undefined => {
  for (let i = properties.length - 1; i >= 0; i--) {
    const property = properties[i] as Property;
    if (property.id === id && property.name === undefined && storedType(property.type) === type) {
      const value = storedValue(property);
      return value === null ? undefined : value;
    }
  }
  return undefined;
};
