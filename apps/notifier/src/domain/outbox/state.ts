import type { NoticeCounts, NoticeEntry, NoticeProject, NoticeTemplate, OutboxEvent, TemplateKind } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';

/** Entries that a notice lists; more of them are counted. */
export const MOST_ENTRIES = 500;

/** What has happened since the last notice. */
export type Collected = {
  readonly entries: readonly NoticeEntry[];
  readonly counts: NoticeCounts;
  /** When the first of them came. */
  readonly since: string;
};

/** A notice that is to go out. */
export type Outgoing = Pick<Collected, 'entries' | 'counts'> & {
  readonly noticeId: string;
  readonly project: NoticeProject | null;
  readonly templates?: Readonly<Partial<Record<TemplateKind, NoticeTemplate>>>;
  readonly madeAt: string;
  readonly attempts: number;
  /** When the attempt under way began; null where none is. */
  readonly attemptedAt: string | null;
  /** Not before this. */
  readonly retryAt: string;
  /** Why the last attempt failed. */
  readonly code: string | null;
};

/** What a subscription hears about one thing. One notice goes out at a time, in the order of what happened. */
export type Outbox = {
  readonly collected: Collected | null;
  readonly outgoing: Outgoing | null;
  /** When the last notice was made, and how long it had waited for more. */
  readonly last: { readonly at: string; readonly waitedMs: number } | null;
};

export const emptyOutbox = (): Outbox => ({ collected: null, outgoing: null, last: null });

const FIRST_WAIT_MS = 60_000;
/** No notice waits longer for more. */
export const LONGEST_WAIT_MS = 3_600_000;

/** How long a notice waits for more of the same: a minute at first, twice as long for each one that follows soon after another, at most an
 *  hour. After an hour of silence it is a minute again. */
export const waitMs = ({ collected, last }: Outbox): number => {
  if (collected === null || last === null) return FIRST_WAIT_MS;
  const silentMs = Date.parse(collected.since) - Date.parse(last.at);
  return silentMs >= LONGEST_WAIT_MS ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, last.waitedMs * 2);
};

export const evolve = (state: Outbox, event: OutboxEvent): Outbox => {
  switch (event.type) {
    case 'NoticeCollected':
      return { ...state, collected: withEntry(state.collected, event.data.entry, event.data.at) };
    case 'NoticePrepared': {
      const { noticeId, project, counts, templates, at } = event.data;
      const entries = state.collected?.entries ?? [];
      const of = { noticeId, project, entries, counts, ...(templates === undefined ? {} : { templates }), madeAt: at };
      const outgoing = { ...of, attempts: 0, attemptedAt: null, retryAt: at, code: null };
      return { collected: null, outgoing, last: { at, waitedMs: waitMs(state) } };
    }
    case 'NoticeAttempted':
      return withOutgoing(state, event.data.noticeId, { attempts: event.data.attempt, attemptedAt: event.data.at });
    case 'NoticeDelayed': {
      const { noticeId, retryAt, code } = event.data;
      return withOutgoing(state, noticeId, { attemptedAt: null, retryAt, code });
    }
    case 'NoticeSent':
    case 'NoticeGivenUp':
      return state.outgoing?.noticeId === event.data.noticeId ? { ...state, outgoing: null } : state;
    default:
      return assertNever(event);
  }
};

const withEntry = (collected: Collected | null, entry: NoticeEntry, at: string): Collected => {
  const { entries, counts, since } = collected ?? { entries: [], counts: {}, since: at };
  return {
    since,
    entries: entries.length < MOST_ENTRIES ? [...entries, entry] : entries,
    counts: { ...counts, [entry.kind]: (counts[entry.kind] ?? 0) + 1 },
  };
};

const withOutgoing = (state: Outbox, noticeId: string, change: Partial<Outgoing>): Outbox =>
  state.outgoing?.noticeId === noticeId ? { ...state, outgoing: { ...state.outgoing, ...change } } : state;
