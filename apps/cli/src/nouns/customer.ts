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
    flags: {},
    options: z.strictObject({}),
    run: async (cli) => {
      const found = await allPages((query) => cli.client().listCustomers({ query }));
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ customerId }) => customerId },
          { title: 'Name', exact: ({ name }) => name },
          { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        ],
        'No customers yet. Make one with: pstream customer create NAME',
      );
    },
  }),
];
