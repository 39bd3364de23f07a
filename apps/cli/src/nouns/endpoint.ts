import type { EndpointBody } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { readSecret } from '../cli/config.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findCustomer, findEndpoint } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { day, minute } from '../output/format.js';
import { endpointPlanVerbs } from './plan.js';
import { TEST_FIRST, TestEndpoint, testsWell, WITH_CONTAINER, WITH_MAILBOX, type TestOptions } from './endpoint-test.js';

const SECRET = {
  secretFile: option('--secret-file <file>', 'The secret, in a file (- for standard input); or set PSTREAM_SECRET', z.string().optional()),
};

const secretFor = (cli: Cli, file: string | undefined): Promise<string> =>
  readSecret(file, cli.readStdin, cli.config.secret, { option: '--secret-file', variable: 'PSTREAM_SECRET' });

const add = async (cli: Cli, customer: string, body: EndpointBody, test: TestOptions): Promise<ExitCode | void> => {
  if (!(await testsWell(cli, customer, body, test))) return EXIT.failed;
  const { customerId } = await findCustomer(cli.client(), customer);
  const params = { customerId };
  const made = await cli.client().addEndpoint({ params, body });
  await shown(made, (query) => cli.client().listEndpoints({ params, query }));
  cli.out.done(made, `Endpoint ${body.name} is there: ${made.id}`, made.id);
};

@Verb({
  name: 'add-source',
  about: 'Adds a Microsoft 365 tenant; signs in as an app, with a client secret or a certificate',
  args: '<customer> <name>',
})
class AddSource extends Command {
  static readonly options = {
    tenantId: option('--tenant-id <id>', 'Directory (tenant) id', z.string()),
    clientId: option('--client-id <id>', 'Application (client) id', z.string()),
    ...SECRET,
    certificateSha256: option(
      '--certificate-sha256 <thumbprint>',
      'Sign in with this certificate; the secret is then its private key (PEM)',
      z.string().optional(),
    ),
    outOfScope: option(
      '--out-of-scope <address>',
      'A mailbox that the app must not reach; Verify Credentials tries it',
      z.string().optional(),
    ),
    graphUrl: option('--graph-url <url>', 'Only for a simulated tenant', z.string().optional()),
    authorityUrl: option('--authority-url <url>', 'Only for a simulated tenant', z.string().optional()),
    ...TEST_FIRST,
    ...WITH_MAILBOX,
  };

  async execute(
    [customer = '', name = '']: Args,
    { tenantId, clientId, secretFile, certificateSha256, outOfScope, graphUrl, authorityUrl, ...test }: Given<typeof AddSource.options>,
  ): Promise<ExitCode | void> {
    const value = await secretFor(this.cli, secretFile);
    const credential =
      certificateSha256 === undefined
        ? { kind: 'secret' as const, value }
        : { kind: 'certificate' as const, thumbprintSha256: certificateSha256, value };
    const body: EndpointBody = {
      name,
      kind: 'microsoft-365',
      tenantId,
      clientId,
      credential,
      ...(outOfScope === undefined ? {} : { outOfScope }),
      ...(graphUrl === undefined ? {} : { graphUrl }),
      ...(authorityUrl === undefined ? {} : { authorityUrl }),
    };
    return add(this.cli, customer, body, test);
  }
}

@Verb({
  name: 'add-destination',
  about: 'Adds a destination: a folder on the machine of the builder, or Azure Blob',
  args: '<customer> <name>',
})
class AddDestination extends Command {
  static readonly options = {
    folder: option('--folder <path>', 'A folder; nothing else is needed', z.string().optional()),
    account: option('--account <name>', 'Storage account', z.string().optional()),
    region: option('--region <region>', 'Region of the storage account', z.string().optional()),
    auth: option('--auth <how>', 'key, sas, or identity (Entra; no secret)', z.enum(['key', 'sas', 'identity']).default('key')),
    endpoint: option('--endpoint <url>', 'Instead of https://ACCOUNT.blob.core.windows.net', z.string().optional()),
    ...SECRET,
    ...TEST_FIRST,
    ...WITH_CONTAINER,
  };

  async execute(
    [customer = '', name = '']: Args,
    { folder, account, region, auth, endpoint, secretFile, ...test }: Given<typeof AddDestination.options>,
  ): Promise<ExitCode | void> {
    if (folder !== undefined && account === undefined) return add(this.cli, customer, { name, kind: 'folder', path: folder }, test);
    if (folder !== undefined || account === undefined)
      throw usageError('Give either --folder or --account.', `pstream endpoint add-destination ${customer} ${name} --folder /exports`);
    if (region === undefined)
      throw usageError(
        '--region: This field cannot be left blank.',
        `pstream endpoint add-destination ${customer} ${name} --account ${account} --region westeurope`,
      );
    const credential = auth === 'identity' ? { kind: auth } : { kind: auth, value: await secretFor(this.cli, secretFile) };
    const body = { name, kind: 'azure-blob' as const, account, region, credential, ...(endpoint === undefined ? {} : { endpoint }) };
    return add(this.cli, customer, body, test);
  }
}

@Verb({ name: 'list', about: 'Lists the endpoints of a customer', args: '<customer>' })
class ListEndpoints extends Command {
  static readonly options = {
    search: option(
      '--search <text>',
      'Only those with this text anywhere in the name, or one that looks like it',
      z.string().min(1).optional(),
    ),
  };

  async execute([customer = '']: Args, { search }: Given<typeof ListEndpoints.options>): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    const found = await allPages((page) => this.client.listEndpoints({ params: { customerId }, query: { ...page, search } }));
    await this.out.list(
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
  }
}

@Verb({ name: 'show', about: 'Shows an endpoint; its secret is never shown', args: '<customer> <endpoint>' })
class ShowEndpoint extends Command {
  async execute([customer = '', endpoint = '']: Args): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId } = await findEndpoint(this.client, customerId, endpoint);
    const one = await this.client.getEndpoint({ params: { customerId, endpointId } });
    await this.out.record(one, one, [
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
  }
}

@Verb({ name: 'rotate-secret', about: 'Replaces the secret of an endpoint in place', args: '<customer> <endpoint>' })
class RotateSecret extends Command {
  static readonly options = SECRET;

  async execute([customer = '', endpoint = '']: Args, { secretFile }: Given<typeof RotateSecret.options>): Promise<void> {
    const value = await secretFor(this.cli, secretFile);
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId, name } = await findEndpoint(this.client, customerId, endpoint);
    const made = await this.client.rotateEndpointSecret({ params: { customerId, endpointId }, body: { value } });
    this.out.done(made, `The secret of ${name} is replaced; it is used from the next request on.`, made.id);
  }
}

@Verb({
  name: 'edit',
  about: 'Changes the name or the settings of an endpoint; passes under way keep theirs. The secret stays: see rotate-secret',
  args: '<customer> <endpoint>',
})
class EditEndpoint extends Command {
  static readonly options = {
    name: option('--name <name>', 'Another name', z.string().optional()),
    tenantId: option('--tenant-id <id>', 'Directory (tenant) id', z.string().optional()),
    clientId: option('--client-id <id>', 'Application (client) id', z.string().optional()),
    outOfScope: option('--out-of-scope <address>', 'A mailbox that the app must not reach', z.string().optional()),
    graphUrl: option('--graph-url <url>', 'Only for a simulated tenant', z.string().optional()),
    authorityUrl: option('--authority-url <url>', 'Only for a simulated tenant', z.string().optional()),
    account: option('--account <name>', 'Storage account', z.string().optional()),
    region: option('--region <region>', 'Region of the storage account', z.string().optional()),
    endpoint: option('--endpoint <url>', 'Instead of https://ACCOUNT.blob.core.windows.net', z.string().optional()),
    folder: option('--folder <path>', 'Another folder', z.string().optional()),
  };

  async execute([customer = '', endpoint = '']: Args, { folder, ...more }: Given<typeof EditEndpoint.options>): Promise<void> {
    const given = Object.entries({ ...more, path: folder }).filter(([, value]) => value !== undefined);
    if (given.length === 0) throw usageError('There is nothing to change.');
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId, name } = await findEndpoint(this.client, customerId, endpoint);
    const params = { customerId, endpointId };
    const made = await this.client.editEndpoint({ params, body: Object.fromEntries(given) });
    await shown(made, (query) => this.client.listEndpoints({ params: { customerId }, query }));
    this.out.done(made, `Endpoint ${more.name ?? name} is changed, for passes that are started from now on.`, made.id);
  }
}

@Verb({ name: 'remove', about: 'Removes an endpoint that no project uses, and its secret', args: '<customer> <endpoint>' })
class RemoveEndpoint extends Command {
  static readonly options = YES;

  async execute([customer = '', endpoint = '']: Args, { yes }: Given<typeof RemoveEndpoint.options>): Promise<void> {
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId, name } = await findEndpoint(this.client, customerId, endpoint);
    confirmed(yes, `remove the endpoint ${name}`);
    const made = await this.client.removeEndpoint({ params: { customerId, endpointId } });
    await shown(made, (query) => this.client.listEndpoints({ params: { customerId }, query }));
    this.out.done(made, `Endpoint ${name} is removed.`, made.id);
  }
}

export const verbs: readonly CommandType[] = [
  AddSource,
  AddDestination,
  ListEndpoints,
  ShowEndpoint,
  TestEndpoint,
  RotateSecret,
  EditEndpoint,
  RemoveEndpoint,
  ...endpointPlanVerbs,
];
