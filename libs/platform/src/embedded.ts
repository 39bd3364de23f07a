import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { folderBlobStore, type BlobStore } from '@pstream/blob';
import { topics } from '@pstream/contracts';
import { sqliteEventStore, startRelay, type EventStore } from '@pstream/event-store';
import type { Clock, Ids, Random } from '@pstream/kernel';
import { CLOCK, COMMANDS, EVENT_STORE, IDS, LOG, PROJECTION_STORE, RANDOM, SECRETS, TRANSPORT, WORK_BLOBS, type Log } from '@pstream/nest';
import { sqliteProjectionStore, type ProjectionStore } from '@pstream/projections';
import { fileSecretStore, type SecretStore } from '@pstream/secrets';
import { embeddedTransport, LogClient, type Transport } from '@pstream/transport';

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

export type EmbeddedOptions = { readonly dir: string; readonly clock: Clock; readonly ids: Ids; readonly random: Random; readonly log: Log };

/** Partitions of the embedded log: enough to keep mailboxes from waiting for one another in one process. */
const PARTITIONS = { work: 8, items: 8, events: 4 };

/** Opens the embedded adapters in one data directory: SQLite files, a file log, a folder of working blobs, sealed secrets.
 *  Faults: 'storage.in-use' while another process has the directory open, 'storage.forbidden', 'storage.full'. */
export const openEmbedded = async ({ dir, clock, ids, random, log }: EmbeddedOptions): Promise<Platform> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const closing: (() => Promise<void>)[] = [];
  try {
    const transport = await embeddedTransport({ dir: join(dir, 'log'), clock });
    closing.unshift(() => transport.close());
    await transport.ensureTopics(topics(PARTITIONS));
    const store = sqliteEventStore({ path: join(dir, 'events.sqlite'), clock });
    closing.unshift(() => store.close());
    const projections = sqliteProjectionStore({ path: join(dir, 'views.sqlite') });
    closing.unshift(() => projections.close());
    const work = folderBlobStore({ dir: join(dir, 'work'), random });
    const secrets = await fileSecretStore({ dir: join(dir, 'secrets'), random });
    const relay = startRelay({ store, transport, clock, onProblem: ({ fault, stream }) => log.write('warn', 'relay.waiting', { code: fault.code, ...(stream === undefined ? {} : { stream }) }) });
    closing.unshift(() => relay.close());
    const commands = new LogClient({ transport, clock, ids, clientId: `gateway-${ids.ulid().toLowerCase()}` });
    closing.unshift(async () => commands.close());
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
    return { store, transport, projections, work, secrets, ports, close: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing).catch(() => undefined);
    throw error;
  }
};

const closeAll = async (closing: readonly (() => Promise<void>)[]): Promise<void> => {
  for (const close of closing) await close();
};
