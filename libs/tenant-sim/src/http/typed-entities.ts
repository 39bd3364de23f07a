import { ID, MULTIPLE, PT, RECIPIENT_TYPE, utf16Text, type Attachment, type MapiItem, type Property, type Recipient } from '@pstream/mapi';
import type { SimItem } from '../source.js';
import { itemEntity } from './entities.js';
import { bytesAt, charsetOf, flagOf, numberOf, textOf, timeOf, type Place } from './property-values.js';

/** An entity as Graph writes it. */
export type Entity = Readonly<Record<string, unknown>>;

const common = (item: SimItem): Entity => {
  const { size: _size, type: _type, ...entity } = itemEntity(item);
  return entity;
};

const utc = (iso: string | undefined): Entity | null =>
  iso === undefined ? null : { dateTime: `${iso.slice(0, 19)}.0000000`, timeZone: 'UTC' };
const emailAddress = (name: string | undefined, address: string | undefined): Entity => ({
  emailAddress: { name: name ?? address ?? '', address: address ?? '' },
});

const sender = (properties: readonly Property[]): Entity =>
  emailAddress(textOf(properties, ID.SentRepresentingName), textOf(properties, 0x5d02) ?? textOf(properties, ID.SenderEmailAddress));

const recipientEntity = ({ properties }: Recipient): Entity =>
  emailAddress(textOf(properties, ID.DisplayName), textOf(properties, ID.SmtpAddress) ?? textOf(properties, ID.EmailAddress));

const recipients = (item: MapiItem, type: number): readonly Entity[] =>
  item.recipients.filter(({ properties }) => numberOf(properties, ID.RecipientType) === type).map(recipientEntity);

const importance = (properties: readonly Property[]): string =>
  ['low', 'normal', 'high'][numberOf(properties, ID.Importance) ?? 1] ?? 'normal';
const sensitivity = (properties: readonly Property[]): string =>
  ['normal', 'personal', 'private', 'confidential'][numberOf(properties, ID.Sensitivity) ?? 0] ?? 'normal';

const body = (properties: readonly Property[]): Entity => {
  const html = bytesAt(properties, ID.Html, PT.Binary);
  if (html === undefined) return { contentType: 'text', content: textOf(properties, ID.Body) ?? '' };
  return { contentType: 'html', content: new TextDecoder(charsetOf(numberOf(properties, ID.InternetCodepage) ?? 65001)).decode(html) };
};

/** A message; `MESSAGE_PROPERTIES` are its names. */
export const messageEntity = (item: SimItem, content: MapiItem): Entity => {
  const { properties, attachments } = content;
  const flags = numberOf(properties, ID.MessageFlags) ?? 0;
  const status = ['notFlagged', 'complete', 'flagged'][numberOf(properties, 0x1090) ?? 0] ?? 'notFlagged';
  return {
    ...common(item),
    subject: textOf(properties, ID.Subject) ?? null,
    internetMessageId: textOf(properties, ID.InternetMessageId) ?? null,
    receivedDateTime: timeOf(properties, ID.MessageDeliveryTime) ?? item.created,
    sentDateTime: timeOf(properties, ID.ClientSubmitTime) ?? item.created,
    parentFolderId: item.folderId,
    isRead: (flags & 1) !== 0,
    isDraft: (flags & 8) !== 0,
    isReadReceiptRequested: flagOf(properties, 0x0029),
    isDeliveryReceiptRequested: flagOf(properties, 0x0023),
    hasAttachments: attachments.length > 0,
    importance: importance(properties),
    from: sender(properties),
    toRecipients: recipients(content, RECIPIENT_TYPE.to),
    ccRecipients: recipients(content, RECIPIENT_TYPE.cc),
    bccRecipients: recipients(content, RECIPIENT_TYPE.bcc),
    flag: {
      flagStatus: status,
      ...(status === 'flagged'
        ? { dueDateTime: utc(timeOf(properties, ['task', 0x8105])), startDateTime: utc(timeOf(properties, ['task', 0x8104])) }
        : {}),
      ...(status === 'complete' ? { completedDateTime: utc(timeOf(properties, 0x1091) ?? item.modified) } : {}),
    },
  };
};

/** Names a message answers with; also what $select knows. */
export const MESSAGE_PROPERTIES = [
  'id',
  'changeKey',
  'categories',
  'createdDateTime',
  'lastModifiedDateTime',
  'subject',
  'internetMessageId',
  'receivedDateTime',
  'sentDateTime',
  'parentFolderId',
  'isRead',
  'isDraft',
  'isReadReceiptRequested',
  'isDeliveryReceiptRequested',
  'hasAttachments',
  'importance',
  'from',
  'toRecipients',
  'ccRecipients',
  'bccRecipients',
  'flag',
];

const CONTACT_TEXTS: readonly (readonly [string, Place])[] = [
  ['displayName', ID.DisplayName],
  ['givenName', 0x3a06],
  ['surname', 0x3a11],
  ['companyName', 0x3a16],
  ['jobTitle', 0x3a17],
  ['department', 0x3a18],
  ['mobilePhone', 0x3a1c],
  ['fileAs', ['address', 0x8005]],
];

/** A contact. */
export const contactEntity = (item: SimItem, { properties }: MapiItem): Entity => {
  const emails = [0, 1, 2].flatMap((n) => {
    const address = textOf(properties, ['address', 0x8083 + 16 * n]);
    return address === undefined ? [] : [{ name: textOf(properties, ['address', 0x8080 + 16 * n]) ?? address, address }];
  });
  return {
    ...common(item),
    parentFolderId: item.folderId,
    ...Object.fromEntries(CONTACT_TEXTS.map(([name, place]) => [name, textOf(properties, place) ?? null])),
    businessPhones: [0x3a08, 0x3a1b].flatMap((id) => textOf(properties, id) ?? []),
    homePhones: [0x3a09, 0x3a2f].flatMap((id) => textOf(properties, id) ?? []),
    imAddresses: [],
    children: [],
    emailAddresses: emails,
    personalNotes: textOf(properties, ID.Body) ?? '',
  };
};

const SHOW_AS = ['free', 'tentative', 'busy', 'oof', 'workingElsewhere'];
const ANSWERS = ['none', 'organizer', 'tentativelyAccepted', 'accepted', 'declined', 'notResponded'];

/** An event: the master of a series, never an occurrence. The recurrence is given in short, as its first week. */
export const eventEntity = (item: SimItem, content: MapiItem, withAttachments: boolean): Entity => {
  const { properties } = content;
  const state = numberOf(properties, ['appointment', 0x8217]) ?? 0;
  const start = timeOf(properties, ['appointment', 0x820d]) ?? item.created;
  const isSeries = flagOf(properties, ['appointment', 0x8223]);
  const files = content.attachments.filter(({ embedded, properties: own }) => embedded === undefined && !flagOf(own, ID.AttachmentHidden));
  return {
    ...common(item),
    subject: textOf(properties, ID.Subject) ?? null,
    body: body(properties),
    start: utc(start),
    end: utc(timeOf(properties, ['appointment', 0x820e]) ?? start),
    isAllDay: flagOf(properties, ['appointment', 0x8215]),
    location: { displayName: textOf(properties, ['appointment', 0x8208]) ?? '' },
    showAs: SHOW_AS[numberOf(properties, ['appointment', 0x8205]) ?? 2] ?? 'busy',
    importance: importance(properties),
    sensitivity: sensitivity(properties),
    iCalUId: bytesAt(properties, ['meeting', 0x0023], PT.Binary)?.toString('hex').toUpperCase() ?? null,
    isReminderOn: flagOf(properties, ['common', 0x8503]),
    reminderMinutesBeforeStart: numberOf(properties, ['common', 0x8501]) ?? 15,
    isOrganizer: (state & 2) === 0,
    isCancelled: (state & 4) !== 0,
    organizer: sender(properties),
    responseStatus: { response: ANSWERS[numberOf(properties, ['appointment', 0x8218]) ?? 0] ?? 'none' },
    attendees: content.recipients.map((each) => ({ type: 'required', ...recipientEntity(each) })),
    type: isSeries ? 'seriesMaster' : 'singleInstance',
    recurrence: isSeries ? recurrenceFrom(start) : null,
    hasAttachments: files.length > 0,
    ...(withAttachments ? { attachments: files.map(fileEntity) } : {}),
  };
};

const recurrenceFrom = (start: string): Entity => ({
  pattern: {
    type: 'weekly',
    interval: 1,
    daysOfWeek: [['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'][new Date(start).getUTCDay()]],
  },
  range: { type: 'noEnd', startDate: start.slice(0, 10), recurrenceTimeZone: 'UTC' },
});

const fileEntity = ({ properties }: Attachment, index: number): Entity => {
  const data = bytesAt(properties, ID.AttachData, PT.Binary) ?? Buffer.alloc(0);
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    id: `attachment-${index}`,
    name: textOf(properties, ID.AttachLongFilename) ?? 'attachment',
    contentType: textOf(properties, ID.AttachMimeTag) ?? 'application/octet-stream',
    size: data.length,
    isInline: false,
    contentBytes: data.toString('base64'),
  };
};

const TASK_STATES = ['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred'];

/** A todoTask. */
export const taskEntity = (item: SimItem, { properties }: MapiItem): Entity => {
  const state = numberOf(properties, ['task', 0x8101]) ?? 0;
  const reminder = flagOf(properties, ['common', 0x8503]) ? timeOf(properties, ['common', 0x8502]) : undefined;
  return {
    '@odata.etag': `W/"${item.changeKey}"`,
    id: item.id,
    title: textOf(properties, ID.Subject) ?? '',
    body: body(properties),
    status: TASK_STATES[state] ?? 'notStarted',
    importance: importance(properties),
    categories: categoriesOf(properties),
    createdDateTime: item.created,
    lastModifiedDateTime: item.modified,
    isReminderOn: reminder !== undefined,
    ...Object.fromEntries(
      Object.entries({
        reminderDateTime: utc(reminder),
        startDateTime: utc(timeOf(properties, ['task', 0x8104])),
        dueDateTime: utc(timeOf(properties, ['task', 0x8105])),
        completedDateTime: utc(timeOf(properties, ['task', 0x810f])),
      }).filter(([, value]) => value !== null),
    ),
  };
};

const categoriesOf = (properties: readonly Property[]): readonly string[] =>
  (properties.find(({ name, type }) => type === (PT.String | MULTIPLE) && name?.name === 'Keywords')?.values ?? []).map(utf16Text);
