import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { isFault, retryDelayMs, systemClock as clock, systemIds as ids, systemRandom as random, type Clock } from '@pstream/kernel';
import {
  ConfigError,
  errorFacts,
  FAILED,
  jsonLog,
  nestLogger,
  PortsModule,
  readConfig,
  type ConfigKeys,
  type ConfigOf,
  type Log,
} from '@pstream/wiring';
import { LogServer } from '@pstream/transport';
import { environment, platformKeys, platformProblems, serviceKeys, type PlatformConfig, type ServiceConfig } from './config.js';
import { openDistributed } from './distributed.js';
import { openHealth } from './health.js';
import type { Platform } from './platform.js';

/** What a running service is made of. */
export type ServiceParts<K extends ConfigKeys> = {
  readonly config: ConfigOf<K> & PlatformConfig & ServiceConfig;
  readonly platform: Platform;
  readonly log: Log;
  readonly clock: Clock;
  /** The service's module together with the ports that it asks for. */
  readonly root: DynamicModule;
  /** Ends the process with exit code 1, since a consumer has ended by an error. */
  readonly failed: (error: unknown) => void;
};

/** A service that runs in a process of its own. */
export type Service<K extends ConfigKeys> = {
  readonly name: string;
  /** Its keys beside those of the platform. */
  readonly keys: K;
  readonly module: (config: ConfigOf<K>) => Type | DynamicModule;
  /** Whether this process publishes the events of the whole store; no by default. */
  readonly relay?: (config: ConfigOf<K>) => boolean;
  /** How the module is brought up; by default as a consumer of the message log. */
  readonly start?: (parts: ServiceParts<K>) => Promise<{ close(): Promise<void> }>;
};

/** How long a service may take to come to rest before the process ends all the same; its work is safe either way. */
const SHUTDOWN_MS = 25_000;
const START_RETRY_MS = 1_000;
const EXIT = { failed: 1, config: 2 } as const;

@Module({})
class ServiceModule {}

/** Runs a service as a process: configuration (all problems together, exit 2), adapters, module, health endpoint; until SIGTERM or SIGINT,
 *  then comes to rest within 25 seconds. A consumer that ends by an error ends the process with exit code 1. */
export const runService = async <K extends ConfigKeys>(service: Service<K>): Promise<void> => {
  try {
    await start(service);
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
    else if (isFault(error))
      process.stderr.write(`${service.name}: ${error.message}\n${error.advice === undefined ? '' : `${error.advice}\n`}`);
    else process.stderr.write(`${service.name}: ${error instanceof Error ? (error.stack ?? error.name) : 'failed'}\n`);
    process.exit(error instanceof ConfigError ? EXIT.config : EXIT.failed);
  }
};

const start = async <K extends ConfigKeys>(service: Service<K>): Promise<void> => {
  const config = configOf(service.keys);
  const log = jsonLog(process.stderr, clock, config.logLevel);
  const health = await openHealth(service.name, config.healthHost, config.healthPort);
  const stopping = Promise.withResolvers<number>();
  const asked = new AbortController();
  const stop = (code: number): void => {
    stopping.resolve(code);
    asked.abort();
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  const failed = (error: unknown): void => {
    log.write('error', 'service.failed', { service: service.name, ...errorFacts(error) });
    stop(EXIT.failed);
  };
  const relay = service.relay?.(config) ?? false;
  const { platform, running } = await whenReachable(log, config.startWaitMs, asked.signal, async () => {
    const platform = await openDistributed(config, { name: service.name, relay, clock, ids, random, log });
    // A consumer that ends while others are still starting ends the attempt, not the process.
    const attempt: { started: boolean; ended?: unknown } = { started: false };
    const ended = (error: unknown): void => {
      if (attempt.started) failed(error);
      else attempt.ended ??= error;
    };
    try {
      const ports = new Map<symbol, unknown>([...platform.ports, [FAILED, ended]]);
      const root: DynamicModule = { module: ServiceModule, imports: [PortsModule.of(ports), service.module(config)] };
      const running = await (service.start ?? consume)({ config, platform, log, clock, root, failed: ended });
      if (attempt.ended !== undefined) {
        await running.close();
        throw attempt.ended;
      }
      attempt.started = true;
      return { platform, running };
    } catch (error) {
      await platform.close().catch(() => undefined);
      throw error;
    }
  });
  health.state = 'running';
  log.write('info', 'service.running', { service: service.name, healthPort: health.port, relay });
  const code = await stopping.promise;
  health.state = 'stopping';
  log.write('info', 'service.stopping', { service: service.name });
  void clock.sleep(SHUTDOWN_MS).then(() => process.exit(EXIT.failed));
  let outcome = code;
  for (const close of [() => running.close(), () => platform.close(), () => health.close()]) {
    await close().catch((error: unknown) => {
      log.write('error', 'shutdown.failed', { service: service.name, ...errorFacts(error) });
      outcome = EXIT.failed;
    });
  }
  process.exit(outcome);
};

const configOf = <K extends ConfigKeys>(keys: K): ConfigOf<K> & PlatformConfig & ServiceConfig => {
  const problems: string[] = [];
  const read = <T extends ConfigKeys>(some: T): ConfigOf<T> | undefined => {
    try {
      return readConfig(some, environment());
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const platform = read(platformKeys);
  const process = read(serviceKeys);
  const own = read(keys);
  if (platform !== undefined) problems.push(...platformProblems(platform));
  if (platform === undefined || process === undefined || own === undefined || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...platform, ...process, ...own });
};

/** Brokers, database and storage may come up after us. */
const whenReachable = async <T>(log: Log, waitMs: number, signal: AbortSignal, open: () => Promise<T>): Promise<T> => {
  const until = clock.monotonicMs() + waitMs;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!isFault(error) || retryDelayMs(error.retry) === undefined || clock.monotonicMs() > until || signal.aborted) throw error;
      log.write('warn', 'service.waiting', { code: error.code, ...error.facts });
      await clock.sleep(START_RETRY_MS, signal).catch(() => undefined);
    }
  }
};

/** Brings a module up as a consumer of the message log. */
const consume = async <K extends ConfigKeys>({ platform, log, root, failed }: ServiceParts<K>): Promise<{ close(): Promise<void> }> => {
  const strategy = new LogServer({ transport: platform.transport, clock, failed });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(root, { strategy, logger: nestLogger(log), abortOnError: false });
  try {
    await app.listen();
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  return app;
};
