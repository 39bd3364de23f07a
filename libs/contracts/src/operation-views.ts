import { z } from 'zod';
import { ClosedPart } from './closing.js';
import { ReasonFacts, type OperationWork } from './operations.js';
import { PassKind } from './words.js';

/** How far an operation is: it waits for its turn, is at work, has given every row an outcome, or has ended before that. */
export const operationStates = ['queued', 'running', 'finished', 'failed'] as const;

const count = z.int().nonnegative();

/** An operation as the read model keeps it. Words for codes are the door's. */
export const OperationView = z.object({
  operationId: z.string(),
  customerId: z.string(),
  /** Null for one over users of a customer. */
  projectId: z.string().nullable(),
  verb: z.enum(['start', 'prioritise', 'stop', 'resume', 'remove', 'move', 'start-over', 'close', 'apply-bundles']),
  /** Kind of pass that is started; null for other verbs. */
  kind: PassKind.nullable(),
  state: z.enum(operationStates),
  /** Rows in all; null until they have been chosen. */
  total: count.nullable(),
  done: count,
  accepted: count,
  rejected: count,
  /** Why it failed. */
  cause: z.object({ code: z.string(), facts: ReasonFacts }).nullable(),
  /** Where the events of the rows accepted last went: what other views must show before they show the operation's effect. */
  last: z.array(z.object({ stream: z.string(), version: count })),
  by: z.string(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});
export type OperationView = z.infer<typeof OperationView>;

/** What became of a row of an operation. */
export const OperationRowView = z.object({
  operationId: z.string(),
  /** Position among the rows, from 1. */
  row: count,
  mailboxJobId: z.string().nullable(),
  source: z.string(),
  outcome: z.enum(['accepted', 'rejected']),
  code: z.string().nullable(),
  facts: ReasonFacts,
  stream: z.string().nullable(),
  version: count.nullable(),
  /** The PST name that the mailbox was given. */
  renamed: z.string().nullish(),
  /** What became of the PSTs of a mailbox whose project was closed. */
  parts: z.array(ClosedPart).readonly().nullish(),
  at: z.string(),
});
export type OperationRowView = z.infer<typeof OperationRowView>;

/** An operation that was requested `at` that time by `by` and has not begun. */
export const queuedOperation = (requested: {
  readonly operationId: string;
  readonly customerId: string;
  readonly projectId: string | null;
  readonly work: OperationWork;
  readonly by: string;
  readonly at: string;
}): OperationView => {
  const { operationId, customerId, projectId, work, by, at } = requested;
  return {
    operationId,
    customerId,
    projectId,
    verb: work.verb,
    kind: work.verb === 'start' ? work.kind : null,
    state: 'queued',
    total: null,
    done: 0,
    accepted: 0,
    rejected: 0,
    cause: null,
    last: [],
    by,
    createdAt: at,
    startedAt: null,
    endedAt: null,
  };
};
