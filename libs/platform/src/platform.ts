import type { BlobStore } from '@pstream/blob';
import { startRelay, type EventStore } from '@pstream/event-store';
import type { Clock, Facts, Ids, Random } from '@pstream/kernel';
import type { ProjectionStore } from '@pstream/projections';
import type { SecretStore } from '@pstream/secrets';
import { DeadLetters, isOurKey, LogClient, type DeadLetter, type Transport } from '@pstream/transport';
import {
  CLOCK,
  COMMANDS,
  DEAD_LETTERS,
  EVENT_STORE,
  FAILED,
  HEALTH,
  IDS,
  LOG,
  PROJECTION_STORE,
  RANDOM,
  SECRETS,
  TRANSPORT,
  WORK_BLOBS,
  type Failed,
  type Log,
  type ProcessHealth,
} from '@pstream/wiring';

/** Time, chance, names and the log of a process. */
export type SystemPorts = { readonly clock: Clock; readonly ids: Ids; readonly random: Random; readonly log: Log };

/** The adapters that a process runs on, whichever they are. */
export type Adapters = {
  readonly store: EventStore;
  readonly transport: Transport;
  readonly projections: ProjectionStore;
  readonly work: BlobStore;
  readonly secrets: SecretStore;
};

/** What a process runs on. */
export type Platform = Adapters & {
  /** Tells the topics of this process's answers from those of others. */
  readonly name: string;
  /** How this process publishes the events of the whole store; undefined if another does. */
  readonly relay: { readonly pollMs?: number } | undefined;
  /** Closes the stores. Whatever uses them must have stopped before. */
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

/** A platform of its adapters. Nothing runs yet: `connect` does that. */
export const assemble = (
  adapters: Adapters,
  opened: Opened,
  options: { readonly name: string; readonly relay: { readonly pollMs?: number } | undefined },
): Platform => ({ ...adapters, ...options, close: () => opened.close() });

/** What runs on a platform before any module does. */
export type Connected = {
  /** The ports under the tokens by which modules ask for them. */
  readonly ports: ReadonlyMap<symbol, unknown>;
  readonly deadLetters: DeadLetters;
  /** Ends the relay and the command client. The modules must have stopped before. */
  close(): Promise<void>;
};

/** Starts what every process has: the command client, the dead letters, and the relay where this process publishes. Whatever of it ends
 *  by an error goes to `failed`. */
export const connect = (
  platform: Platform,
  system: SystemPorts,
  process: { readonly health: ProcessHealth; readonly failed: Failed },
): Connected => {
  const { store, transport, projections, work, secrets, name } = platform;
  const { clock, ids, random, log } = system;
  const { health, failed } = process;
  const opened = new Opened();
  const deadLetters = new DeadLetters(transport, { clock, written: (letter) => log.write('error', 'dead-letter', letterFacts(letter)) });
  health.counts('deadLetters', () => deadLetters.counts);
  if (platform.relay !== undefined) {
    const onProblem: Parameters<typeof startRelay>[0]['onProblem'] = ({ fault, stream }) =>
      log.write('warn', 'relay.waiting', { code: fault.code, ...(stream === undefined ? {} : { stream }) });
    const relay = opened.closes(startRelay({ store, transport, clock, onProblem, ...platform.relay }), (it) => it.close());
    relay.done.catch(failed);
  }
  const clientId = `${name}-${ids.ulid().toLowerCase()}`;
  const commands = opened.closes(new LogClient({ transport, clock, ids, clientId, deadLetters, failed }), (client) => client.close());
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
    [DEAD_LETTERS, deadLetters],
    [HEALTH, health],
    [FAILED, failed],
  ]);
  return { ports, deadLetters, close: () => opened.close() };
};

const letterFacts = ({ offset, key, facts, ...letter }: DeadLetter): Facts => ({
  ...letter,
  offset: String(offset),
  ...(isOurKey(key) ? { key } : {}),
  ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [`fact_${name}`, value])),
});
