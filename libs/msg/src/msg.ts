import * as CFB from 'cfb';
import { Fault } from '@pstream/kernel';
import { FIRST_NAMED_ID, ID, MULTIPLE, PROPERTY_SET, PT, fixedSize, utf16Text } from '@pstream/mapi';
import type { Attachment, MapiItem, Property, PropertyName, Recipient } from '@pstream/mapi';
import { decodeAnyway, WINDOWS_1252 } from '@pstream/mapi/code-pages';
import { readCompoundFile, type Storage } from './compound-file.js';

/** An item of a .msg file, and the streams and directories that are no part of it as its property lists tell. Of these, a stream whose name
 *  says id and type of a property is taken all the same: the list may be damaged, and what was in it is not to be lost. */
export type MsgFile = { readonly item: MapiItem; readonly strays: readonly string[] };

/** Header bytes before the property list. [MS-OXMSG] 2.4.1. */
const HEAD = { top: 32, embedded: 24, child: 8 } as const;
const PROPERTIES = '__properties_version1.0';
const NAMES = '__nameid_version1.0';
const NOTHING = new Uint8Array(0);

/** Reads a .msg file (or .oft template) whole: every property of its lists, named ones by name, recipients, attachments, embedded messages.
 *  [MS-OXMSG]. Fault 'msg.unreadable' (never) for what is no such file. */
export const readMsg = (bytes: Uint8Array): MsgFile => {
  const root = readCompoundFile(bytes);
  if (!root.streams.has(PROPERTIES)) throw notAMessage();
  const names = namesOf(root.storages.get(NAMES));
  const item = message(root, HEAD.top, names);
  return { item, strays: straysOf(root, '').filter((path) => !path.startsWith(`/${NAMES}`)) };
};

const notAMessage = (): Fault =>
  new Fault('msg.unreadable', {
    retry: 'never',
    advice: 'The file is a compound file without the properties of a message, perhaps an Office document. Leave it out.',
  });

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** The named properties by property id. [MS-OXMSG] 2.2.3. */
const namesOf = (at: Storage | undefined): Map<number, PropertyName> => {
  const stream = (id: string): Uint8Array => at?.streams.get(`__substg1.0_${id}0102`) ?? NOTHING;
  const [sets, entries, strings] = [stream('0002'), stream('0003'), stream('0004')];
  const view = viewOf(entries);
  const text = viewOf(strings);
  const out = new Map<number, PropertyName>();
  for (let i = 0; i + 8 <= entries.length; i += 8) {
    const [id, word] = [view.getUint32(i, true), view.getUint32(i + 4, true)];
    const setIndex = (word & 0xffff) >>> 1;
    const set =
      setIndex === 1
        ? PROPERTY_SET.mapi
        : setIndex === 2
          ? PROPERTY_SET.publicStrings
          : sets.subarray(16 * (setIndex - 3), 16 * (setIndex - 2));
    if (set.length !== 16) continue;
    const isString = (word & 1) === 1;
    if (isString && id + 4 > strings.length) continue;
    out.set(
      FIRST_NAMED_ID + (word >>> 16),
      isString ? { set, name: utf16Text(strings.subarray(id + 4, id + 4 + text.getUint32(id, true))) } : { set, lid: id },
    );
  }
  return out;
};

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

const message = (at: Storage, head: number, names: ReadonlyMap<number, PropertyName>): MapiItem => {
  const children = (prefix: string): Storage[] =>
    [...at.storages]
      .filter(([name]) => name.startsWith(prefix))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, child]) => {
        at.taken.add(name);
        return child;
      });
  const codePage = codePageOf(at, head);
  const recipients = children('__recip_version1.0_').map(
    (child): Recipient => ({ properties: bag(child, HEAD.child, names, codePage).map(({ property }) => property) }),
  );
  const attachments = children('__attach_version1.0_').map((child) => attachment(child, names, codePage));
  return {
    properties: bag(at, head, names, codePage).map(({ property }) => property),
    recipients,
    attachments,
    associated: false,
    warnings: [],
  };
};

const attachment = (at: Storage, names: ReadonlyMap<number, PropertyName>, codePage: number): Attachment => {
  const properties: Property[] = [];
  let embedded: MapiItem | undefined;
  for (const { property, inside } of bag(at, HEAD.child, names, codePage)) {
    if (inside?.streams.has(PROPERTIES) === true) embedded = message(inside, HEAD.embedded, names);
    else properties.push(inside === undefined ? property : { ...property, value: asFile(inside) });
  }
  return embedded === undefined ? { properties } : { properties, embedded };
};

/** An OLE object's directory as a compound file of its own, as stores keep it. */
const asFile = (at: Storage): Uint8Array => {
  const out = CFB.utils.cfb_new();
  const add = (from: Storage, path: string): void => {
    for (const [name, content] of from.streams) {
      CFB.utils.cfb_add(out, `${path}${name}`, content);
      from.taken.add(name);
    }
    for (const [name, child] of from.storages) {
      from.taken.add(name);
      add(child, `${path}${name}/`);
    }
  };
  add(at, '/');
  return Uint8Array.from(CFB.write(out, { type: 'buffer' }) as Buffer);
};

const codePageOf = (at: Storage, head: number): number => {
  const list = at.streams.get(PROPERTIES) ?? NOTHING;
  const view = viewOf(list);
  for (const wanted of [ID.MessageCodepage, ID.InternetCodepage])
    for (let i = head; i + 16 <= list.length; i += 16)
      if (view.getUint16(i + 2, true) === wanted && view.getUint16(i, true) === PT.Integer32) return view.getUint32(i + 8, true);
  return WINDOWS_1252;
};

type Found = { readonly property: Property; readonly inside?: Storage };

/** The properties of a list and the streams it names. [MS-OXMSG] 2.4.2 and 2.1. */
const bag = (at: Storage, head: number, names: ReadonlyMap<number, PropertyName>, codePage: number): Found[] => {
  const list = at.streams.get(PROPERTIES) ?? NOTHING;
  at.taken.add(PROPERTIES);
  const view = viewOf(list);
  const out: Found[] = [];
  for (let i = head; i + 16 <= list.length; i += 16) {
    const [type, id] = [view.getUint16(i, true), view.getUint16(i + 2, true)];
    const name = names.get(id);
    const stream = `__substg1.0_${hex(id, 4)}${hex(type, 4)}`;
    const named = { id, ...(id < FIRST_NAMED_ID || name === undefined ? {} : { name }) };
    const plain = (value: Uint8Array): Found => ({ property: { ...named, type, value } });
    const take = (path: string): Uint8Array => {
      at.taken.add(path);
      return at.streams.get(path) ?? NOTHING;
    };
    const size = fixedSize(type);
    if ((type & MULTIPLE) !== 0) out.push(...several(named, type, stream, take, codePage));
    else if (type === PT.Object) {
      at.taken.add(stream);
      const inside = at.storages.get(stream);
      out.push({ property: { ...named, type, value: take(stream) }, ...(inside === undefined ? {} : { inside }) });
    } else if (type === PT.Guid) out.push(plain(take(stream)));
    else if (size !== undefined) out.push(plain(list.slice(i + 8, i + 8 + size)));
    else if (type === PT.String8)
      out.push({ property: { ...named, type: PT.String, value: unterminated(decodeAnyway(codePage, take(stream))) } });
    else out.push(plain(type === PT.String ? unterminated(take(stream)) : take(stream)));
  }
  const listed = new Set(out.map(({ property }) => property.id));
  for (const [path, value] of at.streams) {
    const [, id = '', type = ''] = at.taken.has(path) ? [] : (UNLISTED.exec(path) ?? []);
    if (id === '' || listed.has(Number.parseInt(id, 16))) continue;
    const found = unlisted(Number.parseInt(id, 16), Number.parseInt(type, 16), value, names, codePage);
    if (found.property.type !== PT.String || !utf16Text(found.property.value).includes('\0')) out.push(found);
  }
  return out;
};

/** A stream of a text, bytes or GUID that no list names. */
const UNLISTED = /^__substg1\.0_([0-9A-F]{4})(001E|001F|0102|0048)$/i;

const unlisted = (id: number, type: number, value: Uint8Array, names: ReadonlyMap<number, PropertyName>, codePage: number): Found => {
  const name = names.get(id);
  const named = { id, ...(id < FIRST_NAMED_ID || name === undefined ? {} : { name }) };
  if (type === PT.String8) return { property: { ...named, type: PT.String, value: unterminated(decodeAnyway(codePage, value)) } };
  return { property: { ...named, type, value: type === PT.String ? unterminated(value) : value } };
};

const unterminated = (value: Uint8Array): Uint8Array => {
  let end = value.length & ~1;
  while (end >= 2 && value[end - 1] === 0 && value[end - 2] === 0) end -= 2;
  return value.subarray(0, end);
};

/** A multi-valued property: its values in one stream, or one stream each behind a stream of lengths. [MS-OXMSG] 2.1.4. */
const several = (
  named: { readonly id: number; readonly name?: PropertyName },
  type: number,
  stream: string,
  take: (path: string) => Uint8Array,
  codePage: number,
): Found[] => {
  const lengths = take(stream);
  const single = type & ~MULTIPLE;
  if (fixedSize(single) !== undefined) return [{ property: { ...named, type, value: lengths } }];
  const count = lengths.length / (single === PT.Binary ? 8 : 4);
  const values = Array.from({ length: count }, (_, i) => take(`${stream}-${hex(i, 8)}`));
  if (single === PT.Binary) return [{ property: { ...named, type, value: NOTHING, values } }];
  const texts = values.map((value) => unterminated(single === PT.String8 ? decodeAnyway(codePage, value) : value));
  return [{ property: { ...named, type: PT.String | MULTIPLE, value: NOTHING, values: texts } }];
};

const straysOf = (at: Storage, path: string): string[] => [
  ...[...at.streams.keys()].filter((name) => !at.taken.has(name)).map((name) => `${path}/${name}`),
  ...[...at.storages].flatMap(([name, child]) => (at.taken.has(name) ? straysOf(child, `${path}/${name}`) : [`${path}/${name}`])),
];
