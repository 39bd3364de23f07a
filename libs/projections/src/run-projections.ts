import { eventTopic, fromCloudEvent, type RecordedEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { assert, Fault, type Clock } from '@pstream/kernel';
import type { LogRecord, PartitionHandler, Subscription, Transport } from '@pstream/transport';
import { applyWhole } from './apply-whole.js';
import type { Hole, Projection, ProjectionStore } from './projection.js';
import { rebuildProjection, type RebuildProgress } from './rebuild.js';

/** What projections run on. The topics of their contexts must be there. */
export type RunOptions = {
  readonly store: ProjectionStore;
  readonly projections: readonly Projection[];
  readonly eventStore: EventStore;
  readonly transport: Transport;
  /** Prefix of the consumer groups; each projection has its own, `<group>.<projection>`, and with it its own position. */
  readonly group: string;
  readonly clock: Clock;
  /** Events applied at once. Default 1,000. */
  readonly batch?: number;
  /** Told when events were missing on the log and were read from the event store. */
  readonly onHole?: (hole: Hole & { readonly projection: string }) => void;
};

/** Running projections. */
export type RunningProjections = {
  /** Replays a projection beside its live documents and switches; see `rebuildProjection`. */
  rebuild(
    projection: string,
    options?: { readonly onProgress?: (progress: RebuildProgress) => void; readonly signal?: AbortSignal },
  ): Promise<RebuildProgress>;
  /** Resolves after `close`; rejects with what ended a projection for good: a damaged record or database, or our own bug. */
  readonly done: Promise<void>;
  close(): Promise<void>;
};

/** Batches of all projections that end within this time share one sync of the disk. */
const SETTLE_MS = 20;

/** Keeps projections up to date from the log: one consumer group each, batches applied in order, the offset committed after
 *  the effect is durable. Repeated events change nothing, missing ones are read from the event store. */
export const runProjections = async (options: RunOptions): Promise<RunningProjections> => {
  const { store, projections, eventStore, transport, clock } = options;
  const ended = Promise.withResolvers<void>();
  // While this starts nobody has `done` yet; what ends a projection then is told by the start's own rejection.
  ended.promise.catch(() => undefined);
  const subscriptions: Subscription[] = [];
  const settled = together(clock, () => store.settle());
  const close = async (): Promise<void> => {
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    ended.resolve();
  };
  try {
    for (const projection of projections) {
      await store.prepare(projection);
      subscriptions.push(
        await transport.subscribe({
          group: `${options.group}.${projection.name}`,
          topics: projection.contexts.map(eventTopic),
          handler: handlerOf(options, projection, settled, ended.reject),
        }),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    rebuild: async (name, more = {}) => {
      const projection = projections.find((one) => one.name === name);
      assert(projection !== undefined, `no projection ${name} runs here`);
      return rebuildProjection({ store, projection, eventStore, clock, ...more });
    },
    done: ended.promise,
    close,
  };
};

/** Work done once for everybody who asks for it within a moment. */
const together = (clock: Clock, work: () => Promise<void>): (() => Promise<void>) => {
  let next: Promise<void> | undefined;
  return () =>
    (next ??= clock.sleep(SETTLE_MS).then(() => {
      next = undefined;
      return work();
    }));
};

const handlerOf = (
  options: RunOptions,
  projection: Projection,
  settled: () => Promise<void>,
  failed: (error: unknown) => void,
): PartitionHandler => {
  const { batch = 1_000, clock } = options;
  return {
    batch: async (partition, records, signal) => {
      const events = records.map(toEvent);
      for (let start = 0; start < events.length; start += batch) {
        // Given up in the middle: nothing is committed, the next owner starts over and drops what has been applied.
        if (signal.aborted) return;
        await applyWhole(options, projection, events.slice(start, start + batch));
        await clock.yield();
      }
      const last = records.at(-1);
      if (last === undefined) return;
      await settled();
      if (!signal.aborted) await partition.commit(last.offset + 1n);
    },
    failed,
  };
};

const toEvent = (record: LogRecord): RecordedEvent => {
  try {
    return fromCloudEvent(record.headers, record.value);
  } catch (error) {
    throw new Fault('projection.unreadable-event', {
      retry: 'never',
      facts: { topic: record.topic, partition: record.partition, offset: String(record.offset) },
      cause: error,
      advice: 'A record on an events topic is not one of our events. Find out who wrote it; the events themselves are in the event store.',
    });
  }
};
