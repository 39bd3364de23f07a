import { join } from 'node:path';
import { repositoryRoot } from '../shared-dir.js';
import { commandExists, startChild } from './child.js';
import { mavenJars } from './maven-jars.js';
import { mongoBuildInfo } from './mongo-build-info.js';

/** A server for tests. `kind` says in plain words what it is, e.g. `MongoDB 8.0.4 (container)` or
 *  `mongo-java-server 6.0.0, a stand-in, not MongoDB (local)`. */
export type TestServer = { readonly url: string; readonly kind: string; close(): Promise<void> };

/** Why there is no server. */
export type Skipped = { readonly skipped: string };

/** Finds or starts a MongoDB for tests: env PSTREAM_TEST_MONGO (a connection string), else a container where an engine
 *  answers, else mongo-java-server where Java and Maven are there, else `skipped` with the reason. Prints which it is.
 *  With env PSTREAM_REQUIRE_SERVERS=1 a skip is thrown instead. Call it once per test file, in `beforeAll`. */
export const mongoServer = async (): Promise<TestServer | Skipped> => {
  const found = await firstThatWorks();
  const what = 'skipped' in found ? `skipped: ${found.skipped}` : found.kind;
  process.stderr.write(`MongoDB for tests: ${what}\n`);
  if ('skipped' in found && process.env['PSTREAM_REQUIRE_SERVERS'] === '1') throw new Error(`a MongoDB is required: ${found.skipped}`);
  return found;
};

const firstThatWorks = async (): Promise<TestServer | Skipped> => {
  const given = process.env['PSTREAM_TEST_MONGO'];
  if (given !== undefined && given !== '') return fromUrl(given);
  const container = await inContainer();
  if (!('skipped' in container)) return container;
  const local = await standIn();
  return 'skipped' in local ? { skipped: `${container.skipped}; ${local.skipped}` } : local;
};

const kindOf = async (host: string, port: number, where: string): Promise<string> => {
  const build = await mongoBuildInfo(host, port);
  return build.isMongoDb ? `MongoDB ${build.version} (${where})` : `a stand-in that reports ${build.version}, not MongoDB (${where})`;
};

const fromUrl = async (url: string): Promise<TestServer> => {
  const host = /^mongodb:\/\/(?:[^@/]*@)?([^:/,?]+)(?::(\d+))?/.exec(url);
  // A seed list behind DNS, or a server that wants credentials for buildInfo, cannot be asked this way.
  const kind =
    host?.[1] === undefined ? 'unasked' : await kindOf(host[1], Number(host[2] ?? 27017), 'PSTREAM_TEST_MONGO').catch(() => 'unasked');
  return { url, kind: kind === 'unasked' ? 'the server of PSTREAM_TEST_MONGO, kind unknown' : kind, close: () => Promise.resolve() };
};

const inContainer = async (): Promise<TestServer | Skipped> => {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return { skipped: 'no container engine answers' };
  }
  const container = await new GenericContainer('mongo:8').withExposedPorts(27017).withStartupTimeout(120_000).start();
  const [host, port] = [container.getHost(), container.getMappedPort(27017)];
  return {
    url: `mongodb://${host}:${port}/?directConnection=true`,
    kind: await kindOf(host, port, 'container'),
    close: async () => {
      await container.stop();
    },
  };
};

const standIn = async (): Promise<TestServer | Skipped> => {
  for (const tool of ['java', 'mvn']) if (!commandExists(tool)) return { skipped: `no ${tool} for the stand-in` };
  const jars = await mavenJars('mongo');
  if (jars === undefined) return { skipped: 'the jars of the stand-in could not be downloaded' };
  const child = await startChild({
    name: 'mongo-java-server',
    command: 'java',
    args: ['-Xmx512m', '-XX:+UseSerialGC', '-cp', join(jars, '*'), join(repositoryRoot, 'libs/testing/servers/mongo/MongoStandIn.java')],
    readyLine: /^ready (\d+)/,
  });
  const port = Number(child.match?.[1]);
  return {
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    kind: `mongo-java-server: ${await kindOf('127.0.0.1', port, 'local')}`,
    close: () => child.stop(),
  };
};
