import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { findCustomer } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { minute } from '../output/format.js';
import { sumFields } from '../output/sums.js';
import { printThroughput } from '../output/throughput.js';

@Verb({ name: 'create', about: 'Creates a customer', args: '<name>' })
class CreateCustomer extends Command {
  async execute([name = '']: Args): Promise<void> {
    const made = await this.client.createCustomer({ body: { name } });
    await shown(made, (query) => this.client.listCustomers({ query }));
    this.out.done(made, `Customer ${name} is there: ${made.id}`, made.id);
  }
}

@Verb({ name: 'list', about: 'Lists the customers' })
class ListCustomers extends Command {
  static readonly options = {
    search: option(
      '--search <text>',
      'Only those with this text anywhere in the name, or one that looks like it',
      z.string().min(1).optional(),
    ),
  };

  async execute(_args: Args, { search }: Given<typeof ListCustomers.options>): Promise<void> {
    const found = await allPages((page) => this.client.listCustomers({ query: { ...page, search } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ customerId }) => customerId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
      ],
      search === undefined ? 'No customers yet. Make one with: pstream customer create NAME' : 'No customer has such a name.',
    );
  }
}

@Verb({ name: 'show', about: 'Shows a customer with the sums over its mailboxes', args: '<customer>' })
class ShowCustomer extends Command {
  async execute([customer = '']: Args): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    const detail = await this.client.getCustomer({ params: { customerId } });
    await this.out.record(detail, detail, [
      { title: 'Id', exact: (one) => one.customerId },
      { title: 'Name', exact: ({ name }) => name },
      { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
      ...sumFields,
    ]);
  }
}

@Verb({ name: 'rename', about: 'Gives a customer another name', args: '<customer> <name>' })
class RenameCustomer extends Command {
  async execute([customer = '', name = '']: Args): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    const made = await this.client.renameCustomer({ params: { customerId }, body: { name } });
    await shown(made, (query) => this.client.listCustomers({ query }));
    this.out.done(made, `The customer is called ${name} from now on.`, made.id);
  }
}

@Verb({
  name: 'remove',
  about: 'Removes a customer that has neither projects nor endpoints; licences stay with its users',
  args: '<customer>',
})
class RemoveCustomer extends Command {
  static readonly options = YES;

  async execute([customer = '']: Args, { yes }: Given<typeof RemoveCustomer.options>): Promise<void> {
    const { customerId, name } = await findCustomer(this.client, customer);
    confirmed(yes, `remove the customer ${name}`);
    const made = await this.client.removeCustomer({ params: { customerId } });
    await shown(made, (query) => this.client.listCustomers({ query }));
    this.out.done(made, `Customer ${name} is removed.`, made.id);
  }
}

@Verb({
  name: 'throughput',
  about: 'Shows what came in for a customer during each minute of the last 24 hours, and what limits held it up',
  args: '<customer>',
})
class ShowCustomerThroughput extends Command {
  async execute([customer = '']: Args): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    await printThroughput(this.cli, await this.client.getCustomerThroughput({ params: { customerId } }));
  }
}

export const verbs: readonly CommandType[] = [
  CreateCustomer,
  ListCustomers,
  ShowCustomer,
  RenameCustomer,
  RemoveCustomer,
  ShowCustomerThroughput,
];
