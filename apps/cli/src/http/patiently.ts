import { CliError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';

/** How long a gateway may be away before waiting for it ends. */
const PATIENCE_MS = 60_000;

/** Asks again while the gateway does not answer: a restart must not end a wait of hours. CliError of the last try after a minute. */
export const patiently = async <T>({ clock, signal }: Cli, intervalMs: number, work: () => Promise<T>): Promise<T> => {
  const begun = clock.monotonicMs();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof CliError) || error.exitCode !== EXIT.failed || clock.monotonicMs() - begun > PATIENCE_MS)
        throw error;
      await clock.sleep(Math.max(intervalMs, 100), signal);
    }
  }
};
