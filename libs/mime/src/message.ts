import { ID, MESSAGE_FLAG, RECIPIENT_TYPE, type MapiItem } from '@pstream/mapi';
import type { Bag } from './bag.js';
import { notOffered } from './faults.js';
import { putExtended } from './extended.js';
import { arrayOf, flagOf, objectOf, placeOf, textOf, utcOf } from './fields.js';
import { itemOf, readMime, type Draft } from './mime-message.js';
import { peopleOf, recipient } from './people.js';
import type { JsonObject, PlainItem } from './plain-item.js';
import { putCommon } from './state.js';

/** A message from its MIME, with the state that MIME does not carry from its JSON: read, draft, flag, categories, importance, times, Bcc. */
export const messageItem = async ({ kind, itemType, item, resource, mime }: PlainItem): Promise<MapiItem> => {
  if (mime === undefined) throw notOffered();
  const draft = await readMime(mime, /^IPM\.Note\.SMIME(\.|$)/i.test(itemType));
  const { bag, recipients } = draft;
  noteAttachments(draft, itemType, resource);
  putCommon(bag, itemType, item, resource);
  bag
    .time(ID.MessageDeliveryTime, textOf(resource, 'receivedDateTime'))
    .time(ID.ClientSubmitTime, flagOf(resource, 'isDraft') === true ? null : textOf(resource, 'sentDateTime'))
    .flag(0x0029, flagOf(resource, 'isReadReceiptRequested'))
    .flag(0x0023, flagOf(resource, 'isDeliveryReceiptRequested'))
    .int(
      ID.MessageFlags,
      (flagOf(resource, 'isRead') === true ? MESSAGE_FLAG.read : 0) | (flagOf(resource, 'isDraft') === true ? MESSAGE_FLAG.unsent : 0),
    );
  putFlag(bag, objectOf(resource, 'flag'));
  if (!recipients.some(({ properties }) => properties.some(({ id, value }) => id === ID.RecipientType && value[0] === RECIPIENT_TYPE.bcc)))
    recipients.push(...peopleOf(resource, 'bccRecipients').map((who) => recipient(who, RECIPIENT_TYPE.bcc)));
  putExtended(bag, item, kind, itemType);
  maskFlags(bag);
  if (/^IPM\.Schedule\./i.test(itemType) && bag.has(['appointment', 0x820d])) dropCalendarPart(draft.attachments);
  return itemOf(draft);
};

/** Graph counts the attachments of a message too. A secured one is a single attachment here, whatever it holds. */
const noteAttachments = ({ attachments, warnings }: Draft, itemType: string, resource: JsonObject): void => {
  if (/^IPM\.Note\.SMIME(\.|$)/i.test(itemType)) return;
  if (arrayOf(resource, 'attachments').length > attachments.length) warnings.push('mime.attachments-fewer');
  else if (attachments.length === 0 && flagOf(resource, 'hasAttachments') === true) warnings.push('mime.attachments-expected');
};

/** [MS-OXOFLAG] 2.2: a follow-up flag is a few properties of the message and of its task. */
const putFlag = (bag: Bag, flag: JsonObject): void => {
  const status = placeOf(['notFlagged', 'complete', 'flagged'], textOf(flag, 'flagStatus')) ?? 0;
  if (status === 0) return;
  bag
    .int(0x1090, status)
    .int(0x0e2b, 1)
    .text(['common', 0x8530], 'Follow up')
    .time(['task', 0x8104], utcOf(flag, 'startDateTime'))
    .time(['task', 0x8105], utcOf(flag, 'dueDateTime'))
    .int(['task', 0x8101], status === 1 ? 2 : 0)
    .double(['task', 0x8102], status === 1 ? 1 : 0)
    .flag(['task', 0x811c], status === 1);
  if (status === 1) bag.time(0x1091, utcOf(flag, 'completedDateTime')).time(['task', 0x810f], utcOf(flag, 'completedDateTime'));
  else bag.int(0x1095, 6);
};

/** The bits that say something about the message itself; the others belong to the store it was in. */
const OWN_FLAGS = MESSAGE_FLAG.read | MESSAGE_FLAG.unmodified | MESSAGE_FLAG.submitted | MESSAGE_FLAG.unsent | MESSAGE_FLAG.fromMe;

const maskFlags = (bag: Bag): void => {
  const flags = bag.valueOf(ID.MessageFlags);
  if (flags !== undefined) bag.int(ID.MessageFlags, (flags[0] ?? 0) & OWN_FLAGS);
};

/** The invitation is in the properties; its iCalendar form beside them would show as a file that Outlook never had. */
const dropCalendarPart = (attachments: MapiItem['attachments'][number][]): void => {
  const isCalendar = ({ properties }: MapiItem['attachments'][number]): boolean =>
    properties.some(({ id, value }) => id === ID.AttachMimeTag && Buffer.from(value).toString('utf16le').toLowerCase() === 'text/calendar');
  const at = attachments.findIndex(isCalendar);
  if (at >= 0) attachments.splice(at, 1);
};
