import type { ProjectDetail } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { anyProjectTypes, isExport, itemErrorStates } from '@pstream/contracts';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { writeGiven } from '../cli/config.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findCustomer, findEndpoint, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { count, minute, size } from '../output/format.js';
import { printReport } from '../output/report.js';
import { previewLines, printPreview } from '../output/options-preview.js';
import type { Column } from '../output/output.js';
import { sumFields } from '../output/sums.js';
import { CsvReport } from './csv-report.js';
import { ListProjectErrors } from './mailbox-errors.js';
import { linkVerbs } from './project-links.js';
import { projectPlanVerbs } from './plan.js';
import { changeVerbs } from './project-changes.js';
import { givenOptions, optionLines, PartSize, projectOptions } from './project-options.js';
import { printThroughput } from '../output/throughput.js';

@Verb({
  name: 'mailboxes-csv',
  about: "Prints the mailboxes of a project as a Bulk Add file with MigrationWiz's header; mailbox import takes it again",
  args: '<project>',
})
class PrintMailboxesCsv extends CsvReport {
  execute([project = '']: Args): Promise<void> {
    return this.print(project, (params) => this.client.downloadProjectMailboxes({ params }));
  }
}

@Verb({
  name: 'verification-csv',
  about: 'Prints for each mailbox of a project what Verify found it to be, and whether it can be read, as a CSV file',
  args: '<project>',
})
class PrintVerificationCsv extends CsvReport {
  execute([project = '']: Args): Promise<void> {
    return this.print(project, (params) => this.client.downloadProjectVerification({ params }));
  }
}

@Verb({
  name: 'statistics-csv',
  about: "Prints a row for each mailbox of a project, with counts and sizes by type, as a CSV file with MigrationWiz's header",
  args: '<project>',
})
class PrintStatisticsCsv extends CsvReport {
  execute([project = '']: Args): Promise<void> {
    return this.print(project, (params) => this.client.downloadProjectStatistics({ params }));
  }
}

@Verb({
  name: 'errors-csv',
  about: "Prints the failed items of a project that are open, and those exported with doubts, as a CSV file with MigrationWiz's header",
  args: '<project>',
})
class PrintErrorsCsv extends CsvReport {
  static readonly options = {
    state: option(
      '--state <state>',
      'open (default), mended by a later pass, acknowledged by somebody, or all',
      z.enum([...itemErrorStates, 'all']).default('open'),
    ),
  };

  execute([project = '']: Args, query: Given<typeof PrintErrorsCsv.options>): Promise<void> {
    return this.print(project, (params) => this.client.downloadProjectErrors({ params, query }));
  }
}

@Verb({
  name: 'create',
  about:
    'Creates a project between a source and a destination, or with --type discovery one that keeps what uploads of PSTs report (discover upload --project)',
  args: '<customer> <name>',
})
class CreateProject extends Command {
  static readonly options = {
    type: option('--type <type>', 'mailbox (default), archive or discovery', z.enum(anyProjectTypes).default('mailbox')),
    source: option('--source <endpoint>', 'Source endpoint; not for discovery', z.string().optional()),
    destination: option('--destination <endpoint>', 'Destination endpoint', z.string()),
    container: option('--container <name>', 'Container or subfolder (Bucket Name); default migrationwiz', z.string().optional()),
    partSize: option('--part-size <size>', 'A new PST is begun before a file would pass this size; default 10GiB', PartSize.optional()),
    ...projectOptions,
  };

  async execute(
    [customer = '', name = '']: Args,
    { type, source, destination, container, partSize, ...more }: Given<typeof CreateProject.options>,
  ): Promise<void> {
    const { client } = this;
    const options = givenOptions(more);
    if (type === 'discovery' && (source !== undefined || partSize !== undefined || Object.keys(options).length > 0))
      throw usageError('--type: A Discovery project takes no source, no part size and no options.');
    if (type !== 'discovery' && source === undefined) throw usageError('--source: This option is needed.');
    const { customerId } = await findCustomer(client, customer);
    const idOf = async (endpoint: string): Promise<string> => (await findEndpoint(client, customerId, endpoint)).endpointId;
    const sourceEndpointId = source === undefined ? '' : await idOf(source);
    const project = { name, destinationEndpointId: await idOf(destination), ...(container === undefined ? {} : { container }) };
    const body =
      type === 'discovery'
        ? { ...project, type }
        : {
            ...project,
            type,
            sourceEndpointId,
            ...(partSize === undefined ? {} : { partBytes: partSize }),
            ...(Object.keys(options).length === 0 ? {} : { options }),
          };
    const made = await client.createProject({ params: { customerId }, body });
    await shown(made, (query) => client.listProjects({ query }));
    this.out.done(made, `Project ${name} is there: ${made.id}`, made.id);
  }
}

@Verb({ name: 'list', about: 'Lists the projects' })
class ListProjects extends Command {
  static readonly options = {
    customer: option('--customer <customer>', 'Only those of this customer', z.string().optional()),
    search: option(
      '--search <text>',
      'Only those with this text anywhere in the name, or one that looks like it',
      z.string().min(1).optional(),
    ),
  };

  async execute(_args: Args, { customer, search }: Given<typeof ListProjects.options>): Promise<void> {
    const { client } = this;
    const params = customer === undefined ? undefined : { customerId: (await findCustomer(client, customer)).customerId };
    const found = await allPages((page) => {
      const query = { ...page, search };
      return params === undefined ? client.listProjects({ query }) : client.listCustomerProjects({ params, query });
    });
    await this.out.list(
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
  }
}

const exportFields: readonly Column<ProjectDetail>[] = [
  { title: 'Part size', exact: ({ partBytes }) => partBytes, human: ({ partBytes }) => size(partBytes ?? 0) },
  { title: 'Mailboxes', exact: ({ mailboxes }) => mailboxes, human: ({ mailboxes }) => count(mailboxes) },
  { title: 'Looking into PSTs', exact: ({ viewing }) => (viewing ? 'allowed' : 'not allowed') },
  ...optionLines,
  ...sumFields,
];

/** What of a Discovery project is counted: `found = uploaded + skipped + failed`. */
const discoveryFields: readonly Column<ProjectDetail>[] = [
  { title: 'Runs', exact: ({ discovery }) => discovery?.runs ?? 0 },
  ...(['found', 'uploaded', 'skipped', 'failed'] as const).map(
    (of): Column<ProjectDetail> => ({
      title: of.charAt(0).toUpperCase() + of.slice(1),
      exact: ({ discovery }) => discovery?.sums[of] ?? 0,
      human: ({ discovery }) => `${count(discovery?.sums[of] ?? 0)} (${size(discovery?.sums.bytes[of] ?? 0)})`,
    }),
  ),
];

@Verb({ name: 'show', about: 'Shows a project with the sums over its mailboxes, or over the files of its runs', args: '<project>' })
class ShowProject extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const detail = await this.client.getProject({ params: { projectId } });
    await this.out.record(detail, detail, [
      { title: 'Id', exact: (one) => one.projectId },
      { title: 'Name', exact: ({ name }) => name },
      { title: 'Type', exact: ({ type }) => type },
      { title: 'Container', exact: ({ container }) => container },
      ...(isExport(detail) ? exportFields : discoveryFields),
    ]);
  }
}

@Verb({
  name: 'options',
  about: 'Changes what a project exports and where it goes; without options, shows it. Passes under way keep their own',
  args: '<project>',
})
class ChangeOptions extends Command {
  static readonly options = { ...projectOptions, reset: option('--reset', 'Forget all earlier options first', z.boolean().default(false)) };

  async execute([project = '']: Args, { reset, ...more }: Given<typeof ChangeOptions.options>): Promise<void> {
    const { client } = this;
    const known = await findProject(client, project);
    const given = givenOptions(more);
    const options = { ...(reset ? {} : known.options), ...given };
    if (reset || Object.keys(given).length > 0)
      await shown(await client.replaceProjectOptions({ params: { projectId: known.projectId }, body: options }), (query) =>
        client.listProjects({ query }),
      );
    await this.out.record({ projectId: known.projectId, options }, { options }, optionLines);
    if (given.folderFilter === undefined && given.folderMapping === undefined) return;
    const preview = await client.previewProjectOptions({ params: { projectId: known.projectId }, body: options });
    for (const line of previewLines(preview)) this.cli.stderr.write(`${line}\n`);
  }
}

@Verb({
  name: 'preview',
  about: 'Shows which folders filters and mappings would match, as far as they are known; changes nothing',
  args: '<project>',
})
class PreviewOptions extends Command {
  static readonly options = projectOptions;

  async execute([project = '']: Args, more: Given<typeof PreviewOptions.options>): Promise<void> {
    const { client } = this;
    const { projectId, options } = await findProject(client, project);
    await printPreview(
      this.cli,
      await client.previewProjectOptions({ params: { projectId }, body: { ...options, ...givenOptions(more) } }),
    );
  }
}

@Verb({
  name: 'report',
  about: 'Reports what became of a project: sums, PSTs, what failed and why, what is not covered and why',
  args: '<project>',
})
class ShowReport extends Command {
  static readonly options = {
    html: option(
      '--html <file>',
      'Write it as a page to read, print and keep, with every mailbox and folder (- for standard output)',
      z.string().min(1).optional(),
    ),
  };

  async execute([project = '']: Args, { html: file }: Given<typeof ShowReport.options>): Promise<void> {
    const { client } = this;
    const { projectId } = await findProject(client, project);
    if (file === undefined) return printReport(this.cli, await client.getProjectReport({ params: { projectId } }));
    const page = await client.downloadProjectReport({ params: { projectId } });
    if (file === '-') return void this.cli.stdout.write(page);
    await writeGiven(file, page);
    this.out.done({ projectId, file }, `The report is in ${file}.`, file);
  }
}

@Verb({
  name: 'throughput',
  about: 'Shows what came in for a project during each minute of the last 24 hours, and what limits held it up',
  args: '<project>',
})
class ShowProjectThroughput extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { client } = this;
    const { projectId } = await findProject(client, project);
    await printThroughput(this.cli, await client.getProjectThroughput({ params: { projectId } }));
  }
}

export const verbs: readonly CommandType[] = [
  CreateProject,
  ListProjects,
  ShowProject,
  ListProjectErrors,
  PrintMailboxesCsv,
  PrintVerificationCsv,
  PrintStatisticsCsv,
  PrintErrorsCsv,
  ChangeOptions,
  PreviewOptions,
  ShowReport,
  ShowProjectThroughput,
  ...linkVerbs,
  ...changeVerbs,
  ...projectPlanVerbs,
];
