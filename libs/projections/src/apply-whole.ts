import { streamName, type RecordedEvent, type StreamName } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { Fault, isFault } from '@pstream/kernel';
import type { Announce } from './announcing.js';
import type { Hole, Projection, ProjectionStore } from './projection.js';

/** Applies events and closes every hole from the event store, which holds whatever was ever published.
 *
 *  Fault 'projection.event-missing' (retry) if the event store does not have the missing versions: it must have lost them,
 *  or it is being restored. `onHole` gets holes in the live generation only; in one that is being filled they are
 *  the rule: live events are ahead of the replay. */
export const applyWhole = async (
  on: {
    readonly store: ProjectionStore;
    readonly eventStore: EventStore;
    readonly onHole?: (hole: Hole & { readonly projection: string }) => void;
    readonly announce?: Announce;
  },
  projection: Projection,
  events: readonly RecordedEvent[],
  generation?: string,
): Promise<void> => {
  const holes = await on.store.apply(projection, events, generation);
  await on.announce?.(projection, events, generation);
  if (holes.length === 0) return;
  const live = await on.store.liveGeneration(projection.name);
  for (const hole of holes) {
    if (hole.generation === live) on.onHole?.({ ...hole, projection: projection.name });
    const missing = await on.eventStore.read(streamName(hole.stream), hole.seen);
    if ((missing.at(-1)?.version ?? 0) < hole.next || missing[0]?.version !== hole.seen + 1) {
      throw new Fault('projection.event-missing', {
        retry: { afterMs: 1_000 },
        facts: { projection: projection.name, stream: hole.stream, seen: hole.seen, next: hole.next },
        advice: 'The event store lacks events that were published. Restore it, or rebuild the projection without this stream.',
      });
    }
    await on.store.apply(projection, missing, hole.generation).catch((error: unknown) => {
      // The generation was switched or dropped meanwhile; what counts now is asked for by the next event.
      if (generation !== undefined || !isFault(error) || error.code !== 'projection.generation-gone') throw error;
    });
    await on.announce?.(projection, missing, hole.generation);
  }
};

/** Applies what the event store holds of a stream and the live generation has not seen: a record of it on the log could not be read, so
 *  nobody knows whether an event is missing. A stream that does not exist has none. */
export const catchUp = async (on: Parameters<typeof applyWhole>[0], projection: Projection, stream: StreamName): Promise<void> => {
  const seen = await on.store.position(projection.name, stream);
  const missing = (await on.eventStore.read(stream, seen)).filter(({ context }) => projection.contexts.includes(context));
  const [first] = missing;
  if (first === undefined) return;
  on.onHole?.({
    projection: projection.name,
    generation: await on.store.liveGeneration(projection.name),
    stream,
    seen,
    next: first.version,
  });
  await applyWhole(on, projection, missing);
};
