import { buildStream, causeOf, causeOfDefect, type BuildEvent, type PassControl } from '@pstream/contracts';
import { streamOf, type EventStore, type StreamKind } from '@pstream/event-store';
import { deriveId, Fault, type Clock } from '@pstream/kernel';

type BuildLogPorts = { readonly store: EventStore; readonly clock: Clock };

/** All that an append has to know: whether the pass is built to its end. */
const builds: StreamKind<BuildEvent, boolean> = {
  context: 'build',
  evolve: (finished, event) => finished || event.type === 'BuildFinished',
  initial: () => false,
};

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
  await streamOf(ports.store, buildStream(passId), builds).appendOnce({
    commandId: deriveId('build', passId, purpose),
    by: 'pst-builder',
    at: ports.clock.now(),
    events,
    wanted: (finished) => {
      // Whoever misses an item after the end was replaced long ago: its claim was cleared away, and the item is in a verified part.
      if (finished && events.some(({ type }) => type === 'ItemUnbuilt'))
        throw new Fault('part.taken-over', { retry: 'now', facts: { passId } });
      return true;
    },
  });
};

/** Records that an attempt has failed; without a fault, for a bug of ours. */
export const recordFailed = async (ports: BuildLogPorts, control: PassControl, fault: Fault | undefined): Promise<void> => {
  const cause = fault === undefined ? causeOfDefect('pst-builder') : causeOf(fault);
  await appendBuildEvent(ports, control.refs.passId, `failed/${control.attempt}`, {
    type: 'BuildFailed',
    data: { ...control.refs, attempt: control.attempt, cause, at: ports.clock.now() },
  });
};
