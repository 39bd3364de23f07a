import {
  ATTACH_METHOD,
  ID,
  MESSAGE_FLAG,
  PT,
  RECIPIENT_TYPE,
  isTime,
  makeTag,
  utf16,
  type Attachment,
  type MapiItem,
  type Property,
  type Recipient,
} from '@pstream/mapi';

import { put32 } from '../shared/index.js';
import { DropTally, KeptBag, lastValue } from './bag.js';
import { besidePayload } from './beside.js';
import { digestOf } from './digest.js';
import { SCOPE } from './dropped-properties.js';
import type { KeptAttachment, KeptItem } from './kept-item.js';
import { oneOffEntryId, recipientSearchKey } from './recipient-keys.js';
import { subjectWithLeadIn } from './subject.js';
import { EMPTY, OVERSIZE_BYTES } from './values.js';

const TAG = {
  messageClass: makeTag(ID.MessageClass, PT.String),
  subject: makeTag(ID.Subject, PT.String),
  clientSubmitTime: makeTag(ID.ClientSubmitTime, PT.Time),
  displayBcc: makeTag(ID.DisplayBcc, PT.String),
  displayCc: makeTag(ID.DisplayCc, PT.String),
  displayTo: makeTag(ID.DisplayTo, PT.String),
  deliveryTime: makeTag(ID.MessageDeliveryTime, PT.Time),
  messageFlags: makeTag(ID.MessageFlags, PT.Integer32),
  creationTime: makeTag(ID.CreationTime, PT.Time),
  lastModificationTime: makeTag(ID.LastModificationTime, PT.Time),
  searchKey: makeTag(ID.SearchKey, PT.Binary),
  recipientType: makeTag(ID.RecipientType, PT.Integer32),
  displayName: makeTag(ID.DisplayName, PT.String),
  addressType: makeTag(ID.AddressType, PT.String),
  emailAddress: makeTag(ID.EmailAddress, PT.String),
  smtpAddress: makeTag(ID.SmtpAddress, PT.String),
  entryId: makeTag(ID.EntryId, PT.Binary),
  objectType: makeTag(ID.ObjectType, PT.Integer32),
  displayType: makeTag(ID.DisplayType, PT.Integer32),
  attachMethod: makeTag(ID.AttachMethod, PT.Integer32),
  attachData: makeTag(ID.AttachData, PT.Binary),
  attachObject: makeTag(ID.AttachData, PT.Object),
  attachLongPathname: makeTag(ID.AttachLongPathname, PT.String),
  renderingPosition: makeTag(ID.RenderingPosition, PT.Integer32),
} as const;

const NOTE = utf16('IPM.Note');
/** FILETIME 0, which programs read as none: for items that carry no time at all and have no message around them. A store demands the property. */
const NO_TIME = new Uint8Array(8);
/** PidTagRenderingPosition of an attachment that is not shown in the text. [MS-OXCMSG] 2.2.2.16. */
const NOT_RENDERED = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
/** MAPI_MAILUSER. [MS-OXOABK] 2.2.3.10. */
const MAIL_USER = Uint8Array.of(6, 0, 0, 0);
const INT_ZERO = new Uint8Array(4);
/** The bits of PidTagRecipientType that are no flags. [MS-OXOMSG] 2.2.3.1. */
const KIND = 0x0f;

/** Four little-endian bytes of an integer. */
export const int32 = (value: number): Uint8Array => {
  const out = Buffer.allocUnsafe(4);
  put32(out, 0, value);
  return out;
};

const readInt32 = (value: Uint8Array): number =>
  (value[0] as number) | ((value[1] as number) << 8) | ((value[2] as number) << 16) | ((value[3] as number) << 24);

const keepRecipient = (recipient: Recipient, tally: DropTally): KeptBag => {
  const bag = new KeptBag();
  bag.fill(recipient.properties, SCOPE.recipient, tally);
  const type = bag.valueOf(TAG.recipientType);
  // A kind that does not exist counts as none: no reader would show such a recipient.
  const isKind = type !== undefined && ((type[0] as number) & KIND) <= RECIPIENT_TYPE.bcc;
  if (!isKind) {
    if (type !== undefined) tally.drop('malformed');
    bag.put(TAG.recipientType, int32(RECIPIENT_TYPE.to));
  }
  const address = bag.valueOf(TAG.emailAddress);
  const smtp = bag.valueOf(TAG.smtpAddress);
  let name = bag.valueOf(TAG.displayName);
  if (name === undefined) bag.put(TAG.displayName, (name = smtp ?? address ?? EMPTY));
  if (bag.valueOf(TAG.objectType) === undefined) bag.put(TAG.objectType, MAIL_USER);
  if (bag.valueOf(TAG.displayType) === undefined) bag.put(TAG.displayType, INT_ZERO);
  const addressType = bag.valueOf(TAG.addressType);
  if (address !== undefined && addressType !== undefined && address.length > 0) {
    if (bag.indexOf(ID.SearchKey) < 0) bag.put(TAG.searchKey, recipientSearchKey(addressType, address));
    if (bag.indexOf(ID.EntryId) < 0) bag.put(TAG.entryId, oneOffEntryId(name, addressType, address));
  }
  return bag;
};

const keepAttachment = (attachment: Attachment, tally: DropTally, around: Uint8Array): KeptAttachment => {
  const bag = new KeptBag();
  let properties = attachment.properties;
  let ole: Uint8Array | undefined;
  const besideAt =
    tally.beside === undefined || attachment.embedded !== undefined
      ? -1
      : properties.findIndex(({ id, value }) => id === ID.AttachData && value.length >= OVERSIZE_BYTES);
  const beside = besideAt < 0 ? undefined : besidePayload((properties[besideAt] as Property).value);
  if (beside !== undefined) {
    tally.beside?.push(beside);
    tally.drop('oversize');
    tally.oversize.push({ id: ID.AttachData, bytes: beside.bytes, beside: beside.name });
    properties = properties.filter((_, i) => i !== besideAt);
  }
  const oleAt = properties.findIndex((property) => property.id === ID.AttachData && property.type === PT.Object);
  if (oleAt >= 0) {
    const object = properties[oleAt];
    if (attachment.embedded === undefined && object !== undefined) {
      if (object.value.length < OVERSIZE_BYTES) ole = object.value;
      else {
        tally.drop('oversize');
        tally.oversize.push({ id: object.id, bytes: object.value.length });
        ole = EMPTY;
      }
    }
    properties = properties.filter((_, i) => i !== oleAt);
  }
  bag.fill(properties, SCOPE.attachment, tally);
  if (beside !== undefined) {
    // what is left is a link: [MS-OXCMSG] 2.2.2.9 and 2.2.2.13
    bag.put(TAG.attachMethod, int32(ATTACH_METHOD.byReferenceOnly));
    bag.put(TAG.attachLongPathname, utf16(beside.name));
  }
  const stated = bag.valueOf(TAG.attachMethod);
  const method = stated === undefined ? undefined : readInt32(stated);
  const embedded = attachment.embedded === undefined ? undefined : keepMessage(attachment.embedded, tally, around);
  // the structure is trusted over the method it states
  let actual = method;
  if (embedded !== undefined) actual = ATTACH_METHOD.embedded;
  else if (ole !== undefined && (method === undefined || method === ATTACH_METHOD.byValue || method === ATTACH_METHOD.embedded))
    actual = ATTACH_METHOD.ole;
  else if (method === undefined || method === ATTACH_METHOD.embedded) {
    actual = bag.indexOf(ID.AttachData) >= 0 ? ATTACH_METHOD.byValue : ATTACH_METHOD.none;
  }
  if (actual !== method) bag.put(TAG.attachMethod, int32(actual as number));
  if (bag.valueOf(TAG.renderingPosition) === undefined) bag.put(TAG.renderingPosition, NOT_RENDERED);
  if (embedded !== undefined) {
    bag.put(TAG.attachObject, EMPTY);
  } else if (ole !== undefined) bag.put(TAG.attachObject, ole);
  else if (actual === ATTACH_METHOD.byValue && bag.valueOf(TAG.attachData) === undefined) bag.put(TAG.attachData, EMPTY);
  return { bag, embedded };
};

const SEPARATOR = utf16('; ');

/** Display names of the recipients of one type, joined with "; ". */
const joinedNames = (recipients: readonly KeptBag[], type: number): Uint8Array => {
  let bytes = 0;
  let names: Uint8Array[] | undefined;
  for (const recipient of recipients) {
    const kind = recipient.valueOf(TAG.recipientType);
    if (kind === undefined || ((kind[0] as number) & 0x0f) !== type) continue;
    const name = recipient.valueOf(TAG.displayName) ?? EMPTY;
    (names ??= []).push(name);
    bytes += name.length + SEPARATOR.length;
  }
  if (names === undefined) return EMPTY;
  if (names.length === 1) return names[0] as Uint8Array;
  const out = new Uint8Array(bytes - SEPARATOR.length);
  let at = 0;
  for (const name of names) {
    out.set(name, at);
    at += name.length;
    if (at < out.length) out.set(SEPARATOR, at);
    at += SEPARATOR.length;
  }
  return out;
};

/** The times that every view of a message shows. Where they stand for "no time" (year 1, 9999, an overflow) a message is better off without; other
 *  times are what programs wrote for programs and stay as they are. */
const SHOWN_TIMES: ReadonlySet<number> = new Set([ID.CreationTime, ID.LastModificationTime, ID.MessageDeliveryTime, ID.ClientSubmitTime]);
const isSentinel = ({ id, type, value, name }: Property): boolean =>
  type === PT.Time && SHOWN_TIMES.has(id) && name === undefined && !isTime(value);

/** What a message gets that has no time at all, and no loss where it is read again. */
const isNoTime = ({ id, value }: Property): boolean =>
  (id === ID.CreationTime || id === ID.LastModificationTime) && value.every((byte) => byte === 0);

const withoutSentinels = (properties: readonly Property[], tally: DropTally): readonly Property[] => {
  if (!properties.some(isSentinel)) return properties;
  return properties.filter((property) => {
    const drops = isSentinel(property);
    if (drops) tally.drop(isNoTime(property) ? 'computed' : 'malformed');
    return !drops;
  });
};

/** `around` is the time of the message that holds it: what has no time of its own is as old as that. */
const keepMessage = (item: MapiItem, tally: DropTally, around: Uint8Array): KeptItem => {
  const bag = new KeptBag();
  bag.fill(withoutSentinels(item.properties, tally), SCOPE.message, tally);
  const recipients = item.recipients.map((recipient) => keepRecipient(recipient, tally));
  const created = bag.valueOf(TAG.creationTime);
  const modified = bag.valueOf(TAG.lastModificationTime);
  const any = created ?? modified ?? bag.valueOf(TAG.deliveryTime) ?? bag.valueOf(TAG.clientSubmitTime) ?? around;
  const attachments = item.attachments.map((attachment) => keepAttachment(attachment, tally, any));

  const subject = bag.valueOf(TAG.subject);
  if (subject !== undefined) {
    const prefix = lastValue(item.properties, ID.SubjectPrefix, PT.String);
    bag.put(TAG.subject, subjectWithLeadIn(subject, prefix, lastValue(item.properties, ID.NormalizedSubject, PT.String)));
  }
  bag.put(TAG.displayBcc, joinedNames(recipients, RECIPIENT_TYPE.bcc));
  bag.put(TAG.displayCc, joinedNames(recipients, RECIPIENT_TYPE.cc));
  bag.put(TAG.displayTo, joinedNames(recipients, RECIPIENT_TYPE.to));

  const flags = bag.valueOf(TAG.messageFlags);
  const was = flags === undefined ? MESSAGE_FLAG.read : readInt32(flags);
  const is =
    (was & ~(MESSAGE_FLAG.hasAttach | MESSAGE_FLAG.associated)) |
    (attachments.length > 0 ? MESSAGE_FLAG.hasAttach : 0) |
    (item.associated ? MESSAGE_FLAG.associated : 0);
  if (flags === undefined || is !== was) bag.put(TAG.messageFlags, int32(is));

  const messageClass = bag.valueOf(TAG.messageClass);
  if (messageClass === undefined || messageClass.length === 0) bag.put(TAG.messageClass, NOTE);
  if (created === undefined) bag.put(TAG.creationTime, any);
  if (modified === undefined) bag.put(TAG.lastModificationTime, any);
  const kept = { bag, recipients, attachments, associated: item.associated };
  if (bag.valueOf(TAG.searchKey) === undefined) bag.put(TAG.searchKey, madeSearchKey(digestOf(kept)));
  return kept;
};

/** A search key for an item that came without one. Stores make theirs 16 bytes long; four more keep ours from ever being
 *  taken for one that the source gave. */
const madeSearchKey = (digest: Uint8Array): Uint8Array => {
  const key = new Uint8Array(digest.length + MADE_HERE.length);
  key.set(digest);
  key.set(MADE_HERE, digest.length);
  return key;
};
const MADE_HERE = Uint8Array.of(0x70, 0x73, 0x74, 0x6d);

/** What a PST keeps of an item, and what was left out. Pure: the same item gives the same answer, and what a reader makes of the
 *  stored result is kept unchanged. Values are views of the item's. With `beside`, attachments too large for a PST are kept as links to
 *  the payloads in the tally; without, they are empty. */
export const keepItem = (item: MapiItem, beside = false): { readonly kept: KeptItem; readonly tally: DropTally } => {
  const tally = new DropTally(beside);
  return { kept: keepMessage(item, tally, NO_TIME), tally };
};

/** 16 bytes over everything a PST keeps of an item: classes, values, names, recipients, attachments and embedded messages, in order.
 *  Equal for the item that went in and the item that a reader gives back. See `digestOf` for its strength. */
export const itemDigest = (item: MapiItem): Uint8Array => digestOf(keepItem(item).kept);
