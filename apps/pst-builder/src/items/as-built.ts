import type { ItemMeta } from '@pstream/contracts';
import { FIRST_NAMED_ID, ID, MULTIPLE, PROPERTY_SET, PT, utf16, type MapiItem, type Property } from '@pstream/mapi';

/** What a PST works out by itself, from what it holds. Of an item that may be incomplete it is the evidence. */
const COMPUTED: ReadonlyMap<number, string> = new Map([
  [ID.MessageFlags, 'MessageFlags'],
  [ID.HasAttachments, 'HasAttachments'],
  [ID.MessageSize, 'MessageSize'],
  [ID.DisplayTo, 'DisplayTo'],
  [ID.DisplayCc, 'DisplayCc'],
  [ID.DisplayBcc, 'DisplayBcc'],
]);

/** The item as it goes into a part. One with doubts has their codes with it (`pstream.doubts`) and, as it came, what the PST computes
 *  (`pstream.source.MessageFlags`, …): named properties of PS_PUBLIC_STRINGS, which every MAPI viewer shows. */
export const asBuilt = (item: MapiItem, { doubts }: Pick<Extract<ItemMeta, { kind: 'item' }>, 'doubts'>): MapiItem => {
  if (doubts === undefined) return item;
  const marked = withEvidence(item);
  const codes: Property = {
    ...named('pstream.doubts'),
    type: PT.String | MULTIPLE,
    value: new Uint8Array(0),
    values: doubts.map(utf16),
  };
  return { ...marked, properties: [...marked.properties, codes] };
};

const withEvidence = (item: MapiItem): MapiItem => ({
  ...item,
  properties: [...item.properties, ...item.properties.flatMap(evidence)],
  attachments: item.attachments.map((one) => (one.embedded === undefined ? one : { ...one, embedded: withEvidence(one.embedded) })),
});

const evidence = (property: Property): Property[] => {
  const name = property.name === undefined ? COMPUTED.get(property.id) : undefined;
  return name === undefined ? [] : [{ ...property, ...named(`pstream.source.${name}`) }];
};

const named = (name: string): Pick<Property, 'id' | 'name'> => ({ id: FIRST_NAMED_ID, name: { set: PROPERTY_SET.publicStrings, name } });
