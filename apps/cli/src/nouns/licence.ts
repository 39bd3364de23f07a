import { allPages, WAIT_SECONDS } from '@pstream/api/client';
import { PaymentMethod } from '@pstream/contracts';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { readGiven } from '../cli/config.js';
import { verb, type Verb } from '../cli/verb.js';
import { carriedOut } from '../http/operation.js';
import { findCustomer } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { count, day } from '../output/format.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: 'order',
    about: 'Orders User Migration Bundles',
    args: '<quantity>',
    flags: { payment: ['--payment <how>', 'card, or wire (from 100 licences on)'] },
    options: z.strictObject({ payment: PaymentMethod.default('card') }),
    run: async (cli, [text = ''], { payment }) => {
      const quantity = Number(text);
      if (!Number.isInteger(quantity) || quantity < 1)
        throw usageError(`The quantity must be a whole number; "${text}" is none.`, 'pstream licence order 10');
      const made = await cli.client().placeOrder({ body: { quantity, payment } });
      await shown(made, (query) => cli.client().getLicences({ query }));
      cli.out.done(
        made,
        payment === 'card'
          ? `${count(quantity)} licences are released. Order ${made.id}`
          : `Order ${made.id} waits for its payment: pstream licence record-payment ${made.id} REFERENCE`,
        made.id,
      );
    },
  }),
  verb({
    verb: 'record-payment',
    about: 'Records that the money of a wire transfer has come; releases its licences',
    args: '<order> <reference>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [order = '', reference = '']) => {
      const made = await cli.client().recordPayment({ params: { orderId: order }, body: { reference } });
      await shown(made, (query) => cli.client().getLicences({ query }));
      cli.out.done(made, `The licences of order ${order} are released.`, made.id);
    },
  }),
  verb({
    verb: 'apply',
    about: 'Applies a bundle to each user of a customer; all or none',
    args: '<customer> [users...]',
    flags: { file: ['--file <file>', 'Addresses, one a line; - for standard input'] },
    options: z.strictObject({ file: z.string().optional() }),
    run: async (cli, [customer = '', ...named], { file }) => {
      const listed = file === undefined ? [] : linesOf(file === '-' ? await cli.readStdin() : await readGiven(file));
      const users = [...named, ...listed];
      if (users.length === 0) throw usageError('No users are named.', `pstream licence apply ${customer} user@contoso.com`);
      const { customerId } = await findCustomer(cli.client(), customer);
      const requested = await cli.client().applyBundles({ params: { customerId }, body: { users }, waitSeconds: WAIT_SECONDS });
      const operation = await carriedOut(cli.client(), requested);
      cli.out.done({ ...operation, users: users.length }, `${count(users.length)} users have a bundle.`, String(users.length));
    },
  }),
  verb({
    verb: 'list',
    about: 'Shows licences and orders, or the bundles of a customer',
    flags: { customer: ['--customer <customer>', 'The bundles of this customer'] },
    options: z.strictObject({ customer: z.string().optional() }),
    run: async (cli, _args, { customer }) => {
      if (customer !== undefined) {
        const { customerId } = await findCustomer(cli.client(), customer);
        const found = await allPages((query) => cli.client().listBundles({ params: { customerId }, query }));
        return cli.out.list(
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
      const licences = await cli.client().getLicences();
      if (cli.stdout.isTTY === true && !cli.json)
        cli.stdout.write(`${count(licences.released)} released, ${count(licences.applied)} applied.\n`);
      return cli.out.list(
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
    },
  }),
];

const linesOf = (bytes: Uint8Array): string[] =>
  new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
