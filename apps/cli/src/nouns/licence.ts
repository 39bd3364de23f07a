import { allPages, WAIT_SECONDS } from '@pstream/api/client';
import { PaymentMethod } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { readGiven } from '../cli/config.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { carriedOut } from '../http/operation.js';
import { findCustomer } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { count, day } from '../output/format.js';

@Verb({ name: 'order', about: 'Orders User Migration Bundles', args: '<quantity>' })
class OrderLicences extends Command {
  static readonly options = { payment: option('--payment <how>', 'card, or wire (from 100 licences on)', PaymentMethod.default('card')) };

  async execute([text = '']: Args, { payment }: Given<typeof OrderLicences.options>): Promise<void> {
    const quantity = Number(text);
    if (!Number.isInteger(quantity) || quantity < 1)
      throw usageError(`The quantity must be a whole number; "${text}" is none.`, 'pstream licence order 10');
    const made = await this.client.placeOrder({ body: { quantity, payment } });
    await shown(made, (query) => this.client.getLicences({ query }));
    this.out.done(
      made,
      payment === 'card'
        ? `${amountOf(quantity, 'licence')} released. Order ${made.id}`
        : `Order ${made.id} waits for its payment: pstream licence record-payment ${made.id} REFERENCE`,
      made.id,
    );
  }
}

@Verb({
  name: 'record-payment',
  about: 'Records that the money of a wire transfer has come; releases its licences',
  args: '<order> <reference>',
})
class RecordPayment extends Command {
  async execute([order = '', reference = '']: Args): Promise<void> {
    const made = await this.client.recordPayment({ params: { orderId: order }, body: { reference } });
    await shown(made, (query) => this.client.getLicences({ query }));
    this.out.done(made, `The licences of order ${order} are released.`, made.id);
  }
}

@Verb({ name: 'apply', about: 'Applies a bundle to each user of a customer; all or none', args: '<customer> [users...]' })
class ApplyLicences extends Command {
  static readonly options = { file: option('--file <file>', 'Addresses, one a line; - for standard input', z.string().optional()) };

  async execute([customer = '', ...named]: Args, { file }: Given<typeof ApplyLicences.options>): Promise<void> {
    const listed = file === undefined ? [] : linesOf(file === '-' ? await this.cli.readStdin() : await readGiven(file));
    const users = [...named, ...listed];
    if (users.length === 0) throw usageError('No users are named.', `pstream licence apply ${customer} user@contoso.com`);
    const { customerId } = await findCustomer(this.client, customer);
    const requested = await this.client.applyBundles({ params: { customerId }, body: { users }, waitSeconds: WAIT_SECONDS });
    const operation = await carriedOut(this.client, requested);
    this.out.done(
      { ...operation, users: users.length },
      `${amountOf(users.length, 'user')} ${users.length === 1 ? 'has' : 'have'} a bundle.`,
      String(users.length),
    );
  }
}

@Verb({ name: 'list', about: 'Shows licences and orders, or the bundles of a customer' })
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
        'No bundles applied yet. Apply one with: pstream licence apply CUSTOMER USER',
      );
    }
    const licences = await this.client.getLicences();
    if (this.cli.stdout.isTTY === true && !this.cli.json)
      this.cli.stdout.write(`${count(licences.released)} released, ${count(licences.applied)} applied.\n`);
    return this.out.list(
      licences,
      licences.orders,
      [
        { title: 'Order', exact: ({ orderId }) => orderId },
        { title: 'Licences', exact: ({ quantity }) => quantity, human: ({ quantity }) => count(quantity) },
        { title: 'Payment', exact: ({ payment }) => payment },
        { title: 'Status', exact: ({ status }) => status },
        { title: 'Placed', exact: ({ placedAt }) => placedAt, human: ({ placedAt }) => day(placedAt) },
        { title: 'Ends', exact: ({ expiresAt }) => expiresAt, human: ({ expiresAt }) => day(expiresAt) },
      ],
      'No orders yet. Order licences with: pstream licence order QUANTITY',
    );
  }
}

export const verbs: readonly CommandType[] = [OrderLicences, RecordPayment, ApplyLicences, ListLicences];

const linesOf = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
