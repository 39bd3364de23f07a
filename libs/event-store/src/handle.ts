import type { Context, DomainEvent, Metadata, RecordedEvent, StreamName } from '@pstream/contracts';
import { isFault, type Decision, type Rejection } from '@pstream/kernel';
import { isVersionConflict } from './commit-document.js';
import type { Appended, EventStore } from './event-store.js';

/** How an aggregate comes from its events. `evolve` never throws. */
export type Fold<E extends DomainEvent, S> = { readonly evolve: (state: S, event: E) => S; readonly initial: S };

/** A state and the version of the last event in it; 0 is a stream without events. */
export type Folded<S> = { readonly state: S; readonly version: number };

/** One command for one stream. */
export type CommandExecution<C, E extends DomainEvent, S> = Fold<E, S> & {
  readonly store: EventStore;
  readonly context: Context;
  readonly stream: StreamName<E>;
  readonly decide: (command: C, state: S) => Decision<E>;
  readonly command: C;
  /** ISO 8601 UTC; the door that received the command read the clock. */
  readonly at: string;
  /** `commandId` makes the command idempotent. */
  readonly metadata: Metadata;
  /** How often a version conflict is answered by deciding again. Default 5. */
  readonly maxAttempts?: number;
};

/** What became of a command. `version` is that of the stream's last event that the command caused (or had before it, when
 *  there was nothing to do), `state` the state then. */
export type CommandOutcome<E extends DomainEvent, S> =
  | {
      readonly accepted: true;
      readonly stream: string;
      readonly version: number;
      readonly events: readonly RecordedEvent<E>[];
      readonly state: S;
    }
  | { readonly accepted: false; readonly rejection: Rejection };

/** Reads a stream and folds it. */
export const foldStream = async <E extends DomainEvent, S>(
  from: Fold<E, S> & { readonly store: EventStore; readonly stream: StreamName<E> },
): Promise<Folded<S>> => foldOn(from, { state: from.initial, version: 0 }, await from.store.read(from.stream));

/** Load, fold, decide, append. A version conflict reads what is new and decides again; after `maxAttempts` the Fault
 *  'event-store.version-conflict' is thrown. The same commandId gives the same answer and `decide` is not asked again.
 *  A refusal, or an acceptance without events, leaves no trace: repeated, it is decided afresh. */
export const executeCommand = async <C, E extends DomainEvent, S>(execution: CommandExecution<C, E, S>): Promise<CommandOutcome<E, S>> => {
  const { store, stream, metadata } = execution;
  let known: RecordedEvent<E>[] = [];
  let now: Folded<S> = { state: execution.initial, version: 0 };
  for (let attempt = 1; ; attempt++) {
    const news = await store.read(stream, now.version);
    known = [...known, ...news];
    const earlier = known.filter((event) => event.metadata.commandId === metadata.commandId);
    if (earlier.length > 0) return answerOf(execution, known, earlier);

    now = foldOn(execution, now, news);
    const decision = execution.decide(execution.command, now.state);
    if (!decision.accepted) return decision;
    if (decision.events.length === 0) return { accepted: true, stream, version: now.version, events: [], state: now.state };

    const appended = await appendOrConflict(execution, now.version, decision.events, attempt);
    if (appended === undefined) continue;
    const { events } = appended;
    if (!appended.duplicate)
      return { accepted: true, stream, version: appended.version, events, state: foldOn(execution, now, events).state };
    // The same command was applied between our read and our append.
    return answerOf(execution, await store.read(stream), events);
  }
};

const appendOrConflict = async <C, E extends DomainEvent, S>(
  { store, context, stream, at, metadata, maxAttempts = 5 }: CommandExecution<C, E, S>,
  expectedVersion: number,
  events: readonly E[],
  attempt: number,
): Promise<Appended<E> | undefined> => {
  try {
    return await store.append({ context, stream, expectedVersion, events, at, metadata });
  } catch (error) {
    if (isFault(error) && isVersionConflict(error) && attempt < maxAttempts) return undefined;
    throw error;
  }
};

/** The answer that was given when these events of the stream were appended. */
const answerOf = <E extends DomainEvent, S>(
  fold: Fold<E, S> & { readonly stream: string },
  history: readonly RecordedEvent<E>[],
  events: readonly RecordedEvent<E>[],
): CommandOutcome<E, S> => {
  const version = events.at(-1)?.version ?? 0;
  const until = history.filter((event) => event.version <= version);
  return {
    accepted: true,
    stream: events[0]?.stream ?? fold.stream,
    version,
    events,
    state: foldOn(fold, { state: fold.initial, version: 0 }, until).state,
  };
};

const foldOn = <E extends DomainEvent, S>(fold: Fold<E, S>, from: Folded<S>, events: readonly RecordedEvent<E>[]): Folded<S> => ({
  state: events.reduce((state, event) => fold.evolve(state, event), from.state),
  version: events.at(-1)?.version ?? from.version,
});
