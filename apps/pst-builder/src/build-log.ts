import { buildStream, type BuildEvent } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { deriveId, isFault, type Clock } from '@pstream/kernel';

type BuildLogPorts = { readonly store: EventStore; readonly clock: Clock };

/** Appends a fact about a pass's building once per purpose, whatever else is appended meanwhile. */
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
      const expectedVersion = (await ports.store.read(stream)).at(-1)?.version ?? 0;
      await ports.store.append({
        context: 'build',
        stream,
        expectedVersion,
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
