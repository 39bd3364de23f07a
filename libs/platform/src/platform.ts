import type { BlobStore } from '@pstream/blob';
import { startRelay, type EventStore } from '@pstream/event-store';
import type { Clock, Ids, Random } from '@pstream/kernel';
import {
  CLOCK,
  COMMANDS,
  EVENT_STORE,
  IDS,
  LOG,
  PROJECTION_STORE,
  RANDOM,
  SECRETS,
  TRANSPORT,
  WORK_BLOBS,
  type Log,
} from '@pstream/wiring';
import type { ProjectionStore } from '@pstream/projections';
import type { SecretStore } from '@pstream/secrets';
import { LogClient, type Transport } from '@pstream/transport';

/** Time, chance, names and the log of a process. */
export type SystemPorts = { readonly clock: Clock; readonly ids: Ids; readonly random: Random; readonly log: Log };

/** What a process runs on, whichever adapters are behind it. */
export type Platform = {
  readonly store: EventStore;
  readonly transport: Transport;
  readonly projections: ProjectionStore;
  readonly work: BlobStore;
  readonly secrets: SecretStore;
  /** The ports under the tokens by which Nest modules ask for them. */
  readonly ports: ReadonlyMap<symbol, unknown>;
  /** Ends the relay and closes the stores. The modules must have stopped before. */
  close(): Promise<void>;
};

/** The adapters of a platform, opened one after another; whatever was opened is closed in the reverse order. */
export class Opened {
  readonly #closing: (() => Promise<void>)[] = [];

  /** Notes how to close what was just opened. */
  closes<T>(opened: T, close: (opened: T) => Promise<void>): T {
    this.#closing.unshift(() => close(opened));
    return opened;
  }

  /** Closes everything, whatever fails on the way; rejects with the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closing.splice(0)) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/** The adapters of a platform. */
export type Adapters = Pick<Platform, 'store' | 'transport' | 'projections' | 'work' | 'secrets'>;

/** A platform over its adapters: the command client, the relay where one is asked for, and the ports by their tokens. `name` tells the
 *  topics of this process's answers from those of others. */
export const assemble = (
  adapters: Adapters,
  opened: Opened,
  system: SystemPorts,
  options: { readonly name: string; readonly relay: { readonly pollMs?: number } | undefined },
): Platform => {
  const { store, transport, projections, work, secrets } = adapters;
  const { clock, ids, random, log } = system;
  if (options.relay !== undefined) {
    const onProblem: Parameters<typeof startRelay>[0]['onProblem'] = ({ fault, stream }) =>
      log.write('warn', 'relay.waiting', { code: fault.code, ...(stream === undefined ? {} : { stream }) });
    opened.closes(startRelay({ store, transport, clock, onProblem, ...options.relay }), (relay) => relay.close());
  }
  const commands = opened.closes(
    new LogClient({ transport, clock, ids, clientId: `${options.name}-${ids.ulid().toLowerCase()}` }),
    (client) => client.close(),
  );
  const ports = new Map<symbol, unknown>([
    [CLOCK, clock],
    [IDS, ids],
    [RANDOM, random],
    [LOG, log],
    [EVENT_STORE, store],
    [TRANSPORT, transport],
    [PROJECTION_STORE, projections],
    [WORK_BLOBS, work],
    [SECRETS, secrets],
    [COMMANDS, commands],
  ]);
  return { ...adapters, ports, close: () => opened.close() };
};
