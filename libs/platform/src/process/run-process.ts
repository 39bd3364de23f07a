import { setFlagsFromString } from 'node:v8';
import { isFault, retryDelayMs, systemClock as clock, systemIds as ids, systemRandom as random } from '@pstream/kernel';
import {
  ConfigError,
  errorFacts,
  jsonLog,
  ProcessHealth,
  readConfig,
  unknownVariables,
  type ConfigKeys,
  type ConfigOf,
  type Log,
} from '@pstream/wiring';
import { environment } from '../config.js';
import { Opened } from '../platform.js';
import { readNoArguments, UsageError } from './arguments.js';
import { openHealthServer } from './health-server.js';
import { ProcessOutput } from './output.js';
import { startFault } from './start-faults.js';
import { startProcess, type ConfigOfPlan, type ProcessPlan, type RunningProcess } from './start-process.js';

/** How a process of the operating system lives, beside what it is made of. */
export type ProcessLife<K extends ConfigKeys, O extends ConfigKeys, P> = ProcessPlan<K, O, P> & {
  /** What it does; by default it takes no arguments, starts, and runs until it is asked to stop. Returns the exit code. */
  readonly run?: (life: Life<K, O, P>) => Promise<number>;
  /** Exit code and last words when it is asked to stop by a signal; by default 0 and none. */
  readonly interrupted?: { readonly code: number; readonly says: string };
  /** How long it may take to stop before it is ended all the same; its work is safe either way. Default 25,000 milliseconds. */
  readonly shutdownMs?: number;
};

/** How much a heap may grow, in per cent of what lives in it, before it is collected; for every thread of the process. Without it V8 lets it grow
 *  to several times that while the machine has memory: exporting 200 small mailboxes took 760 MiB at most, and takes 560, in the same time. */
const HEAP_GROWTH = '--heap-growing-percent=30';
const SHUTDOWN_MS = 25_000;
const START_RETRY_MS = 1_000;
/** Ctrl+C reaches a program started by npm twice, from the terminal and from npm. Only what comes later is impatience. */
const SAME_SIGNAL_MS = 500;
const EXIT = { failed: 1, usage: 2 } as const;

/** The whole life of a process: configuration (all problems together, exit code 2), adapters, modules, door, probes, signals, bounded
 *  shutdown, exit code. Whatever ends it says so in one line with code, cause and remedy; an error that ends a consumer, a projection, the
 *  relay or a thread ends the process with exit code 1. Never resolves: it ends the process. */
export const runProcess = async <K extends ConfigKeys, O extends ConfigKeys, P = undefined>(plan: ProcessLife<K, O, P>): Promise<never> => {
  setFlagsFromString(HEAP_GROWTH);
  const life = new Life(plan);
  life.listen();
  const code = await life.live(plan.run ?? untilStopped);
  process.exit(code);
};

const untilStopped = async <K extends ConfigKeys, O extends ConfigKeys, P>(life: Life<K, O, P>): Promise<number> => {
  if (life.readNoArguments()) return 0;
  await life.start();
  return life.stopped;
};

/** The life of this process, for what runs in it. */
export class Life<K extends ConfigKeys, O extends ConfigKeys, P> {
  readonly arguments: readonly string[] = process.argv.slice(2);
  readonly stdout: ProcessOutput;
  readonly stderr: ProcessOutput;
  readonly #plan: ProcessLife<K, O, P>;
  readonly #health = new ProcessHealth();
  readonly #opened = new Opened();
  readonly #afterwards = new Opened();
  readonly #stop = Promise.withResolvers<number>();
  readonly #stopping = new AbortController();
  #starting: Promise<unknown> = Promise.resolve();
  #log: Log;
  #running = false;
  #signalledMs: number | undefined;

  constructor(plan: ProcessLife<K, O, P>) {
    this.#plan = plan;
    const gap = (output: string) => (lost: number) =>
      `${JSON.stringify({ at: clock.now(), level: 'warn', event: 'output.lost', output, lost })}\n`;
    this.stdout = new ProcessOutput('stdout', process.stdout, () => '');
    this.stderr = new ProcessOutput('stderr', process.stderr, gap('stderr'));
    this.#log = jsonLog(this.stderr, clock);
    this.#health.counts('lostOutput', () => ({ stdout: this.stdout.lost, stderr: this.stderr.lost }));
  }

  /** Resolves with the exit code when the process is asked to stop, or must. */
  get stopped(): Promise<number> {
    return this.#stop.promise;
  }

  /** Refuses arguments; true if they asked for help, which has been given. Throws UsageError. */
  readNoArguments(): boolean {
    const { name, keys, open } = this.#plan;
    const help = readNoArguments(name, this.arguments, { ...open.keys, ...keys });
    if (help !== undefined) this.stdout.write(help);
    return help !== undefined;
  }

  /** Reads the configuration and starts the process; `given` wins over the environment. Waits for what cannot be reached yet as long as
   *  the configuration says. Throws ConfigError, and Faults of `startProcess`. */
  start(given: Partial<Record<keyof K | keyof O, unknown>> = {}): Promise<{ running: RunningProcess<P>; config: ConfigOfPlan<K, O> }> {
    const starting = this.#start(given);
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  /** Notes how to close what was just opened; closed in the reverse order when the process stops. */
  closes<T>(opened: T, close: (opened: T) => Promise<void>): T {
    return this.#opened.closes(opened, close);
  }

  /** Does something when all else is closed. */
  afterwards(work: () => Promise<void>): void {
    this.#afterwards.closes(undefined, work);
  }

  /** Listens to signals, and to errors that nobody has caught: our own bugs, which end the process as those of consumers do. */
  listen(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#signalled(signal));
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => this.#failed(error));
  }

  /** Does what the process is there for, then stops; the exit code. */
  async live(run: (life: this) => Promise<number>): Promise<number> {
    const running = run(this).catch((error: unknown) => this.#reported(error));
    const code = await Promise.race([running, this.stopped]);
    return this.#rest(code);
  }

  async #start(given: Partial<Record<keyof K | keyof O, unknown>>): Promise<{ running: RunningProcess<P>; config: ConfigOfPlan<K, O> }> {
    const plan = this.#plan;
    const config = configOf(plan, given);
    const log = (this.#log = jsonLog(
      this.stderr,
      clock,
      'logLevel' in config ? (config.logLevel as Parameters<typeof jsonLog>[2]) : 'info',
    ));
    const probes = plan.open.probes(config);
    const server =
      probes === undefined
        ? undefined
        : this.closes(await openHealthServer(plan.name, this.#health, probes.host, probes.port), (it) => it.close());
    const system = { clock, ids, random, log };
    const running = await this.#whenReachable(plan.open.waitMs(config), () => startProcess(plan, config, system, this.#health));
    this.closes(running, (it) => it.close());
    this.#running = true;
    void running.failed.then(() => this.#end(EXIT.failed));
    log.write('info', 'service.running', {
      service: plan.name,
      ...(server === undefined ? {} : { healthPort: server.port }),
      ...(running.url === undefined ? {} : { url: running.url }),
    });
    return { running, config };
  }

  /** Brokers, database and storage may come up after us. */
  async #whenReachable<T>(waitMs: number, open: () => Promise<T>): Promise<T> {
    const { signal } = this.#stopping;
    const until = clock.monotonicMs() + waitMs;
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!isFault(error) || retryDelayMs(error.retry) === undefined || clock.monotonicMs() >= until || signal.aborted) throw error;
        this.#log.write('warn', 'service.waiting', { code: error.code, ...error.facts });
        await clock.sleep(START_RETRY_MS, signal).catch(() => undefined);
      }
    }
  }

  #signalled(signal: NodeJS.Signals): void {
    const nowMs = clock.monotonicMs();
    if (this.#signalledMs !== undefined) {
      if (nowMs - this.#signalledMs < SAME_SIGNAL_MS) return;
      this.stderr.write(`${this.#plan.name}: ended at once. What was under way is done again at the next start.\n`);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    }
    this.#signalledMs = nowMs;
    const { code, says } = this.#plan.interrupted ?? { code: 0, says: '' };
    if (says !== '') this.stderr.write(says);
    this.#end(code);
  }

  #failed(error: unknown): void {
    this.#health.fail(error);
    this.#log.write('error', 'service.failed', { service: this.#plan.name, ...errorFacts(error) });
    this.#end(EXIT.failed);
  }

  #end(code: number): void {
    this.#stop.resolve(code);
    this.#stopping.abort();
  }

  /** Says what ended the process, and with which exit code. */
  #reported(error: unknown): number {
    const { name } = this.#plan;
    // What fails because everything is being closed is no news.
    if (this.#stopping.signal.aborted && !isFault(error)) return EXIT.failed;
    if (error instanceof ConfigError || error instanceof UsageError) {
      this.stderr.write(`${error.message}\n`);
      return EXIT.usage;
    }
    const cause = startFault(error);
    if (isFault(cause)) {
      const text = cause.message.startsWith(cause.code) ? cause.message : `${cause.message} (${cause.code})`;
      this.stderr.write(`${name}: ${text}\n${cause.advice === undefined ? '' : `${cause.advice}\n`}`);
    } else {
      this.#log.write('error', 'service.failed', { service: name, code: 'process.defect', ...errorFacts(cause) });
      this.stderr.write(`${name}: ended by a fault of its own (process.defect). Please report the line above.\n`);
    }
    return EXIT.failed;
  }

  async #rest(code: number): Promise<number> {
    const { name, shutdownMs = SHUTDOWN_MS } = this.#plan;
    this.#end(code);
    this.#health.enter('stopping');
    if (this.#running) this.#log.write('info', 'service.stopping', { service: name });
    const limit = new AbortController();
    const tooLong = clock.sleep(shutdownMs, limit.signal).then(
      () => EXIT.failed,
      () => code,
    );
    const outcome = await Promise.race([this.#close(code), tooLong]);
    if (!limit.signal.aborted && outcome !== code) this.#log.write('warn', 'shutdown.cut-short', { service: name, shutdownMs });
    limit.abort();
    return outcome;
  }

  async #close(code: number): Promise<number> {
    let outcome = code;
    await this.#starting;
    for (const opened of [this.#opened, this.#afterwards]) {
      await opened.close().catch((error: unknown) => {
        this.#log.write('error', 'shutdown.failed', { service: this.#plan.name, ...errorFacts(error) });
        outcome = EXIT.failed;
      });
    }
    return outcome;
  }
}

/** The configuration of a process; every problem of it is reported at once, with the variables that nobody knows. */
const configOf = <K extends ConfigKeys, O extends ConfigKeys, P>(
  { keys, open }: ProcessPlan<K, O, P>,
  given: Partial<Record<keyof K | keyof O, unknown>>,
): ConfigOfPlan<K, O> => {
  const problems: string[] = [];
  const read = <T extends ConfigKeys>(some: T): ConfigOf<T> | undefined => {
    try {
      return readConfig(some, environment(), given as Partial<Record<keyof T, unknown>>);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const [adapters, own] = [read(open.keys), read(keys)];
  if (adapters !== undefined) problems.push(...open.problems(adapters));
  problems.push(...unknownVariables(environment()));
  if (adapters === undefined || own === undefined || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({ ...adapters, ...own });
};
