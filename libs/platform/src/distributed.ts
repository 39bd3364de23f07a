import { azureBlobStore, folderBlobStore, limited, retrying, type AzureCredential, type BlobStore } from '@pstream/blob';
import { topics } from '@pstream/contracts';
import { mongoEventStore } from '@pstream/event-store/mongo';
import { retryBudget, type Random } from '@pstream/kernel';
import { mongoProjectionStore } from '@pstream/projections/mongo';
import { masterKeyFromBase64, masterKeyFromFile, type MasterKeys } from '@pstream/secrets';
import { mongoSecretStore } from '@pstream/secrets/mongo';
import { kafkaTransport, type KafkaTransportOptions } from '@pstream/transport/kafka';
import { MongoClient } from 'mongodb';
import type { PlatformConfig } from './config.js';
import { assemble, Opened, type Platform, type SystemPorts } from './platform.js';

export type DistributedOptions = SystemPorts & {
  /** The service, for the brokers' and the database's own logs. */
  readonly name: string;
  /** Whether this process publishes what any process has appended. One relay is enough for the whole store; more repeat events. */
  readonly relay: boolean;
};

const DATABASE = 'pstream';
/** How often the relay looks for what other processes have appended: the time that an event waits at most. */
const RELAY_POLL_MS = 200;
/** Calls to the working storage under way at once, of one process. */
const WORK_IN_FLIGHT = 16;

/** Opens the adapters of a process among others: Kafka, MongoDB, working blobs in Azure (or a shared folder). Creates topics and indexes
 *  that are missing. Faults: 'transport.unavailable', 'event-store.unavailable' (retry), 'storage.unauthorized',
 *  'storage.weak-write-concern', 'secret.bad-key', 'secret.no-key', 'destination.bad-endpoint' (never). */
export const openDistributed = async (config: PlatformConfig, options: DistributedOptions): Promise<Platform> => {
  const { random, ids } = options;
  const opened = new Opened();
  try {
    const keys = await masterKeys(config, random);
    const work = workBlobs(config, options);
    // One place retries, and it is not the driver.
    const client = opened.closes(
      new MongoClient(config.mongoUrl, {
        appName: `pstream-${options.name}`,
        serverSelectionTimeoutMS: 10_000,
        socketTimeoutMS: 30_000,
        retryWrites: false,
        retryReads: false,
      }),
      (it) => it.close(),
    );
    const db = client.db(databaseOf(config.mongoUrl));
    const store = opened.closes(await mongoEventStore({ db }), (it) => it.close());
    const projections = opened.closes(await mongoProjectionStore({ db }), (it) => it.close());
    const secrets = mongoSecretStore({ db, keys, random, ids });
    const transport = opened.closes(await kafkaTransport(kafkaOptions(config, options)), (it) => it.close());
    await transport.ensureTopics(topics({ work: config.workPartitions, items: config.itemPartitions, events: config.eventPartitions }));
    return assemble({ store, transport, projections, work, secrets }, opened, {
      name: options.name,
      relay: options.relay ? { pollMs: RELAY_POLL_MS } : undefined,
    });
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
};

const kafkaOptions = (config: PlatformConfig, { clock, name, log }: DistributedOptions): KafkaTransportOptions => {
  const { kafkaUser: username, kafkaPassword: password = '', kafkaMechanism: mechanism } = config;
  return {
    brokers: config.kafkaBrokers,
    clientId: `pstream-${name}`,
    clock,
    sessionMs: config.kafkaSessionMs,
    notice: (level, event, facts) => log.write(level, event, facts),
    security: {
      ssl: config.kafkaTls === 'on',
      ...(username === undefined
        ? {}
        : { sasl: { mechanism, username, password } as NonNullable<KafkaTransportOptions['security']>['sasl'] }),
    },
    ...(config.kafkaReplication === undefined ? {} : { replicationFactor: config.kafkaReplication }),
  };
};

/** The database that the path of a connection string names. */
const databaseOf = (url: string): string => {
  const path = /^[a-z0-9+]+:\/\/[^/]+\/([^?]*)/.exec(url)?.[1] ?? '';
  return path === '' ? DATABASE : decodeURIComponent(path);
};

const masterKeys = async (config: PlatformConfig, random: Random): Promise<MasterKeys> => ({
  current:
    config.masterKey === undefined
      ? await masterKeyFromFile(config.masterKeyFile ?? '', { create: false, random })
      : masterKeyFromBase64(config.masterKey, random),
  older: config.olderMasterKeys.map((key) => masterKeyFromBase64(key, random)),
});

const workBlobs = (config: PlatformConfig, { clock, random }: DistributedOptions): BlobStore => {
  const { workFolder, workAccount: account = '', workEndpoint: endpoint, workContainer: container } = config;
  if (workFolder !== undefined) return folderBlobStore({ dir: workFolder, random });
  const store = azureBlobStore({
    account,
    container,
    credential: workCredential(config),
    clock,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return retrying(limited(store, { inFlight: WORK_IN_FLIGHT }), { clock, random, budget: retryBudget(clock) });
};

const workCredential = ({ workKey: key, workSas: sas }: PlatformConfig): AzureCredential => {
  if (key !== undefined) return { key };
  return sas === undefined ? { identity: 'default' } : { sas };
};
