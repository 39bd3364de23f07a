import { ID, isTime, MESSAGE_FLAG, PT, RECIPIENT_TYPE, utf16Text, type MapiItem } from '@pstream/mapi';
import { TAG } from './wire.js';

/** A hint that an item is not what the mailbox holds: an item has no end marker, so a cut between two subobjects still parses. Strong hints,
 *  not proofs. The strongest come first. */
export const DOUBTS = [
  /** No PidTagMessageClass, which every item has. */
  'message-class-missing',
  /** The section separators (FXDelProp) that servers write even for empty tables. */
  'recipients-section-missing',
  'attachments-section-missing',
  /** The item names recipients (DisplayTo, DisplayCc, DisplayBcc), and fewer of that kind came. */
  'recipients-expected',
  /** The item says that it has attachments, and none came. */
  'attachments-expected',
  /** Graph lists more attachments of a message than its MIME has. */
  'attachments-fewer',
  /** The stream is clearly shorter than the folder listing says. */
  'smaller-than-listed',
  /** EcWarning: the server left something out. */
  'server-warning',
  'embedded-message-missing',
  'embedded-message-unannounced',
  'attach-number-missing',
  'unknown-section',
  'duplicate-property',
  'boolean-above-1',
  /** No time of its own: neither created nor changed, sent or delivered. */
  'times-missing',
  /** Text in a code page that is not known, or that does not explain the bytes. */
  'code-page-guessed',
] as const;
export type Doubt = (typeof DOUBTS)[number];

/** What the folder listing said of the item. Sizes in bytes; `streamBytes` is the length of the decoded stream. */
export type Listing = { readonly listedBytes: number; readonly streamBytes: number };

/** The hints in a decoded item, and in the messages embedded in it, that it is not whole; empty if there is none. Each once, the strongest
 *  first. */
export const doubts = (item: MapiItem): readonly Doubt[] => {
  const found = new Set<string>(everyWarning(item).map(noteOf));
  if (!hasText(item, ID.MessageClass)) found.add('message-class-missing');
  if (!item.properties.some(isOwnTime)) found.add('times-missing');
  note(item, found);
  return DOUBTS.filter((doubt) => found.has(doubt));
};

/** Whether a stream is clearly shorter than its item is in the mailbox. The two are never equal: a store counts what a stream leaves out (its own
 *  bookkeeping, a second form of the body), a stream repeats names. So an item is doubted below half of its size; where attachments came others
 *  may be missing behind them, and attachments are counted alike by both: there a twentieth is enough. Below 16 KiB it can be bookkeeping. */
export const isSmallerThanListed = ({ listedBytes, streamBytes }: Listing, hasAttachments: boolean): boolean =>
  listedBytes - streamBytes > Math.max(BOOKKEEPING_BYTES, listedBytes / (hasAttachments ? 20 : 2));

/** Warnings of an item and of the messages embedded in it, outermost first. */
export const everyWarning = (item: MapiItem): readonly string[] => [
  ...item.warnings,
  ...item.attachments.flatMap(({ embedded }) => (embedded === undefined ? [] : everyWarning(embedded))),
];

const BOOKKEEPING_BYTES = 16_384;

/** `fasttransfer.<note> …` without what surrounds the note. */
const noteOf = (warning: string): string => warning.slice(warning.indexOf('.') + 1).split(' ', 1)[0]!;

/** What a message announces and what came, without recursion: messages may nest deeply. */
const note = (item: MapiItem, found: Set<string>): void => {
  const open = [item];
  for (let message = open.pop(); message !== undefined; message = open.pop()) {
    if (lacksRecipients(message)) found.add('recipients-expected');
    if (message.attachments.length === 0 && saysAttachments(message)) found.add('attachments-expected');
    for (const { embedded } of message.attachments) if (embedded !== undefined) open.push(embedded);
  }
};

const DISPLAY_NAMES = [
  [ID.DisplayTo, RECIPIENT_TYPE.to],
  [ID.DisplayCc, RECIPIENT_TYPE.cc],
  [ID.DisplayBcc, RECIPIENT_TYPE.bcc],
] as const;

/** Fewer recipients of a kind came than its display string names. A name may hold a separator itself, so what came is joined first. */
const lacksRecipients = (message: MapiItem): boolean =>
  DISPLAY_NAMES.some(([id, type]) => {
    const named = namesIn(textOf(message, id));
    if (named === 0) return false;
    const came = message.recipients.filter(({ properties }) => (integerOf(properties, ID.RecipientType) & 0x0f) === type);
    return came.reduce((sum, { properties }) => sum + Math.max(1, namesIn(textOf({ properties }, ID.DisplayName))), 0) < named;
  });

const namesIn = (text: string): number => text.split(';').filter((name) => name.trim() !== '').length;

type Bag = Pick<MapiItem, 'properties'>;

const textOf = ({ properties }: Bag, id: number): string => {
  const property = properties.find((one) => one.id === id && one.type === PT.String);
  return property === undefined ? '' : utf16Text(property.value);
};

/** A string property that is there and not blank. */
const hasText = (item: Bag, id: number): boolean => textOf(item, id).trim() !== '';

const OWN_TIMES: ReadonlySet<number> = new Set([ID.CreationTime, ID.LastModificationTime, ID.MessageDeliveryTime, ID.ClientSubmitTime]);
const isOwnTime = ({ id, type, value }: MapiItem['properties'][number]): boolean => type === PT.Time && OWN_TIMES.has(id) && isTime(value);

const integerOf = (properties: MapiItem['properties'], id: number): number =>
  properties.find((property) => property.id === id && property.type === PT.Integer32)?.value[0] ?? 0;

/** PidTagHasAttachments, or the bit of PidTagMessageFlags where the former is absent (a clip is hidden while all attachments are). */
const saysAttachments = (item: MapiItem): boolean => {
  const flag = (tag: number): number | undefined =>
    item.properties.find((property) => property.id === tag >>> 16 && property.type === (tag & 0xffff))?.value[0];
  const stated = flag(TAG.HasAttachments);
  return stated === undefined ? ((flag(TAG.MessageFlags) ?? 0) & MESSAGE_FLAG.hasAttach) !== 0 : stated !== 0;
};
