import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, workgroup, type EventOf } from './event-shapes.js';
import { noticeKinds, subscribableKinds } from './notice-kinds.js';
import { NoticeTemplate } from './notice-templates.js';
import { countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { passKinds, Totals, Ulid } from './words.js';

// Notices: who in a workgroup hears of what, through which channel, and what became of each notice.

/** How long a pass waits for one cause before it counts as held. */
export const HELD_MS = 3_600_000;
/** How long nothing is heard of a pass that waits for nothing, until its worker counts as lost. */
export const SILENT_MS = 1_800_000;

/** Most subscriptions of a workgroup. */
export const MOST_SUBSCRIPTIONS = 50;

/** Address of a person, as it is typed. */
const MailTo = z
  .array(z.email({ error: 'Give a mail address such as ada@contoso.com.' }).max(254))
  .min(1)
  .max(20);
const Host = z.string().min(1).max(255);

/** Where notices go. The address of a webhook or of a Teams workflow lets its holder post there, so it is sealed behind `ref`, as is
 *  the key that signs; `host` is what may be shown of it. */
export const NoticeChannel = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mail'), to: MailTo.readonly() }),
  z.object({ kind: z.literal('webhook'), host: Host, ref: id }),
  z.object({ kind: z.literal('teams'), host: Host, ref: id }),
]);
export type NoticeChannel = Readonly<z.infer<typeof NoticeChannel>>;

export const channelKinds = ['mail', 'webhook', 'teams'] as const;

const SubscriptionName = z.string().trim().min(1, 'This field cannot be left blank.').max(120);
const Kinds = z
  .array(z.enum(subscribableKinds))
  .min(1)
  .max(subscribableKinds.length)
  .transform((kinds) => subscribableKinds.filter((kind) => kinds.includes(kind)));
const WorkgroupId = z.string().min(1).max(64);

export const AddSubscription = z.strictObject({
  workgroupId: WorkgroupId,
  subscriptionId: Ulid,
  name: SubscriptionName,
  kinds: Kinds,
  /** Notices about one project; about all of the workgroup without it. */
  projectId: Ulid.optional(),
  channel: NoticeChannel,
});
export type AddSubscription = z.infer<typeof AddSubscription>;

/** What is absent stays as it is. `address`: another one to post to, sealed behind a reference of its own, so that the host that is shown is always that of
 *  the address behind it. */
export const EditSubscription = z.strictObject({
  workgroupId: WorkgroupId,
  subscriptionId: Ulid,
  name: SubscriptionName.optional(),
  kinds: Kinds.optional(),
  projectId: Ulid.nullable().optional(),
  to: MailTo.readonly().optional(),
  address: z.strictObject({ host: Host, ref: id }).optional(),
  active: z.boolean().optional(),
});
export type EditSubscription = z.infer<typeof EditSubscription>;

export const RemoveSubscription = z.strictObject({ workgroupId: WorkgroupId, subscriptionId: Ulid });
export type RemoveSubscription = z.infer<typeof RemoveSubscription>;

/** Sends one notice now: that the subscription works, or how notices of a kind look, with made-up values. The same `testId` is sent once. */
export const SendTest = z.strictObject({
  workgroupId: WorkgroupId,
  subscriptionId: Ulid,
  testId: Ulid,
  about: z.enum(subscribableKinds).optional(),
});
export type SendTest = z.infer<typeof SendTest>;
export const SendTestReply = z.object({
  outcome: z.enum(['sent', 'failed', 'unknown-subscription']),
  code: z.string().nullable(),
  advice: z.string().nullable(),
});
export type SendTestReply = Readonly<z.infer<typeof SendTestReply>>;

/** One thing that happened, as a notice tells it. Never mail content, subjects or secrets. */
export const NoticeEntry = z.object({
  kind: z.enum(noticeKinds),
  at,
  /** Of a test that shows how notices of a kind look: everything else is made up. */
  sampleOf: z.enum(subscribableKinds).exactOptional(),
  customerId: id.exactOptional(),
  projectId: id.exactOptional(),
  /** Of a mailbox and its pass. */
  mailboxJobId: id.exactOptional(),
  source: z.string().exactOptional(),
  passId: id.exactOptional(),
  passKind: z.enum(passKinds).exactOptional(),
  pass: ordinal.exactOptional(),
  /** Items of the mailbox. */
  totals: Totals.exactOptional(),
  /** Why, and what to do about it. */
  code: z.string().exactOptional(),
  advice: z.string().exactOptional(),
  /** Of licences: which order, how many, and when they end. */
  orderId: id.exactOptional(),
  quantity: count.exactOptional(),
  daysLeft: count.exactOptional(),
  expiresAt: at.exactOptional(),
  /** Of a client secret: the app, and its customer by name. */
  clientId: id.exactOptional(),
  customer: z.string().exactOptional(),
});
export type NoticeEntry = Readonly<z.infer<typeof NoticeEntry>>;

/** The project of a notice, by the names that it had when the notice was made. */
export const NoticeProject = z.object({
  projectId: idField('project', 'Id of the project.'),
  name: textField('Its name when the notice was made.', 'Leavers'),
  customerId: idField('customer', 'Id of its customer.'),
  customer: textField('Name of the customer.', 'Contoso'),
});
export type NoticeProject = Readonly<z.infer<typeof NoticeProject>>;

const subscription = { ...workgroup, subscriptionId: id };
const kinds = z.array(z.enum(noticeKinds)).readonly();

/** Events of the subscriptions of a workgroup. */
export const subscriptionEvents = {
  SubscriptionAdded: z.object({ ...subscription, name: z.string(), kinds, projectId: id.nullable(), channel: NoticeChannel, at }),
  /** The subscription is this from now on. */
  SubscriptionEdited: z.object({
    ...subscription,
    name: z.string(),
    kinds,
    projectId: id.nullable(),
    channel: NoticeChannel,
    active: z.boolean(),
    at,
  }),
  SubscriptionRemoved: z.object({ ...subscription, ref: id.exactOptional(), at }),
};
export type SubscriptionEvent = EventOf<typeof subscriptionEvents>;

const notice = { ...subscription, noticeId: id };
const counts = z.record(z.enum(noticeKinds), count).readonly();

/** Events of what one subscription hears about one project, or about the workgroup. */
export const outboxEvents = {
  NoticeCollected: z.object({ ...subscription, about: id, entry: NoticeEntry, at }),
  /** What was collected goes out as one notice; `total` counts it by kind, more than is listed where it was too much. */
  NoticePrepared: z.object({
    ...notice,
    about: id,
    channel: z.enum(channelKinds),
    counts: z.partialRecord(z.enum(noticeKinds), count).readonly(),
    project: NoticeProject.nullable(),
    /** Its own words, by kind; it says the same each time that it is tried again. */
    templates: z.partialRecord(z.enum(subscribableKinds), NoticeTemplate).readonly().exactOptional(),
    at,
  }),
  /** The intent, on record before anything leaves: whoever dies after this leaves a notice that may have been sent. */
  NoticeAttempted: z.object({ ...notice, attempt: ordinal, at }),
  /** `refused`: addresses of a mail that the server did not take, while it took others. */
  NoticeSent: z.object({ ...notice, attempt: ordinal, refused: count.exactOptional(), at }),
  NoticeDelayed: z.object({ ...notice, attempt: ordinal, code: z.string(), advice: z.string().exactOptional(), retryAt: at, at }),
  NoticeGivenUp: z.object({ ...notice, attempts: count, code: z.string(), advice: z.string().exactOptional(), at }),
};
export type OutboxEvent = EventOf<typeof outboxEvents>;

/** What is known of the client secret of an app. */
export const appSecretEvents = {
  AppSecretSeen: z.object({ ...workgroup, customerId: id, clientId: id, endsAt: at, at }),
};
export type AppSecretEvent = EventOf<typeof appSecretEvents>;
export type NoticeCounts = Readonly<Partial<z.infer<typeof counts>>>;

/** What the names of the streams of subscriptions begin with. */
export const subscriptionsPrefix = 'notice-rules:';
/** Stream of the subscriptions of a workgroup. */
export const subscriptionsStream = (workgroupId: string): StreamName<SubscriptionEvent> =>
  streamName(`${subscriptionsPrefix}${workgroupId}`);
/** What the names of all outboxes begin with. */
export const outboxPrefix = 'notice-outbox:';
/** Stream of what a subscription hears about one thing. */
export const outboxStream = (outboxId: string): StreamName<OutboxEvent> => streamName(`${outboxPrefix}${outboxId}`);

/** What the names of the streams of client secrets begin with. */
export const appSecretPrefix = 'notice-secret:';
export const appSecretStream = (secretId: string): StreamName<AppSecretEvent> => streamName(`${appSecretPrefix}${secretId}`);

const subscriptionId = idField('pass', 'Id of the subscription.');
const kindList = field(z.array(z.enum(noticeKinds)), 'What it is notified of.', ['pass.failed', 'pass.completed']);

/** A subscription as the API shows it: never the address of a webhook, which is sealed. */
export const SubscriptionView = z.object({
  subscriptionId,
  workgroupId: textField('Workgroup that it belongs to.', 'default'),
  name: textField('Name, unique in the workgroup.', 'Operations'),
  kinds: kindList,
  projectId: field(z.string().nullable(), 'Project that it is about; null for all.', null),
  channel: field(z.enum(channelKinds), 'How notices go out.', 'mail'),
  to: field(z.array(z.string()), 'Mail addresses; empty for other channels.', ['ada@contoso.com']),
  host: field(z.string().nullable(), 'Host of the address that notices are posted to; null for mail. The rest of it is sealed.', null),
  active: field(z.boolean(), 'Whether it collects anything.', true),
  addedAt: timeField('When it was added: it hears of what happens from then on.'),
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;

/** The same with the reference of its sealed address, for whoever replaces that. */
export const StoredSubscription = SubscriptionView.extend({ ref: z.string().nullable() });
export type StoredSubscription = z.infer<typeof StoredSubscription>;

export const noticeStates = ['sending', 'retrying', 'sent', 'given-up'] as const;

/** What became of a notice. */
export const NoticeView = z.object({
  noticeId: idField('pass', 'Id of the notice; it is the same each time that the notice is tried again.'),
  subscriptionId,
  workgroupId: textField('Workgroup that it belongs to.', 'default'),
  channel: field(z.enum(channelKinds), 'How it goes out.', 'mail'),
  project: NoticeProject.nullable().meta({ description: 'Project that it is about; null where it is about none.' }),
  counts: field(z.partialRecord(z.enum(noticeKinds), z.int()), 'What it tells, by kind.', { 'pass.completed': 12, 'pass.failed': 1 }),
  state: field(z.enum(noticeStates), '`retrying`: an attempt has failed, and another follows.', 'sent'),
  attempts: countField('Attempts so far.', 1),
  refused: countField('Addresses of a mail that the server refused while it took others.', 0),
  code: field(z.string().nullable(), 'Why the last attempt failed; null if it did not.', 'notice.no-answer'),
  advice: field(z.string().nullable(), 'What to do about it; null if nothing.', null),
  madeAt: timeField('When it was made.'),
  retryAt: timeOrNullField('When it is tried again; null if it is not.'),
  endedAt: timeOrNullField('When it was sent or given up; null before.'),
});
export type NoticeView = z.infer<typeof NoticeView>;
