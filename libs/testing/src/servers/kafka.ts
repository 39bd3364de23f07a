import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedTestContainer } from 'testcontainers';
import { afterTheFile } from '../jest-globals.js';
import { commandExists, freePort, runToEnd, startChild } from './child.js';
import { mavenJars } from './maven-jars.js';

/** A Kafka broker for tests. `kind` says in plain words what it is, e.g. `Apache Kafka 4.1.0 (local)`. */
export type KafkaServer = { readonly brokers: readonly string[]; readonly kind: string; close(): Promise<void> };

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
    return { brokers: given.split(','), kind: 'the broker of PSTREAM_TEST_KAFKA', close: () => Promise.resolve() };
  }
  const container = await inContainer();
  if (!('skipped' in container)) return container;
  const local = await fromMaven();
  return 'skipped' in local ? { skipped: `${container.skipped}; ${local.skipped}` } : local;
};

/** Settings of a single broker that is also its own controller, for tests: no copies, no wait before the first rebalance. */
const settings = (listener: string, advertised: string, controllerPort: number): Readonly<Record<string, string>> => ({
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  listeners: `PLAINTEXT://${listener},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://${advertised}`,
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
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
  const port = await freePort();
  const environment = Object.fromEntries(
    Object.entries(settings('0.0.0.0:9092', `${host}:${port}`, 9093)).map(([name, value]) => [
      `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
      value,
    ]),
  );
  let container: StartedTestContainer;
  try {
    container = await new GenericContainer(IMAGE)
      .withEnvironment(environment)
      .withExposedPorts({ container: 9092, host: port })
      .withStartupTimeout(120_000)
      .start();
  } catch {
    return { skipped: `${IMAGE} could not be started` };
  }
  await answers(host, port);
  return {
    brokers: [`${host}:${port}`],
    kind: `${IMAGE} (container)`,
    close: async () => {
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
  const [port, controllerPort] = [await freePort(), await freePort()];
  const file = join(dir, 'server.properties');
  const all = { ...settings(`127.0.0.1:${port}`, `127.0.0.1:${port}`, controllerPort), 'log.dirs': join(dir, 'data') };
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
  const version = /kafka-clients-([\d.]+)\.jar/.exec(readFileSync(join(jars, 'versions.txt'), 'utf8'))?.[1] ?? 'of unknown version';
  return {
    brokers: [`127.0.0.1:${port}`],
    kind: `Apache Kafka ${version} (local)`,
    close: async () => {
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
