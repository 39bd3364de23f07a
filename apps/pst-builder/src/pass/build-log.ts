import { buildStream, type BuildEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { deriveId, Fault, isFault, type Clock } from '@pstream/kernel';

type BuildLogPorts = { readonly store: EventStore; readonly clock: Clock };

/** Appends a fact about a pass's building once per purpose, whatever else is appended meanwhile. Fault 'part.taken-over' (now) for an item
 *  that is said not to be built after the pass has ended. */
export const appendBuildEvent = async (ports: BuildLogPorts, passId: string, purpose: string, event: BuildEvent): Promise<void> => {
  await appendBuildEvents(ports, passId, purpose, [event]);
};

/** The same for several facts in one append; `purpose` names them all. */
export const appendBuildEvents = async (
  ports: BuildLogPorts,
  passId: string,
  purpose: string,
  events: readonly BuildEvent[],
): Promise<void> => {
  const stream = buildStream(passId);
  for (;;) {
    try {
      const before = await ports.store.read(stream);
      // Whoever misses an item after the end was replaced long ago: its claim was cleared away, and the item is in a verified part.
      if (events.some(({ type }) => type === 'ItemUnbuilt') && before.some(({ type }) => type === 'BuildFinished')) {
        throw new Fault('part.taken-over', { retry: 'now', facts: { passId } });
      }
      await ports.store.append({
        context: 'build',
        stream,
        expectedVersion: before.at(-1)?.version ?? 0,
        events,
        at: ports.clock.now(),
        metadata: { commandId: deriveId('build', passId, purpose), by: 'pst-builder' },
      });
      return;
    } catch (error) {
      if (!isFault(error) || error.code !== 'event-store.version-conflict') throw error;
    }
  }
};
