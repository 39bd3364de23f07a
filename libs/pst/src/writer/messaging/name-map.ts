import { FIRST_NAMED_ID, PROPERTY_SET, PT, makeTag, sameSet, utf16, utf16Text, type PropertyName } from '@pstream/mapi';

import { pstCrc, put16, put32 } from '../../shared/index.js';
import type { StateReader, StateWriter } from '../checkpoint-codec.js';
import { GrowingBytes, GrowingU32 } from '../growing.js';
import type { PropertyList } from '../ltp/property-context.js';

/** Buckets of the hash table. [MS-PST] 2.4.7. */
const BUCKETS = 251;
const BUCKET_COUNT_TAG = makeTag(0x0001, PT.Integer32);
const GUID_STREAM_TAG = makeTag(0x0002, PT.Binary);
const ENTRY_STREAM_TAG = makeTag(0x0003, PT.Binary);
const STRING_STREAM_TAG = makeTag(0x0004, PT.Binary);
const FIRST_BUCKET_ID = 0x1000;
/** NAMEID. [MS-PST] 2.4.7.1. */
const ENTRY_BYTES = 8;
/** GUID indexes of the two sets that are not in the GUID stream, and of the first that is. [MS-PST] 2.4.7.1. */
const MAPI_INDEX = 1;
const PUBLIC_STRINGS_INDEX = 2;
const FIRST_GUID_INDEX = 3;
/** Ids 0x8000 to 0xFFFE. */
export const MAX_NAMES = 0xffff - FIRST_NAMED_ID;

/** Names that every map has, as Outlook's do: a map with empty streams is legal, but pst-extractor and java-libpst stumble over it. */
const FIRST_NAMES: readonly PropertyName[] = [
  { set: PROPERTY_SET.publicStrings, name: 'Keywords' },
  { set: PROPERTY_SET.common, lid: 0x8503 }, // PidLidReminderSet
];

type NameSet = {
  readonly guid: Uint8Array;
  readonly index: number;
  readonly lids: Map<number, number>;
  readonly names: Map<string, number>;
};

/** GUID index 0 means no set; it is never given out. */
const NO_SET: NameSet = { guid: new Uint8Array(16), index: 0, lids: new Map(), names: new Map() };

const firstWord = (guid: Uint8Array): number =>
  ((guid[0] as number) | ((guid[1] as number) << 8) | ((guid[2] as number) << 16) | ((guid[3] as number) << 24)) >>> 0;

/** Gives property ids to names, in the order in which they appear, and writes the name-to-id map. [MS-PST] 2.4.7. */
export class NameMap {
  readonly #sets = new Map<number, NameSet[]>();
  readonly #byIndex: NameSet[] = [NO_SET];
  /** The set asked for last: an item's names come set by set. */
  #lastSet = NO_SET;
  readonly #guids = new GrowingBytes(256);
  readonly #entries = new GrowingBytes(1024);
  readonly #strings = new GrowingBytes(1024);
  /** What each name hashes by: its number, or the CRC of its text. */
  readonly #keys = new GrowingU32(128);

  constructor() {
    this.#addSet(PROPERTY_SET.mapi, MAPI_INDEX);
    this.#addSet(PROPERTY_SET.publicStrings, PUBLIC_STRINGS_INDEX);
    for (const name of FIRST_NAMES) this.idOf(name);
  }

  /** Names up to now. */
  get count(): number {
    return this.#keys.length;
  }

  /** Upper bound of what the map takes in the file, without alignment. */
  get closingBytes(): number {
    return this.#guids.length + 2 * this.#entries.length + this.#strings.length + BUCKETS * 12 + 8192;
  }

  /** The property id of a name; -1 when the map is full. */
  idOf(name: PropertyName): number {
    const set = this.#setOf(name.set);
    const known = name.lid === undefined ? set.names.get(name.name) : set.lids.get(name.lid);
    if (known !== undefined) return known;
    const index = this.count;
    if (index >= MAX_NAMES) return -1;
    this.#entries.room(ENTRY_BYTES);
    const at = this.#entries.length;
    this.#entries.length += ENTRY_BYTES;
    let ident: number;
    if (name.lid === undefined) {
      const text = utf16(name.name);
      ident = this.#strings.length;
      const padded = (text.length + 3) & ~3;
      this.#strings.room(4 + padded);
      put32(this.#strings.data, ident, text.length);
      this.#strings.data.set(text, ident + 4);
      this.#strings.length += 4 + padded;
      this.#keys.push(pstCrc(text));
    } else {
      ident = name.lid;
      this.#keys.push(name.lid);
    }
    put32(this.#entries.data, at, ident); // dwPropertyID
    put16(this.#entries.data, at + 4, (set.index << 1) | (name.lid === undefined ? 1 : 0)); // wGuid with N
    put16(this.#entries.data, at + 6, index); // wPropIdx
    return this.#remember(set, name, index);
  }

  /** The properties of node 0x61. */
  toProperties(): PropertyList {
    const tags = [BUCKET_COUNT_TAG, GUID_STREAM_TAG, ENTRY_STREAM_TAG, STRING_STREAM_TAG];
    const count = new Uint8Array(4);
    put32(count, 0, BUCKETS);
    const values = [count, ...[this.#guids, this.#entries, this.#strings].map((stream) => stream.data.subarray(0, stream.length))];
    const buckets = new Map<number, number[]>();
    for (let i = 0; i < this.count; i++) {
      const bucket = ((this.#keys.at(i) ^ this.#wGuid(i)) >>> 0) % BUCKETS;
      const list = buckets.get(bucket);
      if (list === undefined) buckets.set(bucket, [i]);
      else list.push(i);
    }
    for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
      const members = buckets.get(bucket) as number[];
      const bytes = new Uint8Array(ENTRY_BYTES * members.length);
      members.forEach((i, k) => {
        put32(bytes, ENTRY_BYTES * k, this.#keys.at(i));
        put16(bytes, ENTRY_BYTES * k + 4, this.#wGuid(i));
        put16(bytes, ENTRY_BYTES * k + 6, i);
      });
      tags.push(makeTag(FIRST_BUCKET_ID + bucket, PT.Binary));
      values.push(bytes);
    }
    return { tags, values };
  }

  save(out: StateWriter): void {
    for (const part of [this.#guids, this.#entries, this.#strings]) part.save(out);
    this.#keys.save(out);
  }

  load(from: StateReader): void {
    const before = this.count;
    for (const part of [this.#guids, this.#entries, this.#strings]) part.load(from);
    this.#keys.load(from);
    for (let at = 16 * (this.#byIndex.length - FIRST_GUID_INDEX); at < this.#guids.length; at += 16) {
      this.#addSet(this.#guids.data.slice(at, at + 16), FIRST_GUID_INDEX + at / 16);
    }
    for (let i = before; i < this.count; i++) {
      const wGuid = this.#wGuid(i);
      const set = this.#byIndex[wGuid >> 1] as NameSet;
      const view = new DataView(this.#entries.data.buffer);
      const ident = view.getUint32(ENTRY_BYTES * i, true);
      if ((wGuid & 1) === 0) this.#remember(set, { set: set.guid, lid: ident }, i);
      else {
        const bytes = new DataView(this.#strings.data.buffer).getUint32(ident, true);
        this.#remember(set, { set: set.guid, name: utf16Text(this.#strings.data.subarray(ident + 4, ident + 4 + bytes)) }, i);
      }
    }
  }

  #wGuid(i: number): number {
    const at = ENTRY_BYTES * i + 4;
    return (this.#entries.data[at] as number) | ((this.#entries.data[at + 1] as number) << 8);
  }

  #remember(set: NameSet, name: PropertyName, index: number): number {
    const id = FIRST_NAMED_ID + index;
    if (name.lid === undefined) set.names.set(name.name, id);
    else set.lids.set(name.lid, id);
    return id;
  }

  #setOf(guid: Uint8Array): NameSet {
    const last = this.#lastSet;
    if (last !== NO_SET && sameSet(last.guid, guid)) return last;
    const found = this.#sets.get(firstWord(guid))?.find((set) => sameSet(set.guid, guid));
    if (found !== undefined) return (this.#lastSet = found);
    const index = FIRST_GUID_INDEX + this.#guids.length / 16;
    this.#guids.room(16);
    this.#guids.data.set(guid, this.#guids.length);
    this.#guids.length += 16;
    return this.#addSet(Uint8Array.from(guid), index);
  }

  #addSet(guid: Uint8Array, index: number): NameSet {
    const set = { guid, index, lids: new Map<number, number>(), names: new Map<string, number>() };
    const word = firstWord(guid);
    this.#sets.set(word, [...(this.#sets.get(word) ?? []), set]);
    this.#byIndex[index] = set;
    return set;
  }
}
