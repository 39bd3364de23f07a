import { ID, PT, utf16Text, type MapiItem, type Property } from '@pstream/mapi';
import { PROPERTY_SET, sameSet } from '@pstream/mapi';
import type { Key } from './bag.js';
import { toMapiItem } from './convert.js';
import type { PlainItem } from './plain-item.js';

/** What tests look into: values by key, as JavaScript sees them. */
export const look = (properties: readonly Property[], key: Key, type: number = PT.String) => {
  const found = properties.find(
    (each) =>
      each.type === type &&
      (typeof key === 'number'
        ? each.id === key && each.name === undefined
        : each.name !== undefined &&
          sameSet(each.name.set, PROPERTY_SET[key[0]]) &&
          (each.name.lid === key[1] || each.name.name === key[1])),
  );
  return found === undefined ? undefined : Buffer.from(found.value);
};
export const textAt = (properties: readonly Property[], key: Key): string | undefined => {
  const found = look(properties, key);
  return found === undefined ? undefined : utf16Text(found);
};
export const intAt = (properties: readonly Property[], key: Key): number | undefined => look(properties, key, PT.Integer32)?.readInt32LE();
export const flagAt = (properties: readonly Property[], key: Key): boolean | undefined => {
  const found = look(properties, key, PT.Boolean);
  return found === undefined ? undefined : found[0] === 1;
};

/** The HTML of an item as text. */
export const htmlOf = (item: MapiItem): string | undefined => look(item.properties, ID.Html, PT.Binary)?.toString('utf8');

/** A message of these MIME lines, without anything else being told of it. */
export const fromMime = (mime: string | Uint8Array, more: Partial<PlainItem> = {}): Promise<MapiItem> =>
  toMapiItem({
    kind: 'message',
    itemType: 'IPM.Note',
    item: {},
    resource: { isRead: true },
    mime: typeof mime === 'string' ? Buffer.from(mime.replaceAll(/\r?\n/g, '\r\n')) : mime,
    ...more,
  });
