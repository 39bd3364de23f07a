import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { topics } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import {
  CLOCK,
  COMMANDS,
  FAILED,
  HEALTH,
  IDS,
  jsonLog,
  LOG,
  nestLogger,
  PortsModule,
  PROJECTION_STORE,
  ProcessHealth,
  RANDOM,
  SECRETS,
  TRANSPORT,
  type Log,
} from '@pstream/wiring';
import { tempDir } from '@pstream/testing';
import { DeadLetters, LogClient, LogServer, memoryTransport } from '@pstream/transport';
import { FakeQueue } from './fake-places.fixture.js';
import { FakeSecrets, FakeServices, world } from './fakes.fixture.js';
import { GatewayModule } from './gateway.module.js';
import { FakeItemErrors } from './item-errors.fixture.js';
import { createFirstToken } from './tokens/token-store.js';

/** An answer, with its body read. */
export type Reply = { readonly status: number; readonly headers: Headers; readonly body: Readonly<Record<string, unknown>> };

/** A gateway on a free port of loopback, with fake services behind a real message log. */
export type RunningGateway = {
  readonly app: INestApplication;
  readonly url: string;
  readonly token: string;
  readonly tokensDir: string;
  readonly secrets: FakeSecrets;
  readonly logged: string[];
  readonly health: ProcessHealth;
  /** Sends JSON, or a string as CSV; the token goes along unless `headers` say otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** The same without a token. */
  bare(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  close(): Promise<void>;
};

export const startGateway = async (): Promise<RunningGateway> => {
  const [clock, random, ids] = [systemClock, systemRandom, systemIds];
  const tokensDir = tempDir();
  const token = await createFirstToken(tokensDir, { clock, random });
  const transport = await memoryTransport(clock);
  await transport.ensureTopics(topics({ work: 1, items: 1, events: 3 }));
  const secrets = new FakeSecrets();
  const logged: string[] = [];
  const health = new ProcessHealth();
  health.enter('running');
  const deadLetters = new DeadLetters(transport, { clock, written: ({ code }) => logged.push(code) });
  const failed = (error: unknown): void => void logged.push(String(error));
  const commands = new LogClient({ transport, clock, ids, clientId: 'gateway', deadLetters, failed, timeoutMs: 10_000 });
  const log: Log = jsonLog({ write: (line) => logged.push(line) }, clock);
  const ports = new Map<symbol, unknown>([
    [CLOCK, clock],
    [IDS, ids],
    [RANDOM, random],
    [LOG, log],
    [PROJECTION_STORE, world.views],
    [SECRETS, secrets],
    [COMMANDS, commands],
    [TRANSPORT, transport],
    [HEALTH, health],
    [FAILED, failed],
  ]);

  @Module({
    imports: [PortsModule.of(ports), GatewayModule.with({ tokensDir, hosts: ['pstream.example'] })],
    controllers: [FakeServices, FakeItemErrors, FakeQueue],
  })
  class TestModule {}

  const app = await NestFactory.create(TestModule, { bodyParser: false, abortOnError: false, logger: nestLogger(log) });
  app.connectMicroservice({ strategy: new LogServer({ transport, clock, deadLetters, failed }) });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const url = `http://127.0.0.1:${port}`;
  const bare: RunningGateway['bare'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Reply['body']) };
  };
  return {
    app,
    url,
    token: token ?? '',
    tokensDir,
    secrets,
    logged,
    health,
    bare,
    call: (method, path, body, headers = {}) => bare(method, path, body, { authorization: `Bearer ${token}`, ...headers }),
    close: async () => {
      await app.close();
      await commands.close();
      await transport.close();
    },
  };
};
