import { ID, PT, type Attachment, type MapiItem, type Property } from '@pstream/mapi';
import { SCOPE, droppedBecause } from '../fidelity/index.js';
import { propertyLabel } from './print-property.js';

/** One difference between two items. `where` leads to the object, `what` names the property or the part; no values, which are content. */
export type ItemDifference = { readonly kind: 'lost' | 'changed' | 'added'; readonly where: string; readonly what: string };

/** Objects and properties that were compared. */
export type Compared = { properties: number; recipients: number; attachments: number; embedded: number };

/** Bits of PidTagMessageFlags a store works out itself: attachment, hidden, and the read-notice bit. [MS-OXCMSG] 2.2.1.6. */
const STORE_FLAGS = 0x10 | 0x40 | 0x400;

const keyOf = ({ id, name }: Property): string =>
  name === undefined ? String(id) : `${Buffer.from(name.set).toString('hex')}/${name.lid ?? name.name?.toLowerCase()}`;

const same = (a: Property, b: Property): boolean => {
  if (a.type !== b.type) return false;
  if (a.id === ID.MessageFlags && a.type === PT.Integer32 && a.name === undefined) return flags(a) === flags(b);
  const [x, y] = [a.values, b.values];
  if (x !== undefined || y !== undefined)
    return (x?.length ?? 0) === (y?.length ?? 0) && (x ?? []).every((value, i) => Buffer.compare(value, y?.[i] ?? NOTHING) === 0);
  return Buffer.compare(a.value, b.value) === 0;
};

const NOTHING = new Uint8Array(0);
const flags = ({ value }: Property): number => ((value[0] ?? 0) | ((value[1] ?? 0) << 8)) & ~STORE_FLAGS;

/** What of a bag a PST keeps: not what every store computes for itself, not what has no name or no value. */
const kept = (properties: readonly Property[], scope: number): Map<string, Property> => {
  const out = new Map<string, Property>();
  for (const property of properties) {
    if (property.name === undefined && (property.id >= 0x8000 || droppedBecause(property.id, scope) !== undefined)) continue;
    if (property.type === PT.Unspecified || property.type === PT.ErrorCode) continue;
    out.set(keyOf(property), property);
  }
  return out;
};

const compareBags = (
  where: string,
  a: readonly Property[],
  b: readonly Property[],
  scope: number,
  tell: (difference: ItemDifference) => void,
  counts: Compared,
): void => {
  const [mine, theirs] = [kept(a, scope), kept(b, scope)];
  const label = (property: Property): string => propertyLabel(property) ?? `0x${property.id.toString(16).padStart(4, '0')}`;
  for (const [key, property] of mine) {
    counts.properties++;
    const other = theirs.get(key);
    if (other === undefined) tell({ kind: 'lost', where, what: label(property) });
    else if (!same(property, other)) tell({ kind: 'changed', where, what: label(property) });
  }
  for (const [key, property] of theirs) if (!mine.has(key)) tell({ kind: 'added', where, what: label(property) });
};

const compareAttachment = (
  where: string,
  a: Attachment,
  b: Attachment,
  tell: (difference: ItemDifference) => void,
  counts: Compared,
): void => {
  const embedded = a.embedded !== undefined || b.embedded !== undefined;
  const data = ({ properties }: Attachment): readonly Property[] =>
    embedded ? properties.filter(({ id }) => id !== ID.AttachData) : properties;
  compareBags(where, data(a), data(b), SCOPE.attachment, tell, counts);
  if (a.embedded !== undefined && b.embedded !== undefined) {
    counts.embedded++;
    compareItemPair(`${where}/message`, a.embedded, b.embedded, tell, counts);
  } else if (embedded) tell({ kind: a.embedded === undefined ? 'added' : 'lost', where, what: 'embedded message' });
};

/** Compares two items as far as a PST keeps them: properties, recipients and attachments in order, embedded messages in depth. */
export const compareItemPair = (
  where: string,
  a: MapiItem,
  b: MapiItem,
  tell: (difference: ItemDifference) => void,
  counts: Compared,
): void => {
  compareBags(where, a.properties, b.properties, SCOPE.message, tell, counts);
  const pairs = <T>(what: string, x: readonly T[], y: readonly T[], each: (at: string, p: T, q: T) => void): void => {
    for (let i = 0; i < Math.max(x.length, y.length); i++) {
      const [p, q] = [x[i], y[i]];
      if (p !== undefined && q !== undefined) each(`${where}/${what}${i}`, p, q);
      else tell({ kind: p === undefined ? 'added' : 'lost', where, what: `${what}${i}` });
    }
  };
  counts.recipients += a.recipients.length;
  pairs('recipient', a.recipients, b.recipients, (at, p, q) => compareBags(at, p.properties, q.properties, SCOPE.recipient, tell, counts));
  counts.attachments += a.attachments.length;
  pairs('attachment', a.attachments, b.attachments, (at, p, q) => compareAttachment(at, p, q, tell, counts));
};
