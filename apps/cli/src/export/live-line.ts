import type { LiveArea } from '@pstream/terminal';
import type { Cli } from '../cli/cli.js';

/** A line on standard error that is written over; undefined where there is no terminal, or a dumb one. */
export const liveLine = async ({ stderr, environment }: Cli): Promise<LiveArea | undefined> => {
  if (stderr.isTTY !== true) return undefined;
  const { liveArea } = await import('@pstream/terminal');
  return liveArea(stderr, environment['TERM']);
};
