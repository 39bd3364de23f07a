import { run } from './run.js';

const stopped = new Promise<void>((resolve) => {
  process.once('SIGTERM', () => resolve());
  process.once('SIGINT', () => resolve());
  // Started by another program with a channel to it: not to outlive that program, however it ends.
  process.once('disconnect', () => resolve());
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stopped: () => stopped,
});
// The channel would keep this process alive.
if (process.connected) process.disconnect();
