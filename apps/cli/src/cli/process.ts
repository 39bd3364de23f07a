import { systemClock, systemIds } from '@pstream/kernel';
import { processEnvironment } from './config.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { runCli } from './run-cli.js';

/** Signals that come within this time of the first are the same key press; a later one ends the process at once. */
const SAME_PRESS_MS = 500;

/** Runs the command line of a process, and returns its exit code. */
export const runProcess = (own: NodeJS.Process): Promise<ExitCode> => {
  const interrupted = new AbortController();
  let firstAt: number | undefined;
  own.on('SIGINT', () => {
    // The terminal signals the whole group, and npm passes the signal on: one Ctrl+C may arrive several times.
    if (firstAt !== undefined && systemClock.monotonicMs() - firstAt > SAME_PRESS_MS) own.exit(EXIT.interrupted);
    firstAt ??= systemClock.monotonicMs();
    interrupted.abort(new Error('interrupted'));
  });
  // A reader that has seen enough, such as head, is no error.
  own.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') own.exit(0);
    throw error;
  });
  return runCli(own.argv.slice(2), {
    clock: systemClock,
    ids: systemIds,
    stdout: own.stdout,
    stderr: own.stderr,
    readStdin: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of own.stdin) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    },
    environment: processEnvironment(),
    signal: interrupted.signal,
  });
};
