import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { confirmed, YES, yesField } from '../cli/confirmed.js';
import { findCustomer } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { minute } from '../output/format.js';
import { sumFields } from '../output/sums.js';
import { printThroughput } from '../output/throughput.js';

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
  verb({
    verb: 'show',
    about: 'Shows a customer with the sums over its mailboxes',
    args: '<customer>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [customer = '']) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      const detail = await cli.client().getCustomer({ params: { customerId } });
      await cli.out.record(detail, detail, [
        { title: 'Id', exact: (one) => one.customerId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        ...sumFields,
      ]);
    },
  }),
  verb({
    verb: 'rename',
    about: 'Gives a customer another name',
    args: '<customer> <name>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [customer = '', name = '']) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      const made = await cli.client().renameCustomer({ params: { customerId }, body: { name } });
      await shown(made, (query) => cli.client().listCustomers({ query }));
      cli.out.done(made, `The customer is called ${name} from now on.`, made.id);
    },
  }),
  verb({
    verb: 'remove',
    about: 'Removes a customer that has neither projects nor endpoints; licences stay with its users',
    args: '<customer>',
    flags: YES,
    options: z.strictObject(yesField),
    run: async (cli, [customer = ''], { yes }) => {
      const { customerId, name } = await findCustomer(cli.client(), customer);
      confirmed(yes, `remove the customer ${name}`);
      const made = await cli.client().removeCustomer({ params: { customerId } });
      await shown(made, (query) => cli.client().listCustomers({ query }));
      cli.out.done(made, `Customer ${name} is removed.`, made.id);
    },
  }),
  verb({
    verb: 'throughput',
    about: 'Shows what came in for a customer during each minute of the last 24 hours, and what limits held it up',
    args: '<customer>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [customer = '']) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      await printThroughput(cli, await cli.client().getCustomerThroughput({ params: { customerId } }));
    },
  }),
];
