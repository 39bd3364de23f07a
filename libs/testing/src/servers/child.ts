import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { afterTheFile } from '../jest-globals.js';

/** How to start a process and how to know that it is ready: by a line it prints, by a port it opens, or both. */
export type ChildOptions = {
  /** Shown in errors; default the command. */
  readonly name?: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ready when a line of stdout or stderr matches; the match is kept in `Child.match`. */
  readonly readyLine?: RegExp;
  /** Ready when 127.0.0.1 accepts on this port. */
  readonly readyPort?: number;
  /** Given up, and killed, after this long. Default 110,000: less than what a hook of a suite may take. */
  readonly startTimeoutMs?: number;
};

/** A running process. Killed after the test file at the latest. */
export type Child = {
  readonly pid: number;
  /** What `readyLine` matched. */
  readonly match: RegExpExecArray | undefined;
  /** The last 64 KiB of stdout and stderr, interleaved. */
  output(): string;
  /** Resolves with the exit code, or the signal's name, when the process has ended. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal and does not wait: SIGKILL for a crash, SIGSTOP and SIGCONT for a pause. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs` (default 5,000). Resolves when the process has ended; may be called again. */
  stop(graceMs?: number): Promise<void>;
};

const OUTPUT_LIMIT = 64 * 1024;
const running = new Set<ChildProcess>();

const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
};
afterTheFile(killAll);
process.on('exit', killAll);

/** Starts a process and resolves when it is ready. Rejects, with its last output, if it ends or the time is up before.
 *  Its stdin is a pipe that closes with this process, so that a child may watch it and never outlive us. */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const name = options.name ?? options.command;
  const child = spawn(options.command, [...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let match: RegExpExecArray | undefined;
  let ended = false;
  const sawLine = Promise.withResolvers<void>();
  if (options.readyLine === undefined) sawLine.resolve();
  for (const stream of [child.stdout, child.stderr]) {
    let partial = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_LIMIT);
      if (match !== undefined || options.readyLine === undefined) return;
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) {
        const found = options.readyLine.exec(line);
        if (found === null) continue;
        match = found;
        sawLine.resolve();
        return;
      }
    });
  }
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      ended = true;
      running.delete(child);
      resolve(code ?? signal ?? -1);
    };
    child.on('close', end);
    child.on('error', (error) => {
      output += `\n${error.message}`;
      end(-1, null);
    });
  });
  const stop = async (graceMs = 5_000): Promise<void> => {
    if (ended) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
  };

  const limitMs = options.startTimeoutMs ?? 110_000;
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), limitMs);
  const ready = (async (): Promise<'ready'> => {
    await sawLine.promise;
    while (options.readyPort !== undefined && !ended && !(await portAccepts(options.readyPort))) await pause(25);
    return 'ready';
  })();
  const outcome = await Promise.race([ready, exited, late.promise]);
  clearTimeout(timer);
  if (outcome !== 'ready' || ended) {
    await stop(0);
    const why = outcome === 'late' ? `was not ready within ${limitMs} ms` : `ended with ${String(await exited)} before it was ready`;
    throw new Error(`${name} ${why}; its last output:\n${output.slice(-4_000)}`);
  }
  return {
    pid: child.pid ?? -1,
    match,
    output: () => output,
    exited,
    signal: (signal) => {
      child.kill(signal);
    },
    stop,
  };
};

/** Runs a process to its end and returns its exit code and output (stdout and stderr together). Killed after `timeoutMs`. */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly timeoutMs?: number } = {},
): Promise<{ readonly code: number | NodeJS.Signals; readonly output: string }> => {
  const child = await startChild({ command, args, cwd: options.cwd, env: options.env });
  const timer = setTimeout(() => child.signal('SIGKILL'), options.timeoutMs ?? 300_000);
  const code = await child.exited;
  clearTimeout(timer);
  return { code, output: child.output() };
};

/** True if a program of this name is on the PATH. */
export const commandExists = (name: string): boolean =>
  spawnSync(process.platform === 'win32' ? 'where' : 'which', [name], { stdio: 'ignore' }).status === 0;

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

/** True if something accepts connections on 127.0.0.1. */
export const portAccepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const done = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
