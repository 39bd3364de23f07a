import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { afterTheFile } from '../jest-globals.js';
import { commandExists, freePort, runToEnd, startChild } from './child.js';
import { kafkaProxy, type KafkaProxy } from './kafka-proxy.js';
import { mavenJars } from './maven-jars.js';

/** A Kafka broker for tests. `kind` says in plain words what it is, e.g. `Apache Kafka 4.1.0 (local)`. */
export type KafkaServer = {
  readonly brokers: readonly string[];
  /** Leads to the same broker and can be made to fail; undefined where the broker is not ours to configure. */
  readonly proxy: KafkaProxy | undefined;
  readonly kind: string;
  close(): Promise<void>;
};

const IMAGE = 'apache/kafka:4.1.0';
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Finds or starts a Kafka broker for tests: env PSTREAM_TEST_KAFKA (`host:port`, comma between several), else a container where
 *  an engine answers, else Apache Kafka from Maven where Java and Maven are there, else `skipped` with the reason. Prints which
 *  it is. With env PSTREAM_REQUIRE_SERVERS=1 a skip is thrown instead. Call it once per test file, in `beforeAll`. */
export const kafkaServer = async (): Promise<KafkaServer | { readonly skipped: string }> => {
  const found = await firstThatWorks();
  process.stderr.write(`Kafka for tests: ${'skipped' in found ? `skipped: ${found.skipped}` : found.kind}\n`);
  if ('skipped' in found && process.env['PSTREAM_REQUIRE_SERVERS'] === '1') throw new Error(`a Kafka broker is required: ${found.skipped}`);
  return found;
};

const firstThatWorks = async (): Promise<KafkaServer | { readonly skipped: string }> => {
  const given = process.env['PSTREAM_TEST_KAFKA'];
  if (given !== undefined && given !== '') {
    return { brokers: given.split(','), proxy: undefined, kind: 'the broker of PSTREAM_TEST_KAFKA', close: () => Promise.resolve() };
  }
  const container = await inContainer();
  if (!('skipped' in container)) return container;
  const local = await fromMaven();
  return 'skipped' in local ? { skipped: `${container.skipped}; ${local.skipped}` } : local;
};

/** A listener of the broker: where it binds, and the address that it tells clients. */
type Listener = { readonly bound: string; readonly advertised: string };

/** Settings of a single broker that is also its own controller, for tests: no copies, no wait before the first rebalance. */
const settings = (direct: Listener, proxied: Listener, controllerPort: number): Readonly<Record<string, string>> => ({
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  listeners: `PLAINTEXT://${direct.bound},PROXIED://${proxied.bound},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://${direct.advertised},PROXIED://${proxied.advertised}`,
  'inter.broker.listener.name': 'PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  'message.max.bytes': String(MAX_MESSAGE_BYTES),
  'replica.fetch.max.bytes': String(MAX_MESSAGE_BYTES),
});

const inContainer = async (): Promise<KafkaServer | { readonly skipped: string }> => {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  let host: string;
  try {
    host = (await getContainerRuntimeClient()).info.containerRuntime.host;
  } catch {
    return { skipped: 'no container engine answers' };
  }
  const [port, behind, proxy] = [await freePort(), await freePort(), await kafkaProxy()];
  const listeners = [
    { bound: '0.0.0.0:9092', advertised: `${host}:${port}` },
    { bound: '0.0.0.0:9094', advertised: proxy.brokers[0]! },
  ] as const;
  const environment = Object.fromEntries(
    Object.entries(settings(...listeners, 9093)).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
  );
  let container: StartedTestContainer;
  try {
    container = await new GenericContainer(IMAGE)
      .withEnvironment(environment)
      .withExposedPorts({ container: 9092, host: port }, { container: 9094, host: behind })
      .withStartupTimeout(120_000)
      .start();
  } catch {
    proxy.close();
    return { skipped: `${IMAGE} could not be started` };
  }
  await answers(host, port);
  proxy.to(host, behind);
  return {
    brokers: [`${host}:${port}`],
    proxy,
    kind: `${IMAGE} (container)`,
    close: async () => {
      proxy.close();
      await container.stop();
    },
  };
};

const fromMaven = async (): Promise<KafkaServer | { readonly skipped: string }> => {
  for (const tool of ['java', 'mvn']) if (!commandExists(tool)) return { skipped: `no ${tool} for a local broker` };
  const jars = await mavenJars('kafka');
  if (jars === undefined) return { skipped: 'the jars of the broker could not be downloaded' };
  const dir = mkdtempSync(join(tmpdir(), 'pstream-kafka-'));
  const clean = (): void => rmSync(dir, { recursive: true, force: true });
  afterTheFile(clean);
  const [port, behind, controllerPort, proxy] = [await freePort(), await freePort(), await freePort(), await kafkaProxy()];
  const file = join(dir, 'server.properties');
  const direct = { bound: `127.0.0.1:${port}`, advertised: `127.0.0.1:${port}` };
  const proxied = { bound: `127.0.0.1:${behind}`, advertised: proxy.brokers[0]! };
  const all = { ...settings(direct, proxied, controllerPort), 'log.dirs': join(dir, 'data') };
  writeFileSync(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const java = ['-Xmx512m', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(jars, '*')];
  const format = await runToEnd('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', 'cHN0cmVhbS10ZXN0cy0wMQ', '-c', file]);
  if (format.code !== 0) throw new Error(`the broker's storage could not be formatted:\n${format.output}`);
  const child = await startChild({ name: 'Apache Kafka', command: 'java', args: [...java, 'kafka.Kafka', file], readyPort: port });
  await answers('127.0.0.1', port);
  proxy.to('127.0.0.1', behind);
  const version = /kafka-clients-([\d.]+)\.jar/.exec(readFileSync(join(jars, 'versions.txt'), 'utf8'))?.[1] ?? 'of unknown version';
  return {
    brokers: [`127.0.0.1:${port}`],
    proxy,
    kind: `Apache Kafka ${version} (local)`,
    close: async () => {
      proxy.close();
      await child.stop();
      clean();
    },
  };
};

/** Waits until the broker answers a request (ApiVersions): an open port is not yet a broker that serves. */
const answers = async (host: string, port: number): Promise<void> => {
  const started = performance.now();
  while (performance.now() - started < 60_000) {
    if (await asksVersions(host, port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the broker on port ${port} does not answer`);
};

const asksVersions = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    // Size 10: api key 18, version 0, correlation id 1, no client id.
    const request = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff]);
    const socket = connect({ host, port }, () => socket.write(request));
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(2_000, () => done(false));
    socket.once('data', (data) => done(data.length >= 10 && data.readInt16BE(8) === 0));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
