import { allPages } from '@pstream/api/client';
import { itemErrorStates, ProjectType } from '@pstream/contracts';
import { z } from 'zod';
import { writeGiven } from '../cli/config.js';
import { verb, type Flag, type Verb } from '../cli/verb.js';
import type { Client } from '../http/client.js';
import { findCustomer, findEndpoint, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { count, minute, size } from '../output/format.js';
import { printReport } from '../output/report.js';
import { previewLines, printPreview } from '../output/options-preview.js';
import { sumFields } from '../output/sums.js';
import { projectErrors } from './mailbox-errors.js';
import { changeVerbs } from './project-changes.js';
import { givenOptions, optionFields, optionFlags, optionLines, PartSize } from './project-options.js';
import { printThroughput } from '../output/throughput.js';

/** Prints a report of a project as the gateway writes it. */
const csvVerb = <S extends z.ZodObject>(spec: {
  readonly verb: string;
  readonly about: string;
  readonly flags: Readonly<Record<keyof z.infer<S>, Flag>>;
  readonly options: S;
  readonly report: (client: Client, projectId: string, options: z.infer<S>) => Promise<string>;
}): Verb =>
  verb({
    ...spec,
    args: '<project>',
    run: async (cli, [project = ''], options) => {
      const { projectId } = await findProject(cli.client(), project);
      const csv = await spec.report(cli.client(), projectId, options);
      cli.stdout.write(cli.json ? `${JSON.stringify({ projectId, csv })}\n` : csv);
    },
  });

export const verbs: readonly Verb[] = [
  verb({
    verb: 'create',
    about: 'Creates a project between a source and a destination',
    args: '<customer> <name>',
    flags: {
      type: ['--type <type>', 'mailbox (default) or archive'],
      source: ['--source <endpoint>', 'Source endpoint'],
      destination: ['--destination <endpoint>', 'Destination endpoint'],
      container: ['--container <name>', 'Container or subfolder (Bucket Name); default migrationwiz'],
      partSize: ['--part-size <size>', 'A new PST is begun before a file would pass this size; default 10GiB'],
      ...optionFlags,
    },
    options: z.strictObject({
      type: ProjectType.default('mailbox'),
      source: z.string(),
      destination: z.string(),
      container: z.string().optional(),
      partSize: PartSize.optional(),
      ...optionFields,
    }),
    run: async (cli, [customer = '', name = ''], { type, source, destination, container, partSize, ...more }) => {
      const client = cli.client();
      const { customerId } = await findCustomer(client, customer);
      const sourceEndpointId = (await findEndpoint(client, customerId, source)).endpointId;
      const destinationEndpointId = (await findEndpoint(client, customerId, destination)).endpointId;
      const body = {
        name,
        type,
        sourceEndpointId,
        destinationEndpointId,
        ...(container === undefined ? {} : { container }),
        ...(partSize === undefined ? {} : { partBytes: partSize }),
        ...(Object.keys(givenOptions(more)).length === 0 ? {} : { options: givenOptions(more) }),
      };
      const made = await client.createProject({ params: { customerId }, body });
      await shown(made, (query) => client.listProjects({ query }));
      cli.out.done(made, `Project ${name} is there: ${made.id}`, made.id);
    },
  }),
  verb({
    verb: 'list',
    about: 'Lists the projects',
    flags: {
      customer: ['--customer <customer>', 'Only those of this customer'],
      search: ['--search <text>', 'Only those with this text anywhere in the name, or one that looks like it'],
    },
    options: z.strictObject({ customer: z.string().optional(), search: z.string().min(1).optional() }),
    run: async (cli, _args, { customer, search }) => {
      const client = cli.client();
      const params = customer === undefined ? undefined : { customerId: (await findCustomer(client, customer)).customerId };
      const found = await allPages((page) => {
        const query = { ...page, search };
        return params === undefined ? client.listProjects({ query }) : client.listCustomerProjects({ params, query });
      });
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ projectId }) => projectId },
          { title: 'Name', exact: ({ name }) => name },
          { title: 'Type', exact: ({ type }) => type },
          { title: 'Mailboxes', exact: ({ mailboxes }) => mailboxes, human: ({ mailboxes }) => count(mailboxes) },
          { title: 'Container', exact: ({ container }) => container },
          { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        ],
        search === undefined
          ? 'No projects yet. Make one with: pstream project create CUSTOMER NAME --source … --destination …'
          : 'No project has such a name.',
      );
    },
  }),
  verb({
    verb: 'show',
    about: 'Shows a project with the sums over its mailboxes',
    args: '<project>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [project = '']) => {
      const { projectId } = await findProject(cli.client(), project);
      const detail = await cli.client().getProject({ params: { projectId } });
      await cli.out.record(detail, detail, [
        { title: 'Id', exact: (one) => one.projectId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Type', exact: ({ type }) => type },
        { title: 'Container', exact: ({ container }) => container },
        { title: 'Part size', exact: ({ partBytes }) => partBytes, human: ({ partBytes }) => size(partBytes) },
        { title: 'Mailboxes', exact: ({ mailboxes }) => mailboxes, human: ({ mailboxes }) => count(mailboxes) },
        ...optionLines,
        ...sumFields,
      ]);
    },
  }),
  projectErrors,
  csvVerb({
    verb: 'mailboxes-csv',
    about: "Prints the mailboxes of a project as a Bulk Add file with MigrationWiz's header; mailbox import takes it again",
    flags: {},
    options: z.strictObject({}),
    report: (client, projectId) => client.downloadProjectMailboxes({ params: { projectId } }),
  }),
  csvVerb({
    verb: 'statistics-csv',
    about: "Prints a row for each mailbox of a project, with counts and sizes by type, as a CSV file with MigrationWiz's header",
    flags: {},
    options: z.strictObject({}),
    report: (client, projectId) => client.downloadProjectStatistics({ params: { projectId } }),
  }),
  csvVerb({
    verb: 'errors-csv',
    about: "Prints the failed items of a project that are open, and those exported with doubts, as a CSV file with MigrationWiz's header",
    flags: { state: ['--state <state>', 'open (default), mended by a later pass, acknowledged by somebody, or all'] },
    options: z.strictObject({ state: z.enum([...itemErrorStates, 'all']).default('open') }),
    report: (client, projectId, query) => client.downloadProjectErrors({ params: { projectId }, query }),
  }),
  verb({
    verb: 'options',
    about: 'Changes what a project exports and where it goes; without options, shows it. Passes under way keep their own',
    args: '<project>',
    flags: { ...optionFlags, reset: ['--reset', 'Forget all earlier options first'] },
    options: z.strictObject({ ...optionFields, reset: z.boolean().default(false) }),
    run: async (cli, [project = ''], { reset, ...more }) => {
      const client = cli.client();
      const known = await findProject(client, project);
      const given = givenOptions(more);
      const options = { ...(reset ? {} : known.options), ...given };
      if (reset || Object.keys(given).length > 0)
        await shown(await client.replaceProjectOptions({ params: { projectId: known.projectId }, body: options }), (query) =>
          client.listProjects({ query }),
        );
      await cli.out.record({ projectId: known.projectId, options }, { options }, optionLines);
      if (given.folderFilter === undefined && given.folderMapping === undefined) return;
      const preview = await client.previewProjectOptions({ params: { projectId: known.projectId }, body: options });
      for (const line of previewLines(preview)) cli.stderr.write(`${line}\n`);
    },
  }),
  verb({
    verb: 'preview',
    about: 'Shows which folders filters and mappings would match, as far as they are known; changes nothing',
    args: '<project>',
    flags: optionFlags,
    options: z.strictObject(optionFields),
    run: async (cli, [project = ''], more) => {
      const client = cli.client();
      const { projectId, options } = await findProject(client, project);
      await printPreview(cli, await client.previewProjectOptions({ params: { projectId }, body: { ...options, ...givenOptions(more) } }));
    },
  }),
  verb({
    verb: 'report',
    about: 'Reports what became of a project: sums, PSTs, what failed and why, what is not covered and why',
    args: '<project>',
    flags: { html: ['--html <file>', 'Write it as a page to read, print and keep, with every mailbox and folder (- for standard output)'] },
    options: z.strictObject({ html: z.string().min(1).optional() }),
    run: async (cli, [project = ''], { html: file }) => {
      const client = cli.client();
      const { projectId } = await findProject(client, project);
      if (file === undefined) return printReport(cli, await client.getProjectReport({ params: { projectId } }));
      const page = await client.downloadProjectReport({ params: { projectId } });
      if (file === '-') return void cli.stdout.write(page);
      await writeGiven(file, page);
      cli.out.done({ projectId, file }, `The report is in ${file}.`, file);
    },
  }),
  verb({
    verb: 'throughput',
    about: 'Shows what came in for a project during each minute of the last 24 hours, and what limits held it up',
    args: '<project>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [project = '']) => {
      const client = cli.client();
      const { projectId } = await findProject(client, project);
      await printThroughput(cli, await client.getProjectThroughput({ params: { projectId } }));
    },
  }),
  ...changeVerbs,
];
