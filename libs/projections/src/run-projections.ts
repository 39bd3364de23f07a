import { CHANGES_TOPIC, eventTopic, streamName, SUMS_GROUP, toChangeRecord, type RecordedEvent, type StreamName } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { assert, type Clock } from '@pstream/kernel';
import type { DeadLetters, PartitionHandler, Subscription, Transport } from '@pstream/transport';
import { announcing, type Announce } from './announcing.js';
import { applyWhole, catchUp } from './apply-whole.js';
import { Positions } from './positions.js';
import { runsOf } from './applying.js';
import type { Hole, Projection, ProjectionStore } from './projection.js';
import { rebuildProjection, type RebuildProgress } from './rebuild.js';

/** What projections run on. The topics of their contexts must be there. */
export type RunOptions = {
  readonly store: ProjectionStore;
  readonly projections: readonly Projection[];
  readonly eventStore: EventStore;
  readonly transport: Transport;
  /** Reads an event from a record of an events topic: `fromCloudEvent`. */
  readonly read: (headers: Readonly<Record<string, string>>, value: Uint8Array) => RecordedEvent;
  /** Takes the records that are no events; what such a record should have been is read from the event store. */
  readonly deadLetters: DeadLetters;
  /** Prefix of the consumer groups; each projection has its own, `<group>.<projection>`, and with it its own position. */
  readonly group: string;
  readonly clock: Clock;
  /** Documents that the events which are applied at once concern. Default 250. */
  readonly batch?: number;
  /** Called when events were missing on the log and were read from the event store. */
  readonly onHole?: (hole: Hole & { readonly projection: string }) => void;
};

/** Running projections. */
export type RunningProjections = {
  /** Replays a projection beside its live documents and switches; see `rebuildProjection`. */
  rebuild(
    projection: string,
    options?: { readonly onProgress?: (progress: RebuildProgress) => void; readonly signal?: AbortSignal },
  ): Promise<RebuildProgress>;
  /** Resolves after `close`; rejects with what ended a projection for good: a damaged database, or our own bug. The process should end. */
  readonly done: Promise<void>;
  close(): Promise<void>;
};

/** Keeps projections up to date from the log: one consumer group each, batches applied in order, the offset committed some time
 *  after, when the effect is durable. Repeated events change nothing, missing ones are read from the event store. */
export const runProjections = async (options: RunOptions): Promise<RunningProjections> => {
  const { store, projections, eventStore, transport, clock } = options;
  const ended = Promise.withResolvers<void>();
  // While this starts nobody has `done` yet, and a rejection that nobody has asked for must not end the process by itself.
  ended.promise.catch(() => undefined);
  const subscriptions: Subscription[] = [];
  const positions = new Positions(store, clock);
  const announce = announcing(store, transport);
  const close = async (): Promise<void> => {
    await positions.flush();
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    positions.end();
    ended.resolve();
  };
  try {
    await options.deadLetters.prepare([...new Set(projections.flatMap(({ contexts }) => contexts.map(eventTopic)))]);
    for (const projection of projections) await store.prepare(projection);
    // All at once: a broker lets a group that begins wait for its members, three seconds by default.
    const begun = await Promise.allSettled(
      projections.map((projection) =>
        transport.subscribe({
          group: `${options.group}.${projection.name}`,
          topics: projection.contexts.map(eventTopic),
          handler: handlerOf({ ...options, announce }, projection, positions, ended.reject),
        }),
      ),
    );
    for (const one of begun) if (one.status === 'fulfilled') subscriptions.push(one.value);
    for (const one of begun) if (one.status === 'rejected') throw one.reason;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    rebuild: async (name, more = {}) => {
      const projection = projections.find((one) => one.name === name);
      assert(projection !== undefined, `no projection ${name} runs here`);
      const done = await rebuildProjection({
        store,
        projection,
        eventStore,
        clock,
        announce,
        beforeSwitch: () => (projection.announce === undefined ? Promise.resolve() : sumsCaughtUp(options)),
        ...more,
      });
      await transport.send(CHANGES_TOPIC, [toChangeRecord({ view: name, switched: done.generation })]);
      return done;
    },
    done: ended.promise,
    close,
  };
};

/** How long a rebuilt view waits for its sums before it serves; afterwards they catch up while they are read. */
const SUMS_PATIENCE_MS = 30_000;
const SUMS_LOOK_MS = 50;

const sumsCaughtUp = async ({ transport, clock }: RunOptions): Promise<void> => {
  const until = clock.monotonicMs() + SUMS_PATIENCE_MS;
  while (clock.monotonicMs() < until && (await transport.backlog(CHANGES_TOPIC, SUMS_GROUP)).records > 0) await clock.sleep(SUMS_LOOK_MS);
};

const handlerOf = (
  options: RunOptions & { readonly announce: Announce },
  projection: Projection,
  positions: Positions,
  failed: (error: unknown) => void,
): PartitionHandler => {
  const { batch = 250, clock, read, deadLetters } = options;
  return {
    batch: async (partition, records, signal) => {
      const group = `${options.group}.${projection.name}`;
      const { values, unread } = await deadLetters.readEach(records, group, ({ headers, value }) => read(headers, value), signal);
      const events = values.map(({ value }) => value);
      for (const run of runsOf(projection, events, batch)) {
        // Given up in the middle: nothing is committed, the next owner starts over and drops what has been applied.
        if (signal.aborted) return;
        await applyWhole(options, projection, run);
        await clock.yield();
      }
      const streams = new Set<StreamName>(unread.map(({ key }) => streamName(key)));
      for (const stream of streams) await catchUp(options, projection, stream);
      const last = records.at(-1);
      if (last !== undefined) positions.note(partition, last.offset + 1n, signal);
    },
    // Its events are published again by whoever has the log, or found missing by their number and read from the event store.
    damaged: (partition, record, signal) => {
      positions.note(partition, record.offset + 1n, signal);
      return Promise.resolve();
    },
    failed,
  };
};
