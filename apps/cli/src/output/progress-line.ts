import type { Cli } from '../cli/cli.js';

/** Progress of something that a command waits for, on standard error. */
export type ProgressLine = { show(text: string): void; close(): void };

/** Without a terminal, a line at most this often. */
const LINE_EVERY_MS = 60_000;

/** One line that is written over on a terminal; elsewhere, or on a dumb one, a line with the time at most once a minute. */
export const progressLine = async ({ clock, stderr, environment }: Cli): Promise<ProgressLine> => {
  const live = stderr.isTTY === true ? (await import('@pstream/terminal')).liveArea(stderr, environment['TERM']) : undefined;
  let shownAt = -Infinity;
  return {
    show: (text) => {
      const now = clock.monotonicMs();
      if (live !== undefined) return live.show([text]);
      if (now - shownAt < LINE_EVERY_MS) return;
      shownAt = now;
      stderr.write(`${clock.now()}\t${text}\n`);
    },
    close: () => live?.close(),
  };
};
