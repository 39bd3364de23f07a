import { discardStaged, folderBlobStore } from '@pstream/blob';
import { topics } from '@pstream/contracts';
import { sqliteEventStore } from '@pstream/event-store';
import { sqliteProjectionStore } from '@pstream/projections';
import { fileSecretStore } from '@pstream/secrets';
import { threadStorage } from '@pstream/storage';
import { embeddedTransport, type DamagedRecord } from '@pstream/transport';
import type { Failed } from '@pstream/wiring';
import { backupDirectory } from './backup.js';
import { dataPaths, prepareDirectory } from './data-directory.js';
import { repairing, replaceLog, type RepairPorts } from './log-repair.js';
import { assemble, Opened, type Platform, type SystemPorts } from './platform.js';

/** `failed` gets the error by which the storage thread has ended. */
export type EmbeddedOptions = SystemPorts & { readonly dir: string; readonly failed: Failed };

/** The platform of one data directory. */
export type EmbeddedPlatform = Platform & {
  /** Copies everything that a restore needs into a new directory, while the system runs. Fault 'backup.not-empty' (never). */
  backupTo(dir: string): Promise<void>;
};

/** Partitions of the embedded log: enough to keep mailboxes from waiting for one another in one process. */
const PARTITIONS = { work: 8, items: 8, events: 4 };

/** Opens the embedded adapters in one data directory: databases for events, log and views, a folder of working blobs, sealed secrets. A log
 *  that is missing or has lost its end is replaced: events are published again, passes under way go through what they have still to do.
 *  Faults: 'storage.in-use' while another process has the directory open, 'storage.full', those of `prepareDirectory`, and
 *  'storage.corrupt', 'storage.other-format', 'storage.not-of-this-set' (never; facts file). */
export const openEmbedded = async ({ dir, clock, random, ids, log, failed }: EmbeddedOptions): Promise<EmbeddedPlatform> => {
  const paths = dataPaths(dir);
  await prepareDirectory(dir);
  const opened = new Opened();
  try {
    const storage = opened.closes(threadStorage({ stopped: failed }), (it) => it.close());
    const store = opened.closes(await sqliteEventStore({ storage, path: paths.events, clock, identity: ids.ulid() }), (it) => it.close());
    let repair: (record: DamagedRecord) => void = () => undefined;
    const transport = opened.closes(
      await embeddedTransport({ storage, path: paths.log, clock, belongsTo: store.identity, damaged: (record) => repair(record) }),
      (it) => it.close(),
    );
    await transport.ensureTopics(topics(PARTITIONS));
    const ports: RepairPorts = { store, transport, log };
    repair = repairing(ports);
    if (store.cutShort) log.write('error', 'storage.journal-damaged', { file: 'events.sqlite' });
    if (transport.incomplete && !store.wasEmpty) await replaceLog(ports);
    const views = opened.closes(threadStorage({ stopped: failed }), (it) => it.close());
    const projections = opened.closes(
      await sqliteProjectionStore({ storage: views, path: paths.views, clock, belongsTo: store.identity }),
      (it) => it.close(),
    );
    // The lock of the events is ours, so whoever staged something has died.
    await discardStaged({ dir: paths.work });
    const work = folderBlobStore({ dir: paths.work, random });
    const secrets = await fileSecretStore({ dir: paths.secrets, random });
    const platform = assemble({ store, transport, projections, work, secrets }, opened, { name: 'gateway', relay: {} });
    return { ...platform, backupTo: (to) => backupDirectory(store, dir, to) };
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
};
