import type { CommandMeta, CommandReply, Context, DomainEvent, RecordedEvent, StreamName } from '@pstream/contracts';
import { isFault, reject, type Decision, type Rejection } from '@pstream/kernel';
import { isVersionConflict } from './version-conflict.js';
import type { Appended, EventStore } from './event-store.js';
import type { Folded, KeptState, KeptStates } from './kept-states.js';

/** How the streams of one kind are folded. */
export type StreamKind<E extends DomainEvent, S> = {
  readonly context: Context;
  /** Never throws and never judges. It may change the state that it is given, as long as `initial` makes a new one each time. */
  readonly evolve: (state: S, event: E) => S;
  readonly initial: () => S;
  /** Where a fold may go on instead of beginning with the first event. */
  readonly kept?: KeptStates<S>;
};

/** Facts that are appended whatever anybody else appends meanwhile. `commandId` names them: they are appended once. `at` is ISO 8601 UTC. */
export type FactsToAppend<E extends DomainEvent, S> = Pick<CommandMeta, 'commandId' | 'by' | 'at'> & {
  readonly events: readonly E[];
  /** Asked of the newest state known before each try; false leaves the facts out. Default: always. */
  readonly wanted?: (state: S) => boolean;
};

/** What became of a command. `version` is that of the last event that the command caused (or of the stream, when there was nothing to
 *  do), `state` the newest state, which for a repeated command may be further than `version`. */
export type CommandOutcome<E extends DomainEvent, S> =
  | {
      readonly accepted: true;
      readonly stream: StreamName;
      readonly version: number;
      readonly events: readonly RecordedEvent<E>[];
      readonly state: S;
    }
  | { readonly accepted: false; readonly rejection: Rejection };

/** Whether an event of a stream changed the thing that a command is about. */
export type Concerns<E extends DomainEvent> = (event: E) => boolean;

/** One stream of a store, with all that may be done to it. */
export type Stream<E extends DomainEvent, S> = {
  /** The state of now. */
  fold(): Promise<Folded<S>>;
  /** The kept state, which others may have left behind; `fold` where none is kept. */
  recall(): Promise<Folded<S>>;
  /** Load, fold, decide, append. A version conflict reads what is new and decides again; after a few the Fault
   *  'event-store.version-conflict' is thrown. The same commandId gets the same answer. A refusal, or an acceptance without events,
   *  leaves no trace: repeated, it is decided afresh. With `expectedVersion`, a stream at another version refuses the command:
   *  rejection 'stream.version-mismatch' with facts `expected` and `actual`; where several things share a stream, only events count that
   *  `concern` the one that is changed. A commandId that was used for a request with another `digest` is
   *  refused: rejection 'request.idempotency-mismatch'. */
  decide(decide: (state: S) => Decision<E>, meta: CommandMeta, concerns?: Concerns<E>): Promise<CommandOutcome<E, S>>;
  /** Appends facts once and returns the state after them; what others append first is read, however often. */
  appendOnce(facts: FactsToAppend<E, S>): Promise<Folded<S>>;
};

const anotherRequest = { accepted: false, rejection: { code: 'request.idempotency-mismatch', facts: {} } } as const;

/** Whether a command was sent before for another request; only a digest on both sides says so. */
const differs = (earlier: readonly RecordedEvent[], { digest }: CommandMeta): boolean => {
  const before = earlier[0]?.metadata.digest;
  return digest !== undefined && before !== undefined && before !== digest;
};

/** Events that `decide` looks through for those that concern a thing: whoever looked at it longer ago than that looks again. */
const MOST_SINCE = 10_000;

/** How often `decide` tries before it gives a version conflict up. */
const ATTEMPTS = 5;

/** A stream of the store, by its name. It costs nothing to make; what has been read lives in `kind.kept` alone. */
export const streamOf = <E extends DomainEvent, S>(store: EventStore, name: StreamName<E>, kind: StreamKind<E, S>): Stream<E, S> => {
  const { context, kept } = kind;
  /** Applies events that follow on; others that share the state may have applied some of them. */
  const advance = async (to: KeptState<S>, events: readonly RecordedEvent<E>[]): Promise<void> => {
    for (const event of events) {
      if (event.version !== to.version + 1) continue;
      to.state = kind.evolve(to.state, event);
      to.version = event.version;
    }
    if (events.length > 0) await kept?.set(name, to);
  };
  const start = async (): Promise<KeptState<S>> => (await kept?.get(name)) ?? { state: kind.initial(), version: 0 };
  /** Brings a state up to date; returns what was new. */
  const catchUp = async (now: KeptState<S>): Promise<readonly RecordedEvent<E>[]> => {
    const news = await store.read(name, now.version);
    await advance(now, news);
    return news;
  };
  /** Undefined if somebody else was first. */
  const append = async (
    expectedVersion: number,
    events: readonly E[],
    { commandId, by, at, digest }: Pick<CommandMeta, 'commandId' | 'by' | 'at' | 'digest'>,
    isLast: boolean,
  ): Promise<Appended<E> | undefined> => {
    try {
      return await store.append({
        context,
        stream: name,
        expectedVersion,
        events,
        at,
        metadata: { commandId, by, ...(digest === undefined ? {} : { digest }) },
      });
    } catch (error) {
      if (isFault(error) && isVersionConflict(error) && !isLast) return undefined;
      throw error;
    }
  };

  /** The refusal of a command whose thing is no longer as it was at the version that it expects; undefined if it is. */
  const mismatch = async (
    expected: number | undefined,
    actual: number,
    concerns: Concerns<E> = () => true,
  ): Promise<Decision<E> | undefined> => {
    if (expected === undefined || expected === actual) return undefined;
    const isKnown = expected < actual && actual - expected <= MOST_SINCE;
    if (isKnown && !(await store.read(name, expected)).some(concerns)) return undefined;
    return reject('stream.version-mismatch', { expected, actual });
  };

  const decide: Stream<E, S>['decide'] = async (decideOn, meta, concerns) => {
    const now = await start();
    const answer = (version: number, events: readonly RecordedEvent<E>[]): CommandOutcome<E, S> => ({
      accepted: true,
      stream: events[0]?.stream ?? name,
      version,
      events,
      state: now.state,
    });
    const known: RecordedEvent<E>[] = [];
    for (let attempt = 1; ; attempt++) {
      known.push(...(await catchUp(now)));
      const earlier = known.filter((event) => event.metadata.commandId === meta.commandId);
      if (earlier.length > 0) return differs(earlier, meta) ? anotherRequest : answer(earlier.at(-1)!.version, earlier);

      const decision = (await mismatch(meta.expectedVersion, now.version, concerns)) ?? decideOn(now.state);
      if (!decision.accepted || decision.events.length === 0) {
        // The command may be among the events that the kept state holds already.
        const before = known.length === now.version ? undefined : await store.byCommand(meta.commandId);
        const last = before?.at(-1);
        if (last?.stream === name && differs(before ?? [], meta)) return anotherRequest;
        if (last?.stream === name) return answer(last.version, await commandEvents(last.version - before!.length));
        return decision.accepted ? answer(now.version, []) : decision;
      }
      const appended = await append(now.version, decision.events, meta, attempt === ATTEMPTS);
      if (appended === undefined) continue;
      // A duplicate is the same command, applied between our read and our append, or before the state that was kept.
      if (appended.duplicate && differs(appended.events, meta)) return anotherRequest;
      if (appended.duplicate) await catchUp(now);
      else await advance(now, appended.events);
      return answer(appended.version, appended.events);
    }
    async function commandEvents(after: number): Promise<readonly RecordedEvent<E>[]> {
      return (await store.read(name, after)).filter((event) => event.metadata.commandId === meta.commandId);
    }
  };

  const appendOnce: Stream<E, S>['appendOnce'] = async ({ events, wanted = () => true, ...by }) => {
    const now = await start();
    if (now.version === 0) await catchUp(now);
    for (;;) {
      if (!wanted(now.state)) return { ...now };
      const appended = await append(now.version, events, by, false);
      if (appended === undefined || appended.duplicate) await catchUp(now);
      else await advance(now, appended.events);
      if (appended !== undefined) return { ...now };
    }
  };

  const fold = async (): Promise<Folded<S>> => {
    const now = await start();
    await catchUp(now);
    return { ...now };
  };

  return {
    fold,
    recall: async () => {
      const now = await kept?.get(name);
      return now === undefined ? fold() : { ...now };
    },
    decide,
    appendOnce,
  };
};

/** The reply to the sender of a command. */
export const toReply = <E extends DomainEvent, S>(outcome: CommandOutcome<E, S>): CommandReply =>
  outcome.accepted
    ? { accepted: true, stream: outcome.stream, version: outcome.version }
    : { accepted: false, rejection: outcome.rejection };
