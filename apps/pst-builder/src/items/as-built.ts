import type { ItemMeta } from '@pstream/contracts';
import {
  filetimeOf,
  FIRST_NAMED_ID,
  ID,
  isTime,
  MULTIPLE,
  PROPERTY_SET,
  PT,
  utf16,
  utf16Text,
  type MapiItem,
  type Property,
} from '@pstream/mapi';

/** What a PST works out by itself, from what it holds. Of an item that may be incomplete it is the evidence. */
const COMPUTED: ReadonlyMap<number, string> = new Map([
  [ID.MessageClass, 'MessageClass'],
  [ID.MessageFlags, 'MessageFlags'],
  [ID.HasAttachments, 'HasAttachments'],
  [ID.MessageSize, 'MessageSize'],
  [ID.DisplayTo, 'DisplayTo'],
  [ID.DisplayCc, 'DisplayCc'],
  [ID.DisplayBcc, 'DisplayBcc'],
]);

type Meta = Pick<Extract<ItemMeta, { kind: 'item' }>, 'doubts' | 'itemType' | 'itemDate' | 'itemChanged'>;

/** The item as it goes into a part. One with doubts has their codes with it (`pstream.doubts`) and, as it came, what the PST computes
 *  (`pstream.source.MessageFlags`, …): named properties of PS_PUBLIC_STRINGS, which every MAPI viewer shows. A class and times that it lacks
 *  are those of the listing. */
export const asBuilt = (item: MapiItem, meta: Meta): MapiItem => {
  const { doubts } = meta;
  if (doubts === undefined) return item;
  const marked = withEvidence(item);
  const codes: Property = { ...named('pstream.doubts'), type: PT.String | MULTIPLE, value: new Uint8Array(0), values: doubts.map(utf16) };
  return { ...marked, properties: [...withClass(marked.properties, meta.itemType), codes, ...listedTimes(marked.properties, meta)] };
};

const withEvidence = (item: MapiItem): MapiItem => ({
  ...item,
  properties: [...item.properties, ...item.properties.flatMap(evidence)],
  attachments: item.attachments.map((one) => (one.embedded === undefined ? one : { ...one, embedded: withEvidence(one.embedded) })),
});

const evidence = (property: Property): Property[] => {
  const name = property.name === undefined ? COMPUTED.get(property.id) : undefined;
  // A class stays as it is, unless there is none.
  if (name === undefined || (property.id === ID.MessageClass && !isBlank(property))) return [];
  return [{ ...property, ...named(`pstream.source.${name}`) }];
};

const isBlank = ({ value }: Property): boolean => utf16Text(value).trim() === '';

const withClass = (properties: readonly Property[], itemType: string): readonly Property[] => {
  const isClass = ({ id, name }: Property): boolean => id === ID.MessageClass && name === undefined;
  const stated = properties.find(isClass);
  if (stated !== undefined && !isBlank(stated)) return properties;
  return [...properties.filter((property) => !isClass(property)), { id: ID.MessageClass, type: PT.String, value: utf16(itemType) }];
};

/** Times for an item that has none at all: a PST would make them up. */
const listedTimes = (properties: readonly Property[], { itemDate, itemChanged }: Meta): Property[] => {
  const hasOwn = properties.some(({ id, type, value }) => OWN_TIMES.has(id) && type === PT.Time && isTime(value));
  if (hasOwn) return [];
  return [...timeOf(ID.CreationTime, itemDate ?? itemChanged), ...timeOf(ID.LastModificationTime, itemChanged ?? itemDate)];
};

const OWN_TIMES: ReadonlySet<number> = new Set([ID.CreationTime, ID.LastModificationTime, ID.MessageDeliveryTime, ID.ClientSubmitTime]);

const timeOf = (id: number, iso: string | undefined): Property[] => {
  if (iso === undefined || Number.isNaN(Date.parse(iso))) return [];
  const value = filetimeOf(iso);
  return isTime(value) ? [{ id, type: PT.Time, value }] : [];
};

const named = (name: string): Pick<Property, 'id' | 'name'> => ({ id: FIRST_NAMED_ID, name: { set: PROPERTY_SET.publicStrings, name } });
