import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, workgroup, type EventOf } from './event-shapes.js';
import { ClosedPart } from './closing.js';
import { FITS_KIND, FITS_UPDATE, fitsKind, fitsUpdate, preStageFields, Priority } from './projects.js';
import { PassKind, statuses, Ulid } from './words.js';

// Operations: one request for many mailboxes or users, carried out in the background.

/** Most mailboxes or users that one request may list. */
export const MOST_LISTED = 100_000;
/** Characters of a list of mailboxes or users, well below what a record of the log may hold. */
export const LIST_CHARACTERS = 2 * 1024 * 1024;

/** What is done to each row. Without `kind`, nothing else is needed. */
export const OperationWork = z.discriminatedUnion('verb', [
  z.strictObject({
    verb: z.literal('start'),
    kind: PassKind,
    ...preStageFields,
    /** Takes a free PST name for each mailbox whose own another one holds, or has been found to be somebody else's. */
    rename: z.boolean().optional(),
    /** Exports items again that were changed after their export. */
    update: z.boolean().optional(),
    startAt: z.iso.datetime({ offset: true }).optional(),
    priority: Priority.optional(),
  }),
  z.strictObject({ verb: z.literal('prioritise'), priority: Priority }),
  z.strictObject({ verb: z.literal('stop') }),
  /** With `rename`, a pass that met a file of somebody else under the name of a part goes on under a free name. */
  z.strictObject({ verb: z.literal('resume'), rename: z.boolean().optional() }),
  z.strictObject({ verb: z.literal('remove'), stop: z.boolean() }),
  z.strictObject({ verb: z.literal('move'), toProjectId: Ulid }),
  z.strictObject({ verb: z.literal('start-over'), parts: z.enum(['keep', 'delete']) }),
  /** With `dryRun` it only says what would be closed and deleted. */
  z.strictObject({ verb: z.literal('close'), parts: z.enum(['keep', 'delete']), dryRun: z.boolean() }),
  z.strictObject({ verb: z.literal('apply-bundles') }),
]);
export type OperationWork = z.infer<typeof OperationWork>;

/** Which rows: every mailbox of the project, those with one of these statuses when the operation begins, or those listed by id or address. */
export const OperationSelection = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('all') }),
  z.strictObject({ by: z.literal('status'), statuses: z.array(z.enum(statuses)).min(1).max(statuses.length) }),
  z.strictObject({ by: z.literal('list'), entries: z.array(z.string().min(1).max(320)).min(1).max(MOST_LISTED) }),
]);
export type OperationSelection = z.infer<typeof OperationSelection>;

/** Requests an operation over mailboxes of a project, or over users of a customer (`projectId` null). */
export const RequestOperation = z
  .strictObject({
    workgroupId: z.string(),
    customerId: Ulid,
    operationId: Ulid,
    projectId: Ulid.nullable(),
    work: OperationWork,
    selection: OperationSelection,
  })
  .refine(({ work }) => work.verb !== 'start' || fitsKind(work), FITS_KIND)
  .refine(({ work }) => work.verb !== 'start' || fitsUpdate(work), FITS_UPDATE)
  .refine(({ work, projectId }) => work.verb !== 'move' || work.toProjectId !== projectId, {
    error: 'The mailboxes are in this project already.',
    path: ['work', 'toProjectId'],
  })
  .refine(({ work, selection }) => work.verb !== 'close' || selection.by === 'all', {
    error: 'A project is closed as a whole.',
    path: ['selection'],
  })
  .refine(
    ({ work, projectId, selection }) =>
      work.verb === 'apply-bundles' ? projectId === null && selection.by === 'list' : projectId !== null,
    {
      error: 'Bundles are applied to listed users of a customer; everything else is done to mailboxes of a project.',
      path: ['projectId'],
    },
  );
export type RequestOperation = z.infer<typeof RequestOperation>;

const refs = { ...workgroup, customerId: id, projectId: id.nullable(), operationId: id };

/** Facts of a rejection, as they are kept for the words that a door makes of them. */
export const ReasonFacts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string()).readonly()]));

/** A row before it is carried out. `mailboxJobId` is null for a user, and for what is listed but not in the project. */
export const OperationRow = z.object({ mailboxJobId: id.nullable(), source: z.string() });
export type OperationRow = z.infer<typeof OperationRow>;

/** What became of a row: the position of the events that it caused, or why there are none. */
export const OperationOutcome = z.discriminatedUnion('outcome', [
  OperationRow.extend({
    outcome: z.literal('accepted'),
    stream: z.string(),
    version: count,
    renamed: z.string().exactOptional(),
    /** Where the project was closed: what became of each PST of the mailbox. */
    parts: z.array(ClosedPart).readonly().exactOptional(),
  }),
  OperationRow.extend({ outcome: z.literal('rejected'), code: z.string(), facts: ReasonFacts }),
]);
export type OperationOutcome = z.infer<typeof OperationOutcome>;

/** Data of the events of an operation. Lists are cut into events that stay small; the first commit holds the whole request, the second every row. */
export const operationEvents = {
  OperationRequested: z.object({
    ...refs,
    work: OperationWork,
    selection: z.discriminatedUnion('by', [
      z.object({ by: z.literal('all') }),
      z.object({ by: z.literal('status'), statuses: z.array(z.enum(statuses)) }),
      z.object({ by: z.literal('list'), entries: count }),
    ]),
    by: id,
    at,
  }),
  OperationListed: z.object({ ...refs, entries: z.array(z.string()).readonly(), at }),
  OperationRowsChosen: z.object({ ...refs, rows: z.array(OperationRow).readonly(), at }),
  OperationBegun: z.object({ ...refs, total: count, at }),
  OperationRowsDone: z.object({ ...refs, from: count, rows: z.array(OperationOutcome).readonly(), at }),
  OperationFinished: z.object({ ...refs, accepted: count, rejected: count, at }),
  OperationFailed: z.object({ ...refs, code: z.string(), facts: ReasonFacts, at }),
} as const;

export type OperationEvent = EventOf<typeof operationEvents>;

/** Entries or rows in one event. */
export const ENTRIES_PER_EVENT = 500;
/** Rows that are carried out before their outcome is recorded. */
export const ROWS_PER_BATCH = 100;
/** Rows of a closing, each of which may have many PSTs. */
export const CLOSED_PER_BATCH = 10;

/** Stream of an operation. */
export const operationStream = (operationId: string): StreamName<OperationEvent> => streamName(`operation:${operationId}`);
