import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { shown } from '../http/shown.js';
import { minute } from '../output/format.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: 'create',
    about: 'Creates a customer',
    args: '<name>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [name = '']) => {
      const made = await cli.client().createCustomer({ body: { name } });
      await shown(made, (query) => cli.client().listCustomers({ query }));
      cli.out.done(made, `Customer ${name} is there: ${made.id}`, made.id);
    },
  }),
  verb({
    verb: 'list',
    about: 'Lists the customers',
    flags: {
      search: ['--search <text>', 'Only those with this text anywhere in the name, or one that looks like it'],
    },
    options: z.strictObject({ search: z.string().min(1).optional() }),
    run: async (cli, _args, { search }) => {
      const found = await allPages((page) => cli.client().listCustomers({ query: { ...page, search } }));
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ customerId }) => customerId },
          { title: 'Name', exact: ({ name }) => name },
          { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        ],
        search === undefined ? 'No customers yet. Make one with: pstream customer create NAME' : 'No customer has such a name.',
      );
    },
  }),
];
