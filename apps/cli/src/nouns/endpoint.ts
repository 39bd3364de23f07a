import type { EndpointBody } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { readSecret } from '../cli/config.js';
import { confirmed, YES, yesField } from '../cli/confirmed.js';
import { verb, type Verb } from '../cli/verb.js';
import { findCustomer, findEndpoint } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { day, minute } from '../output/format.js';

const SECRET_FILE = ['--secret-file <file>', 'The secret, in a file (- for standard input); or set PSTREAM_SECRET'] as const;

const SEARCH = { search: ['--search <text>', 'Only those with this text anywhere in the name, or one that looks like it'] as const };

const secretFor = (cli: Cli, file: string | undefined): Promise<string> =>
  readSecret(file, cli.readStdin, cli.config.secret, { option: '--secret-file', variable: 'PSTREAM_SECRET' });

const add = async (cli: Cli, customer: string, body: EndpointBody): Promise<void> => {
  const { customerId } = await findCustomer(cli.client(), customer);
  const params = { customerId };
  const made = await cli.client().addEndpoint({ params, body });
  await shown(made, (query) => cli.client().listEndpoints({ params, query }));
  cli.out.done(made, `Endpoint ${body.name} is there: ${made.id}`, made.id);
};

export const verbs: readonly Verb[] = [
  verb({
    verb: 'add-source',
    about: 'Adds a Microsoft 365 tenant; signs in as an app, with a client secret or a certificate',
    args: '<customer> <name>',
    flags: {
      tenantId: ['--tenant-id <id>', 'Directory (tenant) id'],
      clientId: ['--client-id <id>', 'Application (client) id'],
      secretFile: SECRET_FILE,
      certificateSha256: ['--certificate-sha256 <thumbprint>', 'Sign in with this certificate; the secret is then its private key (PEM)'],
      outOfScope: ['--out-of-scope <address>', 'A mailbox that the app must not reach; Verify Credentials tries it'],
      graphUrl: ['--graph-url <url>', 'Only for a simulated tenant'],
      authorityUrl: ['--authority-url <url>', 'Only for a simulated tenant'],
    },
    options: z.strictObject({
      tenantId: z.string(),
      clientId: z.string(),
      secretFile: z.string().optional(),
      certificateSha256: z.string().optional(),
      outOfScope: z.string().optional(),
      graphUrl: z.string().optional(),
      authorityUrl: z.string().optional(),
    }),
    run: async (
      cli,
      [customer = '', name = ''],
      { tenantId, clientId, secretFile, certificateSha256, outOfScope, graphUrl, authorityUrl },
    ) => {
      const value = await secretFor(cli, secretFile);
      const credential =
        certificateSha256 === undefined
          ? { kind: 'secret' as const, value }
          : { kind: 'certificate' as const, thumbprintSha256: certificateSha256, value };
      await add(cli, customer, {
        name,
        kind: 'microsoft-365',
        tenantId,
        clientId,
        credential,
        ...(outOfScope === undefined ? {} : { outOfScope }),
        ...(graphUrl === undefined ? {} : { graphUrl }),
        ...(authorityUrl === undefined ? {} : { authorityUrl }),
      });
    },
  }),
  verb({
    verb: 'add-destination',
    about: 'Adds a destination: a folder on the machine of the builder, or Azure Blob',
    args: '<customer> <name>',
    flags: {
      folder: ['--folder <path>', 'A folder; nothing else is needed'],
      account: ['--account <name>', 'Storage account'],
      region: ['--region <region>', 'Region of the storage account'],
      auth: ['--auth <how>', 'key, sas, or identity (Entra; no secret)'],
      endpoint: ['--endpoint <url>', 'Instead of https://ACCOUNT.blob.core.windows.net'],
      secretFile: SECRET_FILE,
    },
    options: z.strictObject({
      folder: z.string().optional(),
      account: z.string().optional(),
      region: z.string().optional(),
      auth: z.enum(['key', 'sas', 'identity']).default('key'),
      endpoint: z.string().optional(),
      secretFile: z.string().optional(),
    }),
    run: async (cli, [customer = '', name = ''], { folder, account, region, auth, endpoint, secretFile }) => {
      if (folder !== undefined && account === undefined) return add(cli, customer, { name, kind: 'folder', path: folder });
      if (folder !== undefined || account === undefined)
        throw usageError('Give either --folder or --account.', `pstream endpoint add-destination ${customer} ${name} --folder /exports`);
      if (region === undefined)
        throw usageError(
          '--region: This field cannot be left blank.',
          `pstream endpoint add-destination ${customer} ${name} --account ${account} --region westeurope`,
        );
      const credential = auth === 'identity' ? { kind: auth } : { kind: auth, value: await secretFor(cli, secretFile) };
      return add(cli, customer, { name, kind: 'azure-blob', account, region, credential, ...(endpoint === undefined ? {} : { endpoint }) });
    },
  }),
  verb({
    verb: 'list',
    about: 'Lists the endpoints of a customer',
    args: '<customer>',
    flags: SEARCH,
    options: z.strictObject({ search: z.string().min(1).optional() }),
    run: async (cli, [customer = ''], { search }) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      const found = await allPages((page) => cli.client().listEndpoints({ params: { customerId }, query: { ...page, search } }));
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ endpointId }) => endpointId },
          { title: 'Name', exact: ({ name }) => name },
          { title: 'Kind', exact: ({ kind }) => kind },
          {
            title: 'Settings',
            exact: ({ settings }) =>
              Object.entries(settings)
                .map(([name, value]) => `${name}=${value}`)
                .join(' '),
          },
          {
            title: 'Secret rotated',
            exact: ({ secretRotatedAt }) => secretRotatedAt,
            human: ({ secretRotatedAt }) => day(secretRotatedAt),
          },
        ],
        search === undefined ? 'No endpoints yet. Add one with: pstream endpoint add-source CUSTOMER NAME' : 'No endpoint has such a name.',
      );
    },
  }),
  verb({
    verb: 'show',
    about: 'Shows an endpoint; its secret is never shown',
    args: '<customer> <endpoint>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [customer = '', endpoint = '']) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      const { endpointId } = await findEndpoint(cli.client(), customerId, endpoint);
      const one = await cli.client().getEndpoint({ params: { customerId, endpointId } });
      await cli.out.record(one, one, [
        { title: 'Id', exact: (shownOne) => shownOne.endpointId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Kind', exact: ({ kind }) => kind },
        ...Object.entries(one.settings).map(([name, value]) => ({ title: name, exact: () => value })),
        { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        {
          title: 'Secret rotated',
          exact: ({ secretRotatedAt }) => secretRotatedAt,
          human: ({ secretRotatedAt }) => minute(secretRotatedAt),
        },
      ]);
    },
  }),
  verb({
    verb: 'rotate-secret',
    about: 'Replaces the secret of an endpoint in place',
    args: '<customer> <endpoint>',
    flags: { secretFile: SECRET_FILE },
    options: z.strictObject({ secretFile: z.string().optional() }),
    run: async (cli, [customer = '', endpoint = ''], { secretFile }) => {
      const value = await secretFor(cli, secretFile);
      const { customerId } = await findCustomer(cli.client(), customer);
      const { endpointId, name } = await findEndpoint(cli.client(), customerId, endpoint);
      const made = await cli.client().rotateEndpointSecret({ params: { customerId, endpointId }, body: { value } });
      cli.out.done(made, `The secret of ${name} is replaced; it is used from the next request on.`, made.id);
    },
  }),
  verb({
    verb: 'edit',
    about: 'Changes the name or the settings of an endpoint; passes under way keep theirs. The secret stays: see rotate-secret',
    args: '<customer> <endpoint>',
    flags: {
      name: ['--name <name>', 'Another name'],
      tenantId: ['--tenant-id <id>', 'Directory (tenant) id'],
      clientId: ['--client-id <id>', 'Application (client) id'],
      outOfScope: ['--out-of-scope <address>', 'A mailbox that the app must not reach'],
      graphUrl: ['--graph-url <url>', 'Only for a simulated tenant'],
      authorityUrl: ['--authority-url <url>', 'Only for a simulated tenant'],
      account: ['--account <name>', 'Storage account'],
      region: ['--region <region>', 'Region of the storage account'],
      endpoint: ['--endpoint <url>', 'Instead of https://ACCOUNT.blob.core.windows.net'],
      folder: ['--folder <path>', 'Another folder'],
    },
    options: z.strictObject({
      name: z.string().optional(),
      tenantId: z.string().optional(),
      clientId: z.string().optional(),
      outOfScope: z.string().optional(),
      graphUrl: z.string().optional(),
      authorityUrl: z.string().optional(),
      account: z.string().optional(),
      region: z.string().optional(),
      endpoint: z.string().optional(),
      folder: z.string().optional(),
    }),
    run: async (cli, [customer = '', endpoint = ''], { folder, ...more }) => {
      const given = Object.entries({ ...more, path: folder }).filter(([, value]) => value !== undefined);
      if (given.length === 0) throw usageError('There is nothing to change.');
      const { customerId } = await findCustomer(cli.client(), customer);
      const { endpointId, name } = await findEndpoint(cli.client(), customerId, endpoint);
      const params = { customerId, endpointId };
      const made = await cli.client().editEndpoint({ params, body: Object.fromEntries(given) });
      await shown(made, (query) => cli.client().listEndpoints({ params: { customerId }, query }));
      cli.out.done(made, `Endpoint ${more.name ?? name} is changed, for passes that are started from now on.`, made.id);
    },
  }),
  verb({
    verb: 'remove',
    about: 'Removes an endpoint that no project uses, and its secret',
    args: '<customer> <endpoint>',
    flags: YES,
    options: z.strictObject(yesField),
    run: async (cli, [customer = '', endpoint = ''], { yes }) => {
      const { customerId } = await findCustomer(cli.client(), customer);
      const { endpointId, name } = await findEndpoint(cli.client(), customerId, endpoint);
      confirmed(yes, `remove the endpoint ${name}`);
      const made = await cli.client().removeEndpoint({ params: { customerId, endpointId } });
      await shown(made, (query) => cli.client().listEndpoints({ params: { customerId }, query }));
      cli.out.done(made, `Endpoint ${name} is removed.`, made.id);
    },
  }),
];
