#!/usr/bin/env node
import { systemClock, systemIds } from '@pstream/kernel';
import { processEnvironment } from './cli/config.js';
import { runCli } from './cli/run-cli.js';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const readStdin = async (): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
};

process.exitCode = await runCli(process.argv.slice(2), {
  clock: systemClock,
  ids: systemIds,
  stdout: process.stdout,
  stderr: process.stderr,
  readStdin,
  environment: processEnvironment(),
  signal: interrupted.signal,
});
