import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { LogServer } from '@pstream/transport';
import { errorFacts, nestLogger, PortsModule, ProcessHealth, type ConfigKeys, type ConfigOf, type Failed, type Log } from '@pstream/wiring';
import type { Clock } from '@pstream/kernel';
import { connect, Opened, type Connected, type Platform, type SystemPorts } from '../platform.js';
import type { Opening } from './opening.js';
import { listening, startFault } from './start-faults.js';

/** The configuration of a process: its own keys and those of its adapters. */
export type ConfigOfPlan<K extends ConfigKeys, O extends ConfigKeys> = ConfigOf<K> & ConfigOf<O>;

/** What a process is made of. `P` is what it prepares before its modules start. */
export type ProcessPlan<K extends ConfigKeys, O extends ConfigKeys, P = undefined> = {
  readonly name: string;
  /** Its keys beside those of its adapters. */
  readonly keys: K;
  readonly open: Opening<O>;
  readonly modules: (config: ConfigOfPlan<K, O>) => readonly (Type | DynamicModule)[];
  /** Whether this process publishes the events of the whole store; no by default. */
  readonly relay?: (config: ConfigOfPlan<K, O>) => boolean;
  /** Where it answers HTTP; without, it only consumes the message log. */
  readonly door?: (config: ConfigOfPlan<K, O>) => { readonly host: string; readonly port: number };
  /** Done when the adapters are open and before the modules are. */
  readonly prepare?: (config: ConfigOfPlan<K, O>, system: SystemPorts) => Promise<P>;
  /** Takes back what was prepared, when everything is closed after a start that failed. */
  readonly takeBack?: (prepared: P, config: ConfigOfPlan<K, O>) => Promise<void>;
};

/** A process that runs. */
export type RunningProcess<P = undefined> = {
  /** Where it answers HTTP, without a slash at the end; undefined without a door. */
  readonly url: string | undefined;
  readonly prepared: P | undefined;
  readonly health: ProcessHealth;
  /** Resolves with the error by which a consumer, a projection, the relay or a thread has ended: the process has to end too. */
  readonly failed: Promise<unknown>;
  /** Stops taking work, finishes what is under way, and closes the adapters. */
  close(): Promise<void>;
};

@Module({})
class ProcessModule {}

/** Starts a process: adapters, modules, door. Tests call it in their own process; `runProcess` adds configuration, signals and exit codes.
 *  What ends by an error while others still start, ends the start. Faults: those of the adapters and modules, 'gateway.port-in-use',
 *  'gateway.port-forbidden', 'gateway.bad-host', 'system.refused'. */
export const startProcess = async <K extends ConfigKeys, O extends ConfigKeys, P>(
  plan: ProcessPlan<K, O, P>,
  config: ConfigOfPlan<K, O>,
  system: SystemPorts,
  health: ProcessHealth = new ProcessHealth(),
): Promise<RunningProcess<P>> => {
  const watch = new Watch(plan.name, system.log, health);
  const opened = new Opened();
  const undone = new Opened();
  try {
    const relay = plan.relay?.(config) ?? false;
    const platform = opened.closes(await plan.open.open(config, { ...system, name: plan.name, relay, failed: watch.failed }), (it) =>
      it.close(),
    );
    const connected = opened.closes(connect(platform, system, { health, failed: watch.failed }), (it) => it.close());
    const prepared = await plan.prepare?.(config, system);
    if (prepared !== undefined) undone.closes(prepared, async (it) => plan.takeBack?.(it, config));
    const modules = plan.modules(config);
    const { app, url } = await openModules(modules, plan.door?.(config), { platform, connected, failed: watch.failed, ...system });
    opened.closes(app, (it) => it.close());
    watch.started();
    health.enter('running');
    return {
      url,
      prepared,
      health,
      failed: watch.ended,
      close: () => {
        health.enter('stopping');
        return opened.close();
      },
    };
  } catch (error) {
    await opened.close().catch(() => undefined);
    await undone.close().catch(() => undefined);
    throw startFault(error);
  }
};

/** What becomes of an error that ends something which must not end. */
class Watch {
  readonly #name: string;
  readonly #log: Log;
  readonly #health: ProcessHealth;
  readonly #ended = Promise.withResolvers<unknown>();
  #state: 'starting' | 'started' | 'failed' = 'starting';
  #first: { readonly error: unknown } | undefined;

  constructor(name: string, log: Log, health: ProcessHealth) {
    this.#name = name;
    this.#log = log;
    this.#health = health;
  }

  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }

  readonly failed: Failed = (error) => {
    this.#first ??= { error };
    if (this.#state !== 'started') return;
    this.#state = 'failed';
    this.#health.fail(error);
    this.#log.write('error', 'service.failed', { service: this.#name, ...errorFacts(error) });
    this.#ended.resolve(error);
  };

  /** Throws what has ended meanwhile. */
  started(): void {
    if (this.#first !== undefined) throw this.#first.error;
    this.#state = 'started';
  }
}

/** Longer than proxies and clients keep an idle connection: whoever closes first must not be us, or a request that is on its way is reset. */
const KEEP_ALIVE_MS = 75_000;
const CLOSE_IDLE_EVERY_MS = 100;

type Closable = { close(): Promise<void> };

const openModules = async (
  modules: readonly (Type | DynamicModule)[],
  door: { readonly host: string; readonly port: number } | undefined,
  on: { readonly platform: Platform; readonly connected: Connected; readonly failed: Failed; readonly clock: Clock; readonly log: Log },
): Promise<{ readonly app: Closable; readonly url: string | undefined }> => {
  const { platform, connected, clock, log, failed } = on;
  const root: DynamicModule = { module: ProcessModule, imports: [PortsModule.of(connected.ports), ...modules] };
  const strategy = new LogServer({ transport: platform.transport, clock, deadLetters: connected.deadLetters, failed });
  const options = { logger: nestLogger(log), abortOnError: false } as const;
  if (door === undefined) {
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, { strategy, ...options });
    await closingOnError(app, () => app.listen());
    return { app, url: undefined };
  }
  const app = await NestFactory.create(root, { bodyParser: false, ...options });
  app.connectMicroservice<MicroserviceOptions>({ strategy });
  const server = app.getHttpServer() as Server;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const unused = unusedConnections(server);
  await closingOnError(app, async () => {
    await app.startAllMicroservices();
    await app.init();
    await listening(server, { of: 'gateway', ...door, hostVariable: 'PSTREAM_HOST', portVariable: 'PSTREAM_PORT' });
  });
  const { port } = server.address() as AddressInfo;
  const host = door.host.includes(':') ? `[${door.host}]` : door.host;
  return { app: { close: () => closeDoor(app, server, unused, clock) }, url: `http://${host}:${port}` };
};

/** Connections on which no request has come yet. Browsers open some ahead of need; Node counts them as busy. */
const unusedConnections = (server: Server): ReadonlySet<Socket> => {
  const unused = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  return unused;
};

/** Finishes the requests in progress, and closes connections without one, also those that become idle only now: an event stream ends
 *  when the modules close. Clients would keep them for a minute and more. */
const closeDoor = async (app: Closable, server: Server, unused: ReadonlySet<Socket>, clock: Clock): Promise<void> => {
  const closed = new AbortController();
  const ended = app.close().finally(() => closed.abort());
  ended.catch(() => undefined);
  while (!closed.signal.aborted) {
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
    await clock.sleep(CLOSE_IDLE_EVERY_MS, closed.signal).catch(() => undefined);
  }
  await ended;
};

const closingOnError = async (app: Closable, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
};
