import { ID, MESSAGE_FLAG, RECIPIENT_TYPE, type Attachment, type MapiItem, type Recipient } from '@pstream/mapi';
import { fileAttachment } from './attachments.js';
import { Bag } from './bag.js';
import { putItemBody } from './bodies.js';
import { putExtended } from './extended.js';
import { incomplete } from './faults.js';
import { arrayOf, flagOf, isObject, objectOf, placeOf, textOf, utcOf } from './fields.js';
import { globalObjectId } from './global-object-id.js';
import { peopleOf, personOf, putSender, recipient } from './people.js';
import type { JsonObject, PlainItem } from './plain-item.js';
import { putCommon, putReminder } from './state.js';

/** An appointment from its JSON. A series keeps its recurrence only as the blob that Outlook made: it is copied where Graph shows it, and
 *  where not, the item is refused ('fallback.incomplete') rather than written as a single meeting. */
export const eventItem = ({ kind, itemType, item, resource }: PlainItem): MapiItem => {
  const bag = new Bag();
  const start = utcOf(resource, 'start');
  const end = utcOf(resource, 'end');
  putCommon(bag, itemType, item, resource);
  putItemBody(bag, objectOf(resource, 'body'));
  bag
    .text(ID.Subject, textOf(resource, 'subject'))
    .int(ID.MessageFlags, MESSAGE_FLAG.read)
    .time(['appointment', 0x820d], start)
    .time(['appointment', 0x820e], end)
    .time(['common', 0x8516], start)
    .time(['common', 0x8517], end)
    .time(0x0060, start)
    .time(0x0061, end)
    .flag(['appointment', 0x8215], flagOf(resource, 'isAllDay'))
    .text(['appointment', 0x8208], textOf(objectOf(resource, 'location'), 'displayName'))
    .int(['appointment', 0x8205], placeOf(['free', 'tentative', 'busy', 'oof', 'workingElsewhere'], textOf(resource, 'showAs')))
    .flag(['appointment', 0x8223], isObject(resource['recurrence']));
  const uid = textOf(resource, 'iCalUId');
  if (uid !== null) bag.binary(['meeting', 0x0003], globalObjectId(uid)).binary(['meeting', 0x0023], globalObjectId(uid));
  const minutes = resource['reminderMinutesBeforeStart'];
  putReminder(bag, start, typeof minutes === 'number' ? minutes : 15, flagOf(resource, 'isReminderOn') === true);
  const guests = guestsOf(resource);
  putMeeting(bag, resource, guests.length > 0);
  putExtended(bag, item, kind, itemType);
  if (!bag.has(['appointment', 0x820d]) || !bag.has(['appointment', 0x820e])) throw incomplete('start and end');
  if (isObject(resource['recurrence']) && !bag.has(['appointment', 0x8216])) throw incomplete('the recurrence');
  putDuration(bag);
  return { properties: bag.close(), recipients: guests, attachments: filesOf(resource), associated: false, warnings: [] };
};

/** [MS-OXOCAL] 2.2.1.10 and 2.2.1.11: whether it is a meeting, whose, and what was answered. */
const putMeeting = (bag: Bag, resource: JsonObject, isMeeting: boolean): void => {
  const organiser = personOf(objectOf(resource, 'organizer'));
  putSender(bag, organiser, organiser);
  const received = isMeeting && flagOf(resource, 'isOrganizer') === false;
  const state = (isMeeting ? 1 : 0) | (received ? 2 : 0) | (flagOf(resource, 'isCancelled') === true ? 4 : 0);
  const answers = ['none', 'organizer', 'tentativelyAccepted', 'accepted', 'declined', 'notResponded'];
  bag
    .int(['appointment', 0x8217], state)
    .int(['appointment', 0x8218], placeOf(answers, textOf(objectOf(resource, 'responseStatus'), 'response')));
};

const putDuration = (bag: Bag): void => {
  const [start, end] = [bag.timeOf(['appointment', 0x820d]), bag.timeOf(['appointment', 0x820e])];
  if (start !== undefined && end !== undefined)
    bag.int(['appointment', 0x8213], Math.round((Date.parse(end) - Date.parse(start)) / 60_000));
};

/** PidTagRecipientFlags of an organiser: sendable as well. */
const ORGANISER = 3;
const TYPES = { required: RECIPIENT_TYPE.to, optional: RECIPIENT_TYPE.cc, resource: RECIPIENT_TYPE.bcc } as const;

const guestsOf = (resource: JsonObject): Recipient[] => {
  const attendees = arrayOf(resource, 'attendees').flatMap((attendee) => {
    const who = personOf(attendee);
    const type = TYPES[(textOf(attendee, 'type') ?? 'required') as keyof typeof TYPES] ?? RECIPIENT_TYPE.to;
    return who === undefined ? [] : [{ who, type }];
  });
  if (attendees.length === 0) return [];
  const [organiser] = peopleOf({ list: [objectOf(resource, 'organizer')] }, 'list');
  const others = attendees.filter(({ who }) => who.address.toLowerCase() !== organiser?.address.toLowerCase());
  return [
    ...(organiser === undefined ? [] : [recipient(organiser, RECIPIENT_TYPE.to, ORGANISER)]),
    ...others.map(({ who, type }) => recipient(who, type)),
  ];
};

/** Files of the expanded attachments. Anything else that is attached cannot be had with its content: 'fallback.incomplete'. */
const filesOf = (resource: JsonObject): Attachment[] => {
  const listed = arrayOf(resource, 'attachments');
  if (flagOf(resource, 'hasAttachments') === true && listed.length === 0) throw incomplete('attachments');
  return listed.map((each, index) => {
    const content = textOf(each, 'contentBytes');
    if (!(textOf(each, '@odata.type') ?? '').endsWith('fileAttachment') || (content === null && each['size'] !== 0))
      throw incomplete('an attachment');
    return fileAttachment(
      {
        name: textOf(each, 'name'),
        mimeType: textOf(each, 'contentType') ?? 'application/octet-stream',
        content: Uint8Array.from(Buffer.from(content ?? '', 'base64')),
        contentId: textOf(each, 'contentId') ?? undefined,
        inline: flagOf(each, 'isInline') === true,
        at: textOf(each, 'lastModifiedDateTime'),
      },
      index,
    );
  });
};
