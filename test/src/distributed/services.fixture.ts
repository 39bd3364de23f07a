import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '@pstream/kernel';
import {
  azuriteServer,
  kafkaServer,
  mongoServer,
  repositoryRoot,
  startChild,
  tempDir,
  type AzuriteServer,
  type Child,
  type KafkaServer,
  type TestServer,
} from '@pstream/testing';

/** The services that run as processes of their own. */
export const SERVICES = [
  'gateway',
  'licensing',
  'notifier',
  'people',
  'projects',
  'credentials',
  'extractor',
  'pst-builder',
  'projector',
] as const;
export type ServiceName = (typeof SERVICES)[number];

const mainOf = (service: ServiceName): string => join(repositoryRoot, 'apps', service, 'dist', 'main.js');

/** Services that have not been compiled. */
const notBuilt = (): readonly ServiceName[] => SERVICES.filter((service) => !existsSync(mainOf(service)));

/** Where the services find one another. */
export type Surroundings = { readonly kafka: KafkaServer; readonly mongo: TestServer; readonly azurite: AzuriteServer };

/** Servers for a test file, or why there are none. */
export const findSurroundings = async (): Promise<Surroundings | { readonly skipped: string }> => {
  const missing = notBuilt();
  if (missing.length > 0) return { skipped: `not compiled: ${missing.join(', ')}` };
  const [kafka, mongo, azurite] = await Promise.all([kafkaServer(), mongoServer(), azuriteServer()]);
  const skipped = [kafka, mongo, azurite].flatMap((server) => ('skipped' in server ? [server.skipped] : []));
  if ('skipped' in kafka || 'skipped' in mongo || 'skipped' in azurite) return { skipped: skipped.join('; ') };
  return { kafka, mongo, azurite };
};

export const closeSurroundings = async ({ kafka, mongo, azurite }: Surroundings): Promise<void> => {
  await Promise.all([kafka.close(), mongo.close(), azurite.close()]);
};

/** A service, or the second or third process of it: `extractor`, `extractor/2`. */
export type ProcessName = ServiceName | `${ServiceName}/${number}`;

/** All services as local processes. `kill` ends one as a crash would, `start` starts another in its place. */
export class Services {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Map<ProcessName, Child>();
  readonly #tokensDir = join(tempDir(), 'tokens');

  constructor({ kafka, mongo, azurite }: Surroundings, settings: Readonly<Record<string, string>> = {}) {
    const url = new URL(mongo.url);
    url.pathname = `/services-${process.pid}`;
    this.#environment = {
      PSTREAM_KAFKA_BROKERS: kafka.brokers.join(','),
      // The shortest that brokers take: what a crash costs.
      PSTREAM_KAFKA_SESSION_MS: '6000',
      PSTREAM_WORK_PARTITIONS: '4',
      PSTREAM_ITEM_PARTITIONS: '4',
      PSTREAM_EVENT_PARTITIONS: '2',
      PSTREAM_MONGO_URL: url.href,
      PSTREAM_WORK_ACCOUNT: azurite.account,
      PSTREAM_WORK_ENDPOINT: azurite.endpoint,
      PSTREAM_WORK_KEY: azurite.key,
      PSTREAM_MASTER_KEY: Buffer.from(systemRandom.bytes(32)).toString('base64'),
      PSTREAM_HEALTH_PORT: '0',
      PSTREAM_PORT: '0',
      PSTREAM_TOKENS: this.#tokensDir,
      PSTREAM_CARDS: 'trial',
      // Small units and frequent checkpoints, so that a crash meets work that is half done.
      PSTREAM_EXTRACTOR_PAGE_ITEMS: '40',
      PSTREAM_EXTRACTOR_SLICE_ITEMS: '20',
      PSTREAM_EXTRACTOR_CLAIM_BYTES: '16KiB',
      PSTREAM_BUILDER_CHECKPOINT_MS: '500',
      ...settings,
    };
  }

  async startAll(): Promise<void> {
    await Promise.all(SERVICES.map((service) => this.start(service)));
  }

  async start(name: ProcessName): Promise<void> {
    const child = await startChild({
      name,
      command: process.execPath,
      args: ['--disable-warning=TimeoutNegativeWarning', mainOf(name.split('/')[0] as ServiceName)],
      env: this.#environment,
      readyLine: /"event":"service.running"/,
    });
    this.#running.set(name, child);
  }

  /** SIGKILL: nothing is flushed, nobody is warned. */
  async kill(name: ProcessName): Promise<void> {
    const child = this.#running.get(name);
    child?.signal('SIGKILL');
    await child?.exited;
  }

  /** SIGTERM to all; their exit codes. */
  async stopAll(): Promise<Readonly<Record<string, number | NodeJS.Signals>>> {
    const codes: Record<string, number | NodeJS.Signals> = {};
    await Promise.all(
      [...this.#running].map(async ([service, child]) => {
        await child.stop(30_000);
        codes[service] = await child.exited;
      }),
    );
    return codes;
  }

  /** Address of the gateway, and the token that it left at its first start. */
  get door(): { readonly url: string; readonly token: string } {
    const url = /"event":"service.running".*"url":"([^"]+)"/.exec(this.#running.get('gateway')?.output() ?? '')?.[1] ?? '';
    return { url, token: readFileSync(join(this.#tokensDir, 'first-token'), 'utf8').trim() };
  }

  /** Events of the log of a process that still shows them, oldest first. */
  logged(name: ProcessName): readonly string[] {
    const output = this.#running.get(name)?.output() ?? '';
    return [...output.matchAll(/"event":"([^"]+)"/g)].map(([, event]) => event ?? '');
  }

  /** What the services last wrote, for a failure's message. */
  output(): string {
    return [...this.#running].map(([service, child]) => `— ${service}\n${child.output().slice(-3_000)}`).join('\n');
  }
}
