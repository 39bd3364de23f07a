import { systemClock, systemIds } from '@pstream/kernel';
import { processEnvironment } from './config.js';
import type { ExitCode } from './exit-codes.js';
import { runCli } from './run-cli.js';

/** Runs the command line of a process, and returns its exit code. */
export const runProcess = (own: NodeJS.Process): Promise<ExitCode> => {
  const interrupted = new AbortController();
  own.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
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
