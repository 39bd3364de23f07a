import type { ConfigKeys, ConfigOf } from '@pstream/wiring';
import { z } from 'zod';

const needed = (about: string) => z.string({ error: 'a value is needed' }).min(1).describe(about);
const optional = (about: string) => z.string().min(1).optional().describe(about);
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Keys of the adapters of a distributed process: Kafka, MongoDB, working storage, master key. */
export const platformKeys = {
  kafkaBrokers: {
    env: 'PSTREAM_KAFKA_BROKERS',
    schema: z
      .string({ error: 'a value is needed' })
      .min(1)
      .transform((text) => text.split(',').map((broker) => broker.trim()))
      .describe('Kafka brokers, host:port, a comma between several.'),
  },
  kafkaTls: { env: 'PSTREAM_KAFKA_TLS', schema: z.enum(['on', 'off']).default('off').describe('TLS to the brokers: on or off.') },
  kafkaUser: { env: 'PSTREAM_KAFKA_USER', schema: optional('User that the brokers know (SASL); none by default.') },
  kafkaPassword: { env: 'PSTREAM_KAFKA_PASSWORD', secret: true, schema: optional('Password of that user.') },
  kafkaMechanism: {
    env: 'PSTREAM_KAFKA_MECHANISM',
    schema: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
      .default('scram-sha-512')
      .describe('How the user signs in: plain, scram-sha-256 or scram-sha-512.'),
  },
  kafkaReplication: {
    env: 'PSTREAM_KAFKA_REPLICATION',
    schema: whole(1, 9).optional().describe("Copies of each topic that is made, 1 to 9; the brokers' own setting by default."),
  },
  kafkaSessionMs: {
    env: 'PSTREAM_KAFKA_SESSION_MS',
    schema: whole(6_000, 300_000)
      .default(10_000)
      .describe('Milliseconds after which a worker that fell silent loses its partitions, 6000 to 300000.'),
  },
  workPartitions: {
    env: 'PSTREAM_WORK_PARTITIONS',
    schema: whole(1, 1_000)
      .default(24)
      .describe(
        'Partitions of the work topic when it is made: the most extractors that share the work, 1 to 1000. Divisors of 120 are shared evenly.',
      ),
  },
  itemPartitions: {
    env: 'PSTREAM_ITEM_PARTITIONS',
    schema: whole(1, 1_000)
      .default(24)
      .describe(
        'Partitions of the items topic when it is made: the most builders that share the work, 1 to 1000. Divisors of 120 are shared evenly.',
      ),
  },
  eventPartitions: {
    env: 'PSTREAM_EVENT_PARTITIONS',
    schema: whole(1, 100).default(4).describe('Partitions of each topic of events when it is made, 1 to 100.'),
  },
  mongoUrl: {
    env: 'PSTREAM_MONGO_URL',
    secret: true,
    schema: needed('MongoDB connection string; its path names the database, pstream by default.'),
  },
  workFolder: {
    env: 'PSTREAM_WORK_FOLDER',
    schema: optional('Folder for working blobs that all processes share, instead of a storage account.'),
  },
  workAccount: {
    env: 'PSTREAM_WORK_ACCOUNT',
    schema: optional('Azure storage account for working blobs (claims, page manifests, checkpoints).'),
  },
  workEndpoint: { env: 'PSTREAM_WORK_ENDPOINT', schema: optional('Blob endpoint of that account; the public cloud by default.') },
  workContainer: {
    env: 'PSTREAM_WORK_CONTAINER',
    schema: z.string().default('pstream-work').describe('Container for working blobs; made when it is absent.'),
  },
  workKey: {
    env: 'PSTREAM_WORK_KEY',
    secret: true,
    schema: optional('Key of that account. Without key and SAS the identity of the machine is used.'),
  },
  workSas: { env: 'PSTREAM_WORK_SAS', secret: true, schema: optional('Shared access signature for the container, instead of the key.') },
  masterKey: {
    env: 'PSTREAM_MASTER_KEY',
    secret: true,
    schema: optional('Key that seals stored secrets: 32 bytes in base64, the same in every process; openssl rand -base64 32.'),
  },
  masterKeyFile: { env: 'PSTREAM_MASTER_KEY_FILE', schema: optional('File with that key instead, readable by its owner only.') },
  olderMasterKeys: {
    env: 'PSTREAM_OLDER_MASTER_KEYS',
    secret: true,
    schema: z
      .string()
      .default('')
      .transform((text) => text.split(',').filter((key) => key.trim() !== ''))
      .describe('Earlier master keys that still open what they sealed, in base64, a comma between several.'),
  },
} satisfies ConfigKeys;

export type PlatformConfig = ConfigOf<typeof platformKeys>;

const logLevel = {
  env: 'PSTREAM_LOG',
  schema: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least level that is written to the log on standard error.'),
} as const;

/** Keys of a process that holds everything in one directory. */
export const embeddedKeys = {
  dataDir: {
    env: 'PSTREAM_DATA',
    schema: z
      .string()
      .default('pstream-data')
      .describe('Directory of the embedded system: events, log, read models, working files, sealed secrets.'),
  },
  logLevel,
} satisfies ConfigKeys;

/** Keys of every process of its own: log, health endpoint, patience at the start. */
export const serviceKeys = {
  logLevel,
  healthHost: {
    env: 'PSTREAM_HEALTH_HOST',
    schema: z.string().default('127.0.0.1').describe('Address of the health endpoint; loopback by default.'),
  },
  healthPort: {
    env: 'PSTREAM_HEALTH_PORT',
    schema: whole(0, 65_535).default(8081).describe('Port of the health endpoint, GET /health; 0 takes any free one.'),
  },
  startWaitMs: {
    env: 'PSTREAM_START_WAIT_MS',
    schema: whole(0, 3_600_000)
      .default(60_000)
      .describe('Milliseconds for which a start waits for brokers, database and storage, 0 to 3600000.'),
  },
} satisfies ConfigKeys;

/** What is wrong with keys taken together; empty if they fit. */
export const platformProblems = (config: PlatformConfig): readonly string[] => {
  const problems: string[] = [];
  if (config.kafkaUser !== undefined && config.kafkaPassword === undefined)
    problems.push('PSTREAM_KAFKA_PASSWORD: a value is needed with PSTREAM_KAFKA_USER.');
  if ((config.workFolder === undefined) === (config.workAccount === undefined))
    problems.push('PSTREAM_WORK_ACCOUNT, PSTREAM_WORK_FOLDER: exactly one of the two is needed.');
  if (config.workKey !== undefined && config.workSas !== undefined)
    problems.push('PSTREAM_WORK_KEY, PSTREAM_WORK_SAS: only one of the two can be used.');
  if ((config.masterKey === undefined) === (config.masterKeyFile === undefined))
    problems.push('PSTREAM_MASTER_KEY, PSTREAM_MASTER_KEY_FILE: exactly one of the two is needed.');
  return problems;
};

/** The environment as configuration sees it. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;
