import type { CommandReply, CoverageReply, DomainEvent, StreamName } from '@pstream/contracts';
import { executeCommand, foldStream, type CommandOutcome, type EventStore, type Fold } from '@pstream/event-store';
import type { Decision } from '@pstream/kernel';

/** What the handlers of this service need. */
export type ProjectsPorts = {
  readonly store: EventStore;
  /** Asks licensing which of a customer's users have a valid bundle. */
  coverage(query: { readonly workgroupId: string; readonly customerId: string; readonly users: readonly string[] }): Promise<CoverageReply>;
};

/** How an aggregate of this service is read and decided. */
export type Aggregate<C, E extends DomainEvent, S> = {
  readonly decide: (command: C, state: S) => Decision<E>;
  readonly evolve: (state: S, event: E) => S;
  readonly initial: S;
};

/** One command for one stream. */
export const run = async <C extends { readonly at: string }, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  stream: StreamName<E>,
  command: C,
  meta: { readonly commandId: string; readonly by: string },
): Promise<CommandReply> =>
  toReply(
    await executeCommand({
      store: ports.store,
      context: 'projects',
      stream,
      ...aggregate,
      command,
      at: command.at,
      metadata: { commandId: meta.commandId, by: meta.by },
    }),
  );

/** The present state of a stream. */
export const load = async <E extends DomainEvent, S>(ports: ProjectsPorts, aggregate: Fold<E, S>, stream: StreamName<E>): Promise<S> =>
  (await foldStream({ store: ports.store, stream, ...aggregate })).state;

const toReply = <E extends DomainEvent, S>(outcome: CommandOutcome<E, S>): CommandReply =>
  outcome.accepted
    ? { accepted: true, stream: outcome.stream, version: outcome.version }
    : { accepted: false, rejection: outcome.rejection };
