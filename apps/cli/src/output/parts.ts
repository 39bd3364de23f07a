import type { PartView } from '@pstream/contracts';
import type { Cli } from '../cli/cli.js';
import { count, minute, size } from './format.js';

/** Prints the PSTs that a route lists. */
export const listParts = async (cli: Cli, path: string): Promise<void> => {
  const found = await cli.client().all<PartView>(path);
  await cli.out.list(
    found,
    found.items,
    [
      { title: 'PST', exact: ({ name }) => name },
      { title: 'State', exact: ({ state }) => state },
      { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
      { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
      { title: 'SHA-256', exact: ({ sha256 }) => sha256 },
      { title: 'Verified', exact: ({ verifiedAt }) => verifiedAt, human: ({ verifiedAt }) => minute(verifiedAt) },
      { title: 'Where', exact: ({ location }) => location },
    ],
    'No PSTs yet.',
  );
};
