import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { discardStaged, folderBlobStore } from '@pstream/blob';
import { topics } from '@pstream/contracts';
import { sqliteEventStore } from '@pstream/event-store';
import { sqliteProjectionStore } from '@pstream/projections';
import { fileSecretStore } from '@pstream/secrets';
import { threadStorage } from '@pstream/storage';
import { embeddedTransport } from '@pstream/transport';
import { assemble, Opened, type Platform, type SystemPorts } from './platform.js';

export type EmbeddedOptions = SystemPorts & { readonly dir: string };

/** Partitions of the embedded log: enough to keep mailboxes from waiting for one another in one process. */
const PARTITIONS = { work: 8, items: 8, events: 4 };

/** Opens the embedded adapters in one data directory: SQLite files, a file log, a folder of working blobs, sealed secrets.
 *  Faults: 'storage.in-use' while another process has the directory open, 'storage.forbidden', 'storage.full'. */
export const openEmbedded = async ({ dir, ...system }: EmbeddedOptions): Promise<Platform> => {
  const { clock, random } = system;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const opened = new Opened();
  try {
    const storage = opened.closes(threadStorage(), (it) => it.close());
    const store = opened.closes(await sqliteEventStore({ storage, path: join(dir, 'events.sqlite'), clock }), (it) => it.close());
    const transport = opened.closes(await embeddedTransport({ storage, path: join(dir, 'log.sqlite'), clock }), (it) => it.close());
    await transport.ensureTopics(topics(PARTITIONS));
    const projections = opened.closes(sqliteProjectionStore({ path: join(dir, 'views.sqlite') }), (it) => it.close());
    // The log's lock is ours, so whoever staged something has died.
    await discardStaged({ dir: join(dir, 'work') });
    const work = folderBlobStore({ dir: join(dir, 'work'), random });
    const secrets = await fileSecretStore({ dir: join(dir, 'secrets'), random });
    return assemble({ store, transport, projections, work, secrets }, opened, system, { name: 'gateway', relay: {} });
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
};
