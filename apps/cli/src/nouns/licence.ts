import { allPages, WAIT_SECONDS } from '@pstream/api/client';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { readGiven } from '../cli/config.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { carriedOut } from '../http/operation.js';
import { findCustomer } from '../http/resolve.js';
import { count, day } from '../output/format.js';
import { insteadOf, orderVerbs } from './licence-orders.js';

@Verb({ name: 'apply', about: 'Applies a bundle to each user of a customer; all or none', args: '<customer> [users...]' })
class ApplyLicences extends Command {
  static readonly options = { file: option('--file <file>', 'Addresses, one a line; - for standard input', z.string().optional()) };

  async execute([customer = '', ...named]: Args, { file }: Given<typeof ApplyLicences.options>): Promise<void> {
    const listed = file === undefined ? [] : linesOf(file === '-' ? await this.cli.readStdin() : await readGiven(file));
    const users = [...named, ...listed];
    if (users.length === 0) throw usageError('No users are named.', `pstream licence apply ${customer} user@contoso.com`);
    const { customerId } = await findCustomer(this.client, customer);
    const requested = await this.client.applyBundles({ params: { customerId }, body: { users }, waitSeconds: WAIT_SECONDS });
    const operation = await carriedOut(this.cli, this.client, requested);
    this.out.done(
      { ...operation, users: users.length },
      `${amountOf(users.length, 'user')} ${users.length === 1 ? 'has' : 'have'} a bundle.`,
      String(users.length),
    );
  }
}

@Verb({ name: 'list', about: 'Shows how many licences there are, or the bundles of a customer' })
class ListLicences extends Command {
  static readonly options = { customer: option('--customer <customer>', 'The bundles of this customer', z.string().optional()) };

  async execute(_args: Args, { customer }: Given<typeof ListLicences.options>): Promise<void> {
    if (customer !== undefined) {
      const { customerId } = await findCustomer(this.client, customer);
      const found = await allPages((query) => this.client.listBundles({ params: { customerId }, query }));
      return this.out.list(
        found,
        found.items,
        [
          { title: 'User', exact: ({ user }) => user },
          { title: 'Applied', exact: ({ appliedAt }) => appliedAt, human: ({ appliedAt }) => day(appliedAt) },
          { title: 'Ends', exact: ({ expiresAt }) => expiresAt, human: ({ expiresAt }) => day(expiresAt) },
        ],
        await insteadOf(this.client, found.items, 'No bundles applied yet. Apply one with: pstream licence apply CUSTOMER USER'),
      );
    }
    const { enforced } = await this.client.getPrices();
    const licences = await this.client.getLicences();
    return this.out.record(licences, licences, [
      { title: 'Released', exact: ({ released }) => released, human: ({ released }) => count(released) },
      { title: 'Applied', exact: ({ applied }) => applied, human: ({ applied }) => count(applied) },
      { title: 'Orders', exact: ({ orders }) => orders.length },
      { title: 'Needed', exact: () => (enforced ? 'yes' : 'no: PSTREAM_LICENCES is off') },
    ]);
  }
}

export const verbs: readonly CommandType[] = [...orderVerbs, ApplyLicences, ListLicences];

const linesOf = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
