import type { CommandMeta, CommandReply, CoverageReply, DomainEvent, StreamName } from '@pstream/contracts';
import { streamOf, toReply, type EventStore, type StreamKind } from '@pstream/event-store';
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
export const run = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  name: StreamName<E>,
  command: C,
  meta: CommandMeta,
): Promise<CommandReply> =>
  toReply(await streamOf(ports.store, name, kindOf(aggregate)).decide((state) => aggregate.decide(command, state), meta));

/** The present state of a stream. */
export const load = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  name: StreamName<E>,
): Promise<S> => (await streamOf(ports.store, name, kindOf(aggregate)).fold()).state;

const kindOf = <C, E extends DomainEvent, S>({ evolve, initial }: Aggregate<C, E, S>): StreamKind<E, S> => ({
  context: 'projects',
  evolve,
  initial: () => initial,
});
