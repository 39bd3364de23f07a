import { z } from 'zod';
import { mailboxKinds } from './credentials.js';
import { bytesField, countField, field, idField, textField, timeField, timeOrNullField } from './view-fields.js';
import { passKinds, statuses } from './words.js';

// Documents about mailboxes: what became of them, their parts and the items that did not arrive as they were.

const project = idField('project', 'Project that it belongs to.');
const mailbox = idField('mailbox', 'Id of the mailbox in its project.');
const pass = idField('pass', 'Id of the pass.');

/** Counts of items. While a pass is under way the sums of its facts may be ahead of one another. */
export const TotalsView = z.object({
  discovered: countField('Items that were listed.', 1_200),
  exported: countField('Items in the PSTs.', 1_190),
  skipped: countField('Items left out for a stated reason.', 8),
  failed: countField('Items that could not be exported.', 2),
});

/** How far the folders of a mailbox have been listed. */
export const ListingView = z.enum(['not-started', 'going-on', 'finished']);

/** Items and bytes read from the tenant. */
export const ExtractedView = z.object({
  items: countField('Items read.', 1_198),
  bytes: bytesField('Bytes of their streams.', 123_456_789),
});

/** Time that limits of the tenant took. */
export const WaitsView = z.object({ times: countField('Number of waits.', 4), ms: countField('Milliseconds waited in all.', 12_500) });

export const CheckView = z.object({
  step: countField('Position among the checks, from 1.', 1),
  name: textField('Name of the check.', 'token'),
  verdict: field(z.enum(['pass', 'warn', 'fail', 'skipped']), 'How the check ended.', 'pass'),
  code: field(z.string().nullable(), 'Code of the fault; null if there is none.', 'graph.unauthorized'),
  advice: field(z.string().nullable(), 'What to do next; null if nothing.', 'Check the client secret.'),
});
export type CheckView = z.infer<typeof CheckView>;

/** A limit of the tenant makes the pass wait, its builder is behind, something failed and is tried again, or somebody paused what waits. */
export const heldKinds = ['limit', 'backlog', 'fault', 'plan'] as const;

/** What a pass waits for: the cause by its code, since when, and when it is tried again. */
export const Held = z.object({
  kind: field(
    z.enum(heldKinds),
    '`limit`: a limit of the tenant makes it wait; `backlog`: its PST is written more slowly than it is read; `fault`: something failed and is tried again; `plan`: nothing new is begun, as somebody wants it.',
    'limit',
  ),
  code: textField('Code of the cause.', 'graph.throttled'),
  limit: field(z.string().nullable(), "Name of the tenant's limit; null for other kinds.", 'MailboxConcurrency'),
  advice: field(z.string().nullable(), 'What to do about it; null if nothing.', 'Nothing: the export goes on by itself.'),
  since: timeField('Since when the pass has been waiting.'),
  until: timeOrNullField('When it is tried again; null where that is for people to say.'),
});
export type Held = z.infer<typeof Held>;

/** Why a pass failed. */
export const CauseView = z.object({
  code: textField('Code of the cause.', 'graph.mailbox-forbidden'),
  advice: field(z.string().optional(), 'What to do next.', 'Grant the app access to this mailbox.'),
  facts: field(z.record(z.string(), z.unknown()).optional(), 'Numbers and ids that belong to the cause.', { status: 403 }),
});

const Pass = z.object({
  passId: pass,
  number: countField('Number of the pass of this mailbox, from 1.', 2),
  kind: field(z.enum(passKinds), 'Kind of the pass, in the words of the Start menu.', 'full'),
  startedAt: timeField('When it was started, or submitted.'),
  startAt: field(
    z.iso.datetime().nullable().default(null),
    'When it is to begin; null if at once, and as soon as that time has come.',
    null,
  ),
  endedAt: timeOrNullField('When it ended; null while it is under way.'),
});

/** Items among the exported ones (while a pass is open: among those read) that were made from MIME or JSON. */
export const mimeField = countField('Exported items that were made from MIME or JSON instead of their stream.', 3);

/** Folders of which a mailbox may hold more than was discovered. */
export const foldersNotListedField = countField('Folders that could not be listed to their end; `/folders` says why.', 0);

/** Items among the exported ones (while a pass is open: among those read) that may not be what the mailbox holds. */
export const doubtsField = countField(
  'Exported items that may be incomplete: something in them or in the listing says so, and exporting them again, where that could help, did not change it.',
  0,
);

/** Copies that are in PSTs and count no more. */
export const supersededField = field(
  z.int().nonnegative().default(0),
  'Items whose older copy is in a PST too, because an update took them again after they were changed or moved; each counts once. `/superseded` lists the copies.',
  0,
);

/** What Verify Credentials has found behind an address. */
export const FoundView = z.object({
  kind: field(
    z.enum(mailboxKinds),
    'What the mailbox is: of a user, linked, shared, of a room or a piece of equipment, or other. `unknown`: the app may not read it; `not-online`: a user without a mailbox in Exchange Online (no licence, inactive, soft-deleted or on premises); `not-found`: no user (mistyped, deleted, a group, a contact or a public folder).',
    'shared',
  ),
  archive: field(z.boolean(), 'Whether it has an in-place archive.', false),
  readable: field(z.boolean(), 'Whether the mailbox, or in an archive project its archive, could be read.', true),
});
export type FoundView = z.infer<typeof FoundView>;

/** A line item of a project: the Status column, the sums, and what it waits for. */
export const MailboxView = z.object({
  mailboxJobId: mailbox,
  projectId: project,
  customerId: idField('customer', 'Customer that the project belongs to.'),
  source: textField('Address of the mailbox.', 'ann@contoso.com'),
  destination: textField('Name of its first PST.', 'ann.pst'),
  status: field(z.enum(statuses), 'Status of the mailbox.', 'Completed'),
  pass: Pass.nullable().meta({ description: 'The pass that is open or was the last; null before the first.' }),
  totals: TotalsView.meta({ description: 'Items of all passes together. `discovered` grows while folders are being listed.' }),
  mime: mimeField,
  doubts: doubtsField,
  leftOut: countField('Items that the last pass to list the mailbox did not take: a Trial, a Pre-Stage or a filter leaves some.', 0),
  superseded: supersededField,
  listing: field(ListingView, 'How far the folders have been listed.', 'finished'),
  extracted: ExtractedView.meta({ description: 'What the open or last pass has read from the tenant.' }),
  waits: field(z.record(z.string(), WaitsView), "Time lost to limits of the tenant in the last pass, by the limit's name.", {
    'mailbox.concurrency': { times: 4, ms: 12_500 },
  }),
  priority: field(z.int().default(0), 'Of the mailboxes of a project that wait, those with a higher priority go first.', 0),
  held: Held.nullable().meta({ description: 'What the open pass waits for before it can go on; null while it goes on.' }),
  progressAt: timeOrNullField('When the open or last pass last listed, read or wrote something.'),
  folders: countField('Folders of the mailbox.', 17),
  foldersNotListed: foldersNotListedField,
  parts: countField('PSTs of the mailbox.', 1),
  cause: CauseView.nullable().meta({ description: 'Why the last pass failed; null if it did not.' }),
  checks: z.array(CheckView).meta({ description: 'Outcome of each check of Verify Credentials.' }),
  found: FoundView.nullable().meta({ description: 'What the last Verify Credentials found behind the address; null before the first.' }),
});
export type MailboxView = z.infer<typeof MailboxView>;

export const PartView = z.object({
  partId: idField('part', 'Id of the PST.'),
  projectId: project,
  mailboxJobId: mailbox,
  passId: pass,
  ordinal: countField('Number of the PST within the mailbox, from 1.', 1),
  name: textField('File name.', 'ann.pst'),
  container: textField('Container or subfolder.', 'leavers'),
  state: field(
    z.enum(['open', 'sealing', 'sealed', 'verified', 'abandoned', 'removed']),
    'A PST is complete when it is sealed, and has been read back and compared when it is verified. `removed`: it was deleted, because its mailbox started over.',
    'verified',
  ),
  location: field(
    z.string().nullable(),
    'Address or path of the file; null until it is sealed.',
    'https://contosopst.blob.core.windows.net/leavers/ann.pst',
  ),
  bytes: bytesField('Size of the file in bytes.'),
  items: countField('Items in the file.', 1_190),
  sha256: field(
    z.string().nullable(),
    'SHA-256 of the file in hexadecimal; null until it is sealed.',
    'fb516058febe5f0db9fbccf73755bbab7a0d494111d7e77d4c32156cbfabc560',
  ),
  sealedAt: timeOrNullField('When it was sealed.'),
  verifiedAt: timeOrNullField('When it was read back and compared, item by item.'),
});
export type PartView = z.infer<typeof PartView>;

/** What can become of an item other than being exported as its stream. */
export const itemOutcomes = ['failed', 'skipped', 'mime', 'doubts'] as const;

/** What has become of an error: nothing yet, a later pass exported the item whole, or somebody accepted it. */
export const itemErrorStates = ['open', 'mended', 'acknowledged'] as const;

const Mended = z.object({
  passId: pass,
  number: countField('Number of the pass of this mailbox, from 1.', 3),
  at: timeField('When the pass ended.'),
});

const Acknowledged = z.object({
  by: idField('pass', 'Id of the token with which it was acknowledged.'),
  reason: textField('Why it was acknowledged.', 'Agreed with the customer.'),
  at: timeField('When it was acknowledged.'),
});

/** An item that was not exported, or only as MIME or with doubts, over all passes of its mailbox. What it says of the item is what the last pass said. */
export const ItemErrorView = z.object({
  projectId: project,
  mailboxJobId: mailbox,
  passId: idField('pass', 'Id of the last pass that reported it.'),
  itemKey: textField('Key of the item, stable within the mailbox.', '9f2c5e0b7a1d4c3e8f6a9b0c1d2e3f40'),
  itemId: textField('Id of the item in Microsoft Graph.', 'AAMkAGI2TG93AAA='),
  folderKey: textField('Key of its folder; `/folders` lists them.', '0a1b2c3d4e5f60718293a4b5c6d7e8f9'),
  outcome: field(
    z.enum(itemOutcomes),
    '`mime` means exported, but made from MIME or JSON because of `code`; `doubts` means exported, but perhaps incomplete.',
    'failed',
  ),
  state: field(
    z.enum(itemErrorStates),
    '`mended`: a later pass exported the item whole. `acknowledged`: somebody accepted it. Everything else is `open`.',
    'open',
  ),
  itemType: textField('Message class of the item.', 'IPM.Note'),
  itemDate: field(
    z.string().nullable(),
    'When the item was created, as the mailbox states it; null where that is not known. ISO 8601.',
    '2019-04-01T08:15:00Z',
  ),
  sizeBytes: bytesField('Size as the mailbox states it, in bytes.', 48_213),
  code: textField('Code of the cause.', 'fasttransfer.truncated'),
  advice: field(z.string().nullable(), 'What to do next; null if nothing.', 'Retry the errors of this mailbox.'),
  fallback: field(
    z.string().nullable(),
    'Why the item could not be exported as MIME either; null where that was not tried.',
    'graph.item-not-found',
  ),
  doubts: field(
    z.array(z.string()),
    'Codes of what was noticed about an exported item, the strongest first; an item with the outcome `mime` may have some too.',
    [],
  ),
  attempts: countField('How often the item was asked for, over all passes.', 3),
  firstSeenAt: timeField('When a pass first reported it.'),
  lastSeenAt: timeField('When a pass last reported it.'),
  mended: Mended.nullable().meta({ description: 'The pass that exported the item whole; null if none did.' }),
  acknowledged: Acknowledged.nullable().meta({ description: 'Who accepted it, and why; null if nobody did.' }),
});
export type ItemErrorView = z.infer<typeof ItemErrorView>;
