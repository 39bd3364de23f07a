import type { RecordedEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { applyWhole } from './apply-whole.js';
import type { Announce } from './announcing.js';
import type { Projection, ProjectionStore } from './projection.js';

/** How far a rebuild has come. `events` counts those replayed into `generation`. */
export type RebuildProgress = { readonly projection: string; readonly generation: string; readonly events: number; readonly done: boolean };

/** What a rebuild works with. */
export type RebuildOptions = {
  readonly store: ProjectionStore;
  readonly projection: Projection;
  readonly eventStore: EventStore;
  readonly clock: Clock;
  /** Events applied at once. Default 2,000. */
  readonly batch?: number;
  /** Told after each batch and at the end. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  readonly announce?: Announce;
  /** Called when everything has been replayed: resolves when the new generation may serve. */
  readonly beforeSwitch?: () => Promise<void>;
  /** Ends the rebuild and drops what it has filled. */
  readonly signal?: AbortSignal;
};

/** Fills a new generation from the event store while the live one goes on, then switches.
 *
 *  Nothing is missed: from `prepare` on, every projector applies what arrives to both generations. An event that arrived
 *  before that was in the event store by then, since the store is written before anything is published, and so the replay,
 *  which starts later, reads it. An event that comes both ways is applied once.
 *
 *  Faults: 'projection.generation-gone' (never) when another rebuild of this projection took over. On any error the new
 *  generation is dropped and the live one stays. */
export const rebuildProjection = async (options: RebuildOptions): Promise<RebuildProgress> => {
  const { store, projection, eventStore, clock, announce, batch = 2_000 } = options;
  const generation = nextGeneration(await store.liveGeneration(projection.name), clock);
  await store.prepare(projection, generation);
  let events = 0;
  const progress = (done: boolean): RebuildProgress => {
    const now = { projection: projection.name, generation, events, done };
    options.onProgress?.(now);
    return now;
  };
  const applyBatch = async (pending: readonly RecordedEvent[]): Promise<void> => {
    await applyWhole({ store, eventStore, ...(announce === undefined ? {} : { announce }) }, projection, pending, generation);
    events += pending.length;
    progress(false);
    await clock.yield();
    options.signal?.throwIfAborted();
  };
  try {
    let pending: RecordedEvent[] = [];
    for await (const event of eventStore.readAll({ contexts: projection.contexts })) {
      pending.push(event);
      if (pending.length < batch) continue;
      await applyBatch(pending);
      pending = [];
    }
    if (pending.length > 0) await applyBatch(pending);
    await options.beforeSwitch?.();
    await store.promote(projection.name, generation);
    return progress(true);
  } catch (error) {
    await store.discard(projection.name, generation).catch(() => undefined);
    throw error;
  }
};

/** Counts on from the live generation; the time keeps two rebuilds that start from the same one apart. */
const nextGeneration = (live: string, clock: Clock): string => {
  const number = Number(/^g(\d+)/.exec(live)?.[1] ?? 0);
  return `g${number + 1}_${Date.parse(clock.now()).toString(36)}`;
};
