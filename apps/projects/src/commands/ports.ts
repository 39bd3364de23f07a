import type {
  ApplyBundles,
  CommandMeta,
  CommandReply,
  Coverage,
  CoverageReply,
  DomainEvent,
  SettleParts,
  SettlePartsReply,
  StreamName,
} from '@pstream/contracts';
import {
  keptInMemory,
  streamOf,
  toReply,
  type CommandOutcome,
  type EventStore,
  type KeptStates,
  type StreamKind,
} from '@pstream/event-store';
import { deriveId, type Clock, type Decision } from '@pstream/kernel';
import type { Admission } from '../domain/admission/state.js';
import type { Operation } from '../domain/operation/state.js';
import type { Place } from '../domain/place/decide.js';
import type { Roster } from '../domain/roster/state.js';

/** What the handlers of this service need. */
export type ProjectsPorts = {
  readonly store: EventStore;
  readonly kept: Kept;
  readonly clock: Clock;
  /** Asks licensing until when the bundles of a customer's users are valid. */
  coverage(query: Coverage): Promise<CoverageReply>;
  /** Has a builder settle the PSTs of a mailbox whose project is closed. */
  settleParts(query: SettleParts): Promise<SettlePartsReply>;
  /** Has licensing apply a bundle to each user, all or none. */
  applyBundles(meta: CommandMeta, body: ApplyBundles): Promise<CommandReply>;
};

/** Name under which the module hands the ports to the controllers. */
export const PROJECTS_PORTS = Symbol('ProjectsPorts');

/** States that are long to fold and needed again soon. */
export type Kept = {
  readonly rosters: KeptStates<Roster>;
  /** Line items on the streams of projects. */
  readonly earlierRosters: KeptStates<Roster>;
  readonly operations: KeptStates<Operation>;
  readonly places: KeptStates<Place>;
  readonly admission: KeptStates<Admission>;
};

/** Keeps the states used last in the memory of this process: a roster of 10,000 line items takes about 5 MB, an operation over them 2 MB. */
export const keepStates = (): Kept => ({
  rosters: keptInMemory(16),
  earlierRosters: keptInMemory(16),
  operations: keptInMemory(16),
  places: keptInMemory(16),
  admission: keptInMemory(1),
});

/** How an aggregate of this service is read and decided. */
export type Aggregate<C, E extends DomainEvent, S> = Pick<StreamKind<E, S>, 'evolve' | 'initial' | 'kept'> & {
  readonly decide: (command: C, state: S) => Decision<E>;
  /** Whether an event changed what the command changes, where several things share a stream. */
  readonly concerns?: (command: C, event: E) => boolean;
};

/** One command for one stream, with the state that it left. */
export const execute = <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  name: StreamName<E>,
  command: C,
  meta: CommandMeta,
): Promise<CommandOutcome<E, S>> =>
  streamOf(ports.store, name, { context: 'projects', ...aggregate }).decide(
    (state) => aggregate.decide(command, state),
    meta,
    aggregate.concerns === undefined ? undefined : (event) => aggregate.concerns!(command, event),
  );

/** One command for one stream, as its sender gets the answer. */
export const run = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  name: StreamName<E>,
  command: C,
  meta: CommandMeta,
): Promise<CommandReply> => toReply(await execute(ports, aggregate, name, command, meta));

/** A step that a command takes on another stream, where taking it twice is once. Its id follows from what is there: a command that was refused, took
 *  the step back and is sent again, takes it again. */
export const runStep = async <C, E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Aggregate<C, E, S>,
  name: StreamName<E>,
  command: C,
  { commandId, by, at }: CommandMeta,
): Promise<CommandReply> => {
  const { version } = await streamOf(ports.store, name, { context: 'projects', ...aggregate }).fold();
  return run(ports, aggregate, name, command, { commandId: deriveId('step-on', commandId, name, version), by, at });
};

/** Whether a command has been applied before: sent again it is answered as it was then, so what would be asked of others now is not. */
export const isApplied = async ({ store }: ProjectsPorts, { commandId }: Pick<CommandMeta, 'commandId'>): Promise<boolean> =>
  (await store.byCommand(commandId)) !== undefined;

/** The present state of a stream. */
export const load = async <E extends DomainEvent, S>(
  ports: ProjectsPorts,
  aggregate: Pick<StreamKind<E, S>, 'evolve' | 'initial' | 'kept'>,
  name: StreamName<E>,
): Promise<S> => (await streamOf(ports.store, name, { context: 'projects', ...aggregate }).fold()).state;
