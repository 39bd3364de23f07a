import type { AnswerOf } from '@pstream/api';
import { allPages, type PageQuery } from '@pstream/api/client';
import type { Cli } from '../cli/cli.js';
import { count, minute, size } from './format.js';

/** Prints the PSTs that an operation lists. */
export const listParts = async (cli: Cli, list: (query: PageQuery) => Promise<AnswerOf<'listProjectParts'>>): Promise<void> => {
  const found = await allPages(list);
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
