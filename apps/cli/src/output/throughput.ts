import type { Throughput } from '@pstream/api';
import type { Cli } from '../cli/cli.js';
import { count, minute, size } from './format.js';

/** Prints what came in by the minute, with the time that limits took in it. */
export const printThroughput = (cli: Cli, throughput: Throughput): Promise<void> =>
  cli.out.list(
    throughput,
    throughput.minutes,
    [
      { title: 'Minute', exact: ({ at }) => at, human: ({ at }) => minute(at) },
      { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
      { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
      {
        title: 'Waited (s)',
        exact: ({ waits }) => Object.values(waits).reduce((sum, { ms }) => sum + ms, 0) / 1_000,
      },
      { title: 'For', exact: ({ waits }) => Object.keys(waits).join(', ') },
    ],
    'Nothing came in during the last 24 hours.',
  );
