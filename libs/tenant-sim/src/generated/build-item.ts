import { ID, MESSAGE_FLAG, PT, RECIPIENT_TYPE, type Attachment, type MapiItem, type Recipient } from '@pstream/mapi';
import { embedded, exactFile, file, inlineImage } from './attachments.js';
import { htmlBody, plainBody, rtfBody } from './bodies.js';
import { calendarProperties, globalObjectId, movedMeeting, reminder, type Occasion } from './calendar.js';
import { Draw, mix } from './draw.js';
import { contactProperties, listProperties, person, recipient, sender, type Person } from './people.js';
import type { Plan } from './plan.js';
import { attachmentBytes } from './pools.js';
import { bag, binary, double, flag, int, named, namedTexts, text, time, type Loose } from './props.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

type Parts = {
  readonly properties: readonly Loose[];
  readonly recipients?: readonly Recipient[];
  readonly attachments?: readonly Attachment[];
};

const item = (parts: Parts): MapiItem => ({
  properties: bag(parts.properties),
  recipients: parts.recipients ?? [],
  attachments: parts.attachments ?? [],
  associated: false,
  warnings: [],
});

/** Makes the item of a plan; the same plan gives the same item. */
export const buildItem = (plan: Plan): MapiItem => {
  const draw = new Draw(plan.start);
  switch (plan.kind) {
    case 'contact':
      return contact(plan, draw);
    case 'list':
      return list(plan, draw);
    case 'appointment':
    case 'series':
      return appointment(plan, draw);
    case 'meeting-request':
    case 'meeting-answer':
    case 'meeting-cancelled':
      return meeting(plan, draw);
    case 'task':
    case 'note':
    case 'journal':
    case 'setting':
      return small(plan, draw);
    case 'report':
    case 'read-receipt':
      return report(plan, draw);
    case 'signed':
    case 'encrypted':
      return secured(plan, draw);
    case 'mail':
    case 'draft':
    case 'post':
      return mail(plan, draw);
  }
};

// The same for every version of an item: it survives edits and moves.
const searchKey = ({ at }: Plan): Uint8Array => new Draw(mix(at.seed, at.mailbox, at.store, at.folder, at.ordinal)).bytes(16);

/** Properties that every item has. */
const common = (plan: Plan, draw: Draw, changedMs = plan.createdMs): readonly Loose[] => [
  text(ID.MessageClass, plan.messageClass),
  int(ID.Importance, draw.chance(0.08) ? 2 : 1),
  int(ID.Sensitivity, draw.chance(0.03) ? 2 : 0),
  time(ID.CreationTime, plan.createdMs),
  time(ID.LastModificationTime, changedMs),
  binary(ID.SearchKey, searchKey(plan)),
  int(ID.MessageCodepage, 65001),
  int(0x3ff1, plan.language.locale),
  ...(plan.categories.length === 0 ? [] : [namedTexts('publicStrings', 'Keywords', plan.categories)]),
];

const subjectOf = (plan: Plan, draw: Draw): { readonly prefix: string; readonly full: string; readonly normal: string } => {
  const version = plan.at.version === 0 ? '' : ` [${plan.at.version}]`;
  const normal = `${draw.pick(plan.language.subjects)} #${plan.at.folder}-${plan.at.ordinal}${version}`;
  const prefix = draw.chance(0.3) ? plan.language.reply : '';
  return { prefix, full: prefix + normal, normal };
};

type Sent = { readonly plan: Plan; readonly draw: Draw; readonly flags: number; readonly hasAttachments: boolean };

/** What is said of a message that was sent: subject, conversation, people, times, transport. */
const sent = ({ plan, draw, flags, hasAttachments }: Sent): Parts => {
  const subject = subjectOf(plan, draw);
  const from = person(plan.language, draw);
  const to = Array.from({ length: 1 + draw.below(3) }, () => person(plan.language, draw));
  const cc = draw.chance(0.25) ? [person(plan.language, draw)] : [];
  const messageId = `<${plan.at.seed}.${plan.at.mailbox}.${plan.at.store}.${plan.at.folder}.${plan.at.ordinal}@example.com>`;
  const conversation = new Draw(mix(plan.at.seed, plan.at.mailbox, plan.at.store, plan.at.folder, plan.at.ordinal, 1)).bytes(16);
  const isSent = (flags & MESSAGE_FLAG.unsent) === 0;
  return {
    properties: [
      text(ID.Subject, subject.full),
      text(ID.SubjectPrefix, subject.prefix),
      text(ID.NormalizedSubject, subject.normal),
      text(ID.ConversationTopic, subject.normal),
      binary(ID.ConversationIndex, Buffer.concat([Buffer.from([1]), conversation.subarray(0, 5), conversation])),
      binary(ID.ConversationId, conversation),
      int(ID.MessageFlags, flags | (hasAttachments ? MESSAGE_FLAG.hasAttach : 0)),
      flag(ID.HasAttachments, hasAttachments),
      text(ID.DisplayTo, names(to)),
      text(ID.DisplayCc, names(cc)),
      ...sender(from),
      ...(isSent
        ? [
            time(ID.ClientSubmitTime, plan.createdMs - 4000),
            time(ID.MessageDeliveryTime, plan.createdMs),
            text(ID.InternetMessageId, messageId),
            text(ID.TransportMessageHeaders, headers(from, to, messageId, plan.createdMs)),
          ]
        : []),
      ...(subject.prefix === ''
        ? []
        : [text(0x1042, `<parent.${messageId.slice(1)}`), text(0x1039, `<root.${messageId.slice(1)} <parent.${messageId.slice(1)}`)]),
    ],
    recipients: [...to.map((each) => recipient(each)), ...cc.map((each) => recipient(each, RECIPIENT_TYPE.cc))],
  };
};

const names = (people: readonly Person[]): string => people.map((each) => each.name).join('; ');

const headers = (from: Person, to: readonly Person[], messageId: string, atMs: number): string =>
  [
    'Received: from mx.example.com (192.0.2.25) by mail.example.net (192.0.2.26)',
    ` with Microsoft SMTP Server; ${new Date(atMs).toUTCString()}`,
    `From: <${from.address}>`,
    `To: ${to.map((each) => `<${each.address}>`).join(', ')}`,
    `Message-ID: ${messageId}`,
    `Date: ${new Date(atMs).toUTCString()}`,
    'MIME-Version: 1.0',
    'X-Simulated: yes',
    '',
  ].join('\r\n');

const readFlags = (plan: Plan, draw: Draw): number => {
  if (plan.kind === 'draft') return MESSAGE_FLAG.unsent | MESSAGE_FLAG.read;
  return draw.chance(0.8) ? MESSAGE_FLAG.read : 0;
};

const followUp = (plan: Plan, draw: Draw): readonly Loose[] => {
  if (!draw.chance(0.05)) return [];
  const done = draw.chance(0.4);
  const dueMs = plan.createdMs + 7 * DAY;
  return [
    int(0x1090, done ? 1 : 2),
    int(0x1095, 6),
    named('common', 0x8530, text(0, 'Follow up')),
    named('task', 0x8105, time(0, dueMs)),
    named('task', 0x811c, flag(0, done)),
    ...reminder(dueMs, 0),
  ];
};

const mail = (plan: Plan, draw: Draw): MapiItem => {
  const flags = readFlags(plan, draw);
  const inlineCount = plan.attachmentBytes.length > 1 && draw.chance(0.4) ? 1 : 0;
  const contentIds = Array.from({ length: inlineCount }, (_, n) => `image${n + 1}.${plan.at.ordinal}@example.com`);
  const nests = inlineCount === 0 && plan.attachmentBytes.length > 0 && draw.chance(0.08);
  const about = sent({ plan, draw, flags, hasAttachments: plan.attachmentBytes.length > 0 });
  const form = draw.unit();
  const body =
    form < 0.08 && plan.bodyBytes <= 16_000 && inlineCount === 0
      ? rtfBody(plan.language, plan.bodyBytes, draw)
      : form < 0.22
        ? plainBody(plan.language, plan.bodyBytes, draw)
        : htmlBody(plan.language, plan.bodyBytes, contentIds, draw);
  const attachments = plan.attachmentBytes.map((bytes, number): Attachment => {
    const contentId = contentIds[number];
    if (contentId !== undefined) return inlineImage(number, contentId, bytes, plan.createdMs, draw);
    if (nests && number === 0) return forwarded(plan, draw, bytes, 1 + draw.below(3));
    return file(number, `${draw.pick(plan.language.words)} ${number + 1}`, bytes, plan.createdMs, draw);
  });
  return item({
    properties: [...common(plan, draw), ...about.properties, ...body, ...followUp(plan, draw)],
    recipients: about.recipients ?? [],
    attachments,
  });
};

/** A forwarded message as an attachment, `depth` messages deep; the innermost carries the bytes. */
const forwarded = (plan: Plan, draw: Draw, bytes: number, depth: number): Attachment => {
  const about = sent({ plan, draw, flags: MESSAGE_FLAG.read, hasAttachments: true });
  const inner = depth > 1 ? forwarded(plan, draw, bytes, depth - 1) : file(0, draw.pick(plan.language.words), bytes, plan.createdMs, draw);
  const properties = [
    ...common(plan, draw),
    ...about.properties,
    text(ID.MessageClass, 'IPM.Note'),
    ...plainBody(plan.language, 600, draw),
  ];
  return embedded(
    0,
    draw.pick(plan.language.subjects),
    item({ properties: lastWins(properties), recipients: about.recipients ?? [], attachments: [inner] }),
    plan.createdMs,
  );
};

const lastWins = (properties: readonly Loose[]): readonly Loose[] => {
  const seen = new Map<string, Loose>();
  for (const each of properties)
    seen.set(each.name === undefined ? String(each.id) : JSON.stringify([...each.name.set, each.name.lid, each.name.name]), each);
  return [...seen.values()];
};

const occasionOf = (plan: Plan, draw: Draw, isMeeting: boolean): Occasion => {
  const allDay = !isMeeting && draw.chance(0.15);
  const startMs = plan.createdMs - (plan.createdMs % DAY) + (allDay ? DAY : 3 * DAY + (8 + draw.below(8)) * HOUR);
  const recurs = plan.kind === 'series';
  return {
    subject: subjectOf(plan, draw).normal,
    location: `${draw.pick(plan.language.words)} ${1 + draw.below(9)}`,
    startMs,
    endMs: startMs + (allDay ? DAY : HOUR * (1 + draw.below(2))),
    allDay,
    meeting: isMeeting,
    recurs,
    exception: recurs && draw.chance(0.5),
    globalId: globalObjectId(plan.createdMs, draw),
  };
};

const appointment = (plan: Plan, draw: Draw): MapiItem => {
  const isMeeting = draw.chance(0.5);
  const occasion = occasionOf(plan, draw, isMeeting);
  const organiser = person(plan.language, draw);
  const guests = isMeeting ? Array.from({ length: 1 + draw.below(4) }, () => person(plan.language, draw)) : [];
  const moved = movedMeeting(occasion);
  const exception = (): Attachment => {
    const properties = [
      text(ID.MessageClass, 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}'),
      text(ID.Subject, moved.subject),
      time(ID.CreationTime, plan.createdMs),
      time(ID.LastModificationTime, plan.createdMs),
      named('appointment', 0x820d, time(0, moved.startMs)),
      named('appointment', 0x820e, time(0, moved.endMs)),
      named('appointment', 0x8228, time(0, moved.originalMs)),
    ];
    const more = bag([flag(ID.AttachmentHidden, true), int(0x7ffd, 2), time(0x7ffb, moved.startMs), time(0x7ffc, moved.endMs)]);
    return embedded(0, 'Untitled', item({ properties }), plan.createdMs, more);
  };
  return item({
    properties: [
      ...common(plan, draw),
      text(ID.Subject, occasion.subject),
      text(ID.NormalizedSubject, occasion.subject),
      int(ID.MessageFlags, MESSAGE_FLAG.read),
      ...sender(organiser),
      ...calendarProperties(occasion, isMeeting ? 1 : 0),
      ...reminder(occasion.startMs, 15),
      ...plainBody(plan.language, Math.min(plan.bodyBytes, 1500), draw),
    ],
    recipients: guests.length === 0 ? [] : [recipient(organiser), ...guests.map((guest) => recipient(guest))],
    attachments: occasion.exception ? [exception()] : [],
  });
};

const meeting = (plan: Plan, draw: Draw): MapiItem => {
  const about = sent({ plan, draw, flags: readFlags(plan, draw), hasAttachments: false });
  const occasion = occasionOf(plan, draw, true);
  const stateFlags = plan.kind === 'meeting-cancelled' ? 7 : 3;
  return item({
    properties: [
      ...common(plan, draw),
      ...about.properties,
      ...calendarProperties(occasion, stateFlags),
      named('meeting', 0x001a, text(0, 'IPM.Appointment')),
      int(0x0063, plan.kind === 'meeting-request' ? 1 : 0),
      ...htmlBody(plan.language, Math.min(plan.bodyBytes, 2500), [], draw),
    ],
    recipients: about.recipients ?? [],
  });
};

const contact = (plan: Plan, draw: Draw): MapiItem => {
  const hasPicture = draw.chance(0.2);
  const photo = (): Attachment => {
    const plain = exactFile(
      0,
      'ContactPicture.jpg',
      'image/jpeg',
      attachmentBytes(6_000, Buffer.from('ffd8ffe000104a46494600', 'hex'), draw),
      plan.createdMs,
    );
    return { properties: bag([...plain.properties, { id: 0x7fff, type: PT.Boolean, value: Uint8Array.of(1) }]) };
  };
  return item({
    properties: [
      ...common(plan, draw),
      ...contactProperties(person(plan.language, draw), draw, hasPicture),
      ...plainBody(plan.language, 300, draw),
    ],
    attachments: hasPicture ? [photo()] : [],
  });
};

const list = (plan: Plan, draw: Draw): MapiItem => {
  const members = Array.from({ length: 2 + draw.below(10) }, () => person(plan.language, draw));
  return item({
    properties: [...common(plan, draw), ...listProperties(`${draw.pick(plan.language.projects)} ${plan.at.ordinal}`, members)],
  });
};

const small = (plan: Plan, draw: Draw): MapiItem => {
  const subject = subjectOf(plan, draw).normal;
  const body = plainBody(plan.language, Math.min(plan.bodyBytes, 2000), draw);
  const titled = [text(ID.Subject, subject), text(ID.NormalizedSubject, subject), int(ID.MessageFlags, MESSAGE_FLAG.read)];
  return item({ properties: [...common(plan, draw), ...titled, ...ownOf(plan, draw), ...body] });
};

const ownOf = (plan: Plan, draw: Draw): readonly Loose[] => {
  const { createdMs } = plan;
  if (plan.kind === 'note')
    return [0x8b00, 0x8b02, 0x8b03, 0x8b04, 0x8b05].map((lid, n) =>
      named('note', lid, int(0, n === 0 ? draw.below(5) : 100 + draw.below(200))),
    );
  if (plan.kind === 'journal') {
    return [
      named('log', 0x8700, text(0, 'Phone call')),
      named('log', 0x8706, time(0, createdMs)),
      named('log', 0x8707, int(0, 5 + draw.below(60))),
      named('log', 0x8708, time(0, createdMs + HOUR)),
      named('log', 0x8712, text(0, 'Phone call')),
    ];
  }
  if (plan.kind === 'setting') return [text(0x3001, 'Quick step'), binary(0x7c07, Buffer.from('<?xml version="1.0"?><quickstep/>'))];
  const done = draw.chance(0.4);
  return [
    named('task', 0x8101, int(0, done ? 2 : 1)),
    named('task', 0x8102, double(0, done ? 1 : 0.25)),
    named('task', 0x8104, time(0, createdMs - (createdMs % DAY))),
    named('task', 0x8105, time(0, createdMs - (createdMs % DAY) + 14 * DAY)),
    named('task', 0x811c, flag(0, done)),
    named('task', 0x8126, flag(0, false)),
    ...(done ? [named('task', 0x810f, time(0, createdMs + 10 * DAY))] : reminder(createdMs + 13 * DAY, 60)),
  ];
};

const report = (plan: Plan, draw: Draw): MapiItem => {
  const about = sent({ plan, draw, flags: MESSAGE_FLAG.read, hasAttachments: plan.kind === 'report' });
  const failed = draw.pick([0, 1, 5]);
  return item({
    properties: [
      ...common(plan, draw),
      ...about.properties,
      time(0x0032, plan.createdMs),
      ...(plan.kind === 'report' ? [text(0x1001, 'Delivery has failed.'), int(0x0c20, failed), int(0x0c04, 0), int(0x0c05, 5)] : []),
      ...plainBody(plan.language, 900, draw),
    ],
    recipients: about.recipients ?? [],
    attachments: plan.kind === 'report' ? [forwarded(plan, draw, 500, 1)] : [],
  });
};

// The one attachment of an S/MIME message is the whole signed or encrypted MIME entity.
const secured = (plan: Plan, draw: Draw): MapiItem => {
  const about = sent({ plan, draw, flags: readFlags(plan, draw), hasAttachments: true });
  const size = plan.attachmentBytes[0] ?? 400;
  const boundary = `----=_simulated_${plan.at.ordinal}`;
  const type =
    plan.kind === 'signed'
      ? `multipart/signed; protocol="application/pkcs7-signature"; boundary="${boundary}"`
      : 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"';
  const mime = Buffer.from(`Content-Type: ${type}\r\n\r\n--${boundary}\r\nContent-Type: text/plain; charset="us-ascii"\r\n\r\n`, 'latin1');
  const head = plan.kind === 'signed' ? mime : Buffer.from('3080060092864886f70d010703a080', 'hex');
  const bytes = attachmentBytes(size, head, draw);
  return item({
    properties: [
      ...common(plan, draw),
      ...about.properties,
      named('internetHeaders', 'content-class', text(0, 'urn:content-classes:message')),
    ],
    recipients: about.recipients ?? [],
    attachments: [exactFile(0, 'smime.p7m', plan.kind === 'signed' ? 'multipart/signed' : 'application/pkcs7-mime', bytes, plan.createdMs)],
  });
};
