import type { NoticeChannel, NoticeEntry, NoticeProject, OutboxEvent } from '@pstream/contracts';
import { accept, assertNever, backoffMs, type Decision } from '@pstream/kernel';
import type { Templates } from '../templates/decide.js';
import { LONGEST_WAIT_MS, MOST_ENTRIES, waitMs, type Outbox } from './state.js';

/** An attempt that has not ended after so long was made by a process that died. */
export const ATTEMPT_ENDS_MS = 120_000;
const WAITS = { firstMs: 30_000, mostMs: 3_600_000 };
/** A notice is tried for so long. */
export const TRIED_FOR_MS = 24 * 3_600_000;

type OfOutbox = { readonly at: string; readonly workgroupId: string; readonly subscriptionId: string; readonly about: string };

/** How an attempt ended. `final`: another one would end in the same way. */
export type Outcome =
  | { readonly is: 'sent'; readonly refused: number }
  | { readonly is: 'failed'; readonly code: string; readonly advice?: string | undefined; readonly final: boolean };

export type OutboxCommand = OfOutbox &
  (
    | { readonly type: 'Collect'; readonly entry: NoticeEntry }
    /** Does what is due: makes a notice, or begins an attempt to send it. `noticeId` is of one that is made now; `channel` is null where
     *  the subscription is gone. `hurries`: nothing waits for more. */
    | {
        readonly type: 'Advance';
        readonly noticeId: string;
        readonly channel: NoticeChannel['kind'] | null;
        readonly project: NoticeProject | null;
        /** Of the workgroup. */
        readonly templates: Templates;
        readonly hurries: boolean;
      }
    | { readonly type: 'Settle'; readonly noticeId: string; readonly attempt: number; readonly outcome: Outcome }
  );

/** Rules of an outbox: one notice at a time; each attempt is on record before it is made, and nobody else makes one meanwhile; what fails is
 *  tried again with growing waits for a day, and then given up on record. */
export const decide = (command: OutboxCommand, state: Outbox): Decision<OutboxEvent> => {
  const { workgroupId, subscriptionId, about, at } = command;
  switch (command.type) {
    case 'Collect':
      return accept({ type: 'NoticeCollected', data: { workgroupId, subscriptionId, about, entry: command.entry, at } });
    case 'Advance':
      return accept(...advance(command, state));
    case 'Settle':
      return accept(...settle(command, state));
    default:
      return assertNever(command);
  }
};

/** When something is to be done next, in milliseconds of the clock; undefined if nothing is. */
export const dueMs = (state: Outbox): number | undefined => {
  const { outgoing, collected } = state;
  if (outgoing !== null)
    return outgoing.attemptedAt === null ? Date.parse(outgoing.retryAt) : Date.parse(outgoing.attemptedAt) + ATTEMPT_ENDS_MS;
  if (collected === null) return undefined;
  return collected.entries.length >= MOST_ENTRIES ? Date.parse(collected.since) : Date.parse(collected.since) + waitMs(state);
};

/** Whether something is to be done at a time, in milliseconds of the clock. What is further away than anything waits was planned before the clock was set
 *  back: it is due, or it would wait until the clock is there again. */
export const isDue = (state: Outbox, nowMs: number): boolean => {
  const due = dueMs(state);
  if (due === undefined) return false;
  const isUnderWay = state.outgoing !== null && state.outgoing.attemptedAt !== null;
  // The clock of another process may be ahead of ours by as long as its attempt lasts.
  return due <= nowMs || due - nowMs > (isUnderWay ? 2 * ATTEMPT_ENDS_MS : LONGEST_WAIT_MS);
};

const advance = (command: Extract<OutboxCommand, { type: 'Advance' }>, state: Outbox): OutboxEvent[] => {
  const { workgroupId, subscriptionId, about, at, channel, project, hurries } = command;
  const { outgoing, collected } = state;
  const nowMs = Date.parse(at);
  if (!isDue(state, nowMs) && !(hurries && outgoing === null)) return [];
  const of = (noticeId: string) => ({ workgroupId, subscriptionId, noticeId, at });
  if (outgoing !== null) {
    const { noticeId, attempts, attemptedAt, madeAt, code } = outgoing;
    const gone = channel === null ? 'notice.subscription-removed' : undefined;
    // Whoever was away for the day in which it should have been tried again tries once more; an attempt that nobody saw the end of was that one.
    const late = attemptedAt !== null && nowMs - Date.parse(madeAt) >= TRIED_FOR_MS ? (code ?? 'notice.no-answer') : undefined;
    const why = gone ?? late;
    if (why !== undefined) return [{ type: 'NoticeGivenUp', data: { ...of(noticeId), attempts, code: why } }];
    return [{ type: 'NoticeAttempted', data: { ...of(noticeId), attempt: attempts + 1 } }];
  }
  if (collected === null || channel === null) return [];
  const { noticeId } = command;
  const { counts, entries } = collected;
  const kinds = new Set(entries.map((entry) => entry.sampleOf ?? entry.kind));
  const own = Object.fromEntries([...command.templates].filter(([kind]) => kinds.has(kind)));
  const templates = Object.keys(own).length === 0 ? {} : { templates: own };
  return [
    { type: 'NoticePrepared', data: { ...of(noticeId), about, channel, counts, project, ...templates } },
    { type: 'NoticeAttempted', data: { ...of(noticeId), attempt: 1 } },
  ];
};

/** What an attempt came to; nothing where another attempt has begun or ended meanwhile. */
const settle = (
  { workgroupId, subscriptionId, at, noticeId, attempt, outcome }: Extract<OutboxCommand, { type: 'Settle' }>,
  { outgoing }: Outbox,
): OutboxEvent[] => {
  if (outgoing?.noticeId !== noticeId) return [];
  const data = { workgroupId, subscriptionId, noticeId, at };
  // Late, but the receiver has it.
  if (outcome.is === 'sent') {
    const { refused } = outcome;
    return [{ type: 'NoticeSent', data: { ...data, attempt, ...(refused > 0 ? { refused } : {}) } }];
  }
  if (outgoing.attempts !== attempt || outgoing.attemptedAt === null) return [];
  const why = { code: outcome.code, ...(outcome.advice === undefined ? {} : { advice: outcome.advice }) };
  const retryMs = Date.parse(at) + backoffMs(WAITS, attempt);
  if (outcome.final || retryMs - Date.parse(outgoing.madeAt) >= TRIED_FOR_MS)
    return [{ type: 'NoticeGivenUp', data: { ...data, attempts: attempt, ...why } }];
  return [{ type: 'NoticeDelayed', data: { ...data, attempt, ...why, retryAt: new Date(retryMs).toISOString() } }];
};
