import { ID, PT, RECIPIENT_TYPE, utf16Text, type MapiItem, type Property } from '@pstream/mapi';
import { PstCorrupt } from '../format/index.js';
import type { Strictness } from '../reader/strictness.js';

const valueOf = (properties: readonly Property[], id: number, type: number): Uint8Array | undefined =>
  properties.find((property) => property.id === id && property.type === type)?.value;

/** Names regardless of order, case and the quotes that some senders put around addresses. */
const namesIn = (text: string): string =>
  text
    .split(';')
    .map((name) => name.replaceAll(/^[ '\0]+|[ '\0]+$/gu, '').toLowerCase())
    .filter((name) => name !== '')
    .toSorted()
    .join(';');

/** PidTagDisplayTo, Cc and Bcc must be the names of the recipients of that type, and types must be known. [MS-OXOMSG] 2.2.1.7 and following. */
export const checkRecipients = (strictness: Strictness, item: MapiItem, nid: number): void => {
  const names = new Map<number, string[]>([
    [RECIPIENT_TYPE.to, []],
    [RECIPIENT_TYPE.cc, []],
    [RECIPIENT_TYPE.bcc, []],
  ]);
  for (const { properties } of item.recipients) {
    const type = valueOf(properties, ID.RecipientType, PT.Integer32)?.[0] ?? -1;
    const kind = type & 0x0f;
    if (type < 0 || kind > RECIPIENT_TYPE.bcc)
      strictness.flaw(new PstCorrupt('recipient-type', 'PidTagRecipientType', { nid, actual: type }));
    names.get(kind)?.push(utf16Text(valueOf(properties, ID.DisplayName, PT.String) ?? new Uint8Array(0)));
  }
  for (const [type, id] of [
    [RECIPIENT_TYPE.to, ID.DisplayTo],
    [RECIPIENT_TYPE.cc, ID.DisplayCc],
    [RECIPIENT_TYPE.bcc, ID.DisplayBcc],
  ] as const) {
    const told = utf16Text(valueOf(item.properties, id, PT.String) ?? new Uint8Array(0));
    const list = names.get(type) ?? [];
    if (told !== '' || list.length > 0) {
      if (namesIn(told) !== namesIn(list.join(';')))
        strictness.flaw(new PstCorrupt('display-names', 'PidTagDisplayTo', { nid, tag: id * 0x1_0000 + PT.String }));
    }
  }
};
