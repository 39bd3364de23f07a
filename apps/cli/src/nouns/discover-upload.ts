import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Endpoint } from '@pstream/api';
import type { AzureCredential, PartStore } from '@pstream/blob';
import { upload, UPLOAD_LAYOUT, type UploadReport } from '@pstream/discover/upload';
import { amountOf, isFault, retryBudget, systemRandom } from '@pstream/kernel';
import { z } from 'zod';
import { CliError, usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { Command, Verb, type Args } from '../cli/command.js';
import { readGiven } from '../cli/config.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findCustomer, findEndpoint } from '../http/resolve.js';
import { count, size, sizeBytes } from '../output/format.js';
import { plain } from '../output/output.js';
import { progressLine } from '../output/progress-line.js';
import { discoverError, talliesOf } from './discover-output.js';
import { checkDiscovery, findDiscovery, reportTo } from './discover-report.js';

const MOST_NOTES = 50;
const SLOWEST = 1_024;

const text = z.string().optional();
const rate = z
  .string()
  .transform((given) => sizeBytes(given.replace(/\/s$/, '')))
  .refine((bytes) => bytes === undefined || bytes >= SLOWEST, { error: 'Give at least 1kB.' })
  .refine((bytes) => bytes !== undefined, { error: 'Give bytes a second, such as 10MB.' });

@Verb({
  name: 'upload',
  about:
    'Uploads what a plan says to a container or folder and nothing else; the same command resumes (exit 10 if rows failed, 1 if the destination ended it)',
  args: '<plan>',
})
export class UploadStores extends Command {
  static readonly options = {
    project: option(
      '--project <project>',
      'Discovery project that keeps what became of each file; files go to its destination unless another is given',
      text,
    ),
    endpoint: option('--endpoint <name>', 'A destination that the gateway knows, with --customer and --container', text),
    customer: option('--customer <name>', 'Whose endpoint it is', text),
    account: option('--account <name>', 'Azure storage account, in place of an endpoint', text),
    serviceUrl: option('--service-url <url>', 'Address of the blob service, where it is not that of the public cloud', text),
    container: option('--container <name>', 'Container that the files go to', text),
    sasFile: option(
      '--sas-file <file>',
      'SAS or account key, in a file (- for standard input); or set PSTREAM_SECRET; else the identity of this machine',
      text,
    ),
    folder: option('--folder <dir>', 'A folder, in place of a container', text),
    limitRate: option('--limit-rate <size>', 'Bytes a second at most, such as 10MB', rate.optional()),
    dryRun: option('--dry-run', 'Only say what would be done', z.boolean().default(false)),
  };

  async execute([plan = '']: Args, { limitRate, dryRun, ...given }: Given<typeof UploadStores.options>): Promise<ExitCode> {
    const { project } = given;
    const { store, where } = await destinationOf(this.cli, given, dryRun);
    const progress = await progressLine(this.cli);
    try {
      const report = await upload({
        plan: resolve(plan),
        store,
        where,
        computer: hostname(),
        clock: this.cli.clock,
        dryRun,
        ...(limitRate === undefined ? {} : { bytesPerSecond: limitRate }),
        signal: this.cli.signal,
        ...(project === undefined ? {} : { report: { port: reportTo(this.cli, project), to: project, newKey: () => this.cli.ids.ulid() } }),
        onProgress: ({ rows, of, bytes, name }) =>
          progress.show(`${count(rows)} of ${amountOf(of, 'row')}, ${size(bytes)}; ${plain(name, '\uFFFD')}`),
      });
      progress.close();
      return await told(this.cli, report, project);
    } catch (error) {
      progress.close();
      throw uploadError(error);
    }
  }
}

type Place = Omit<Given<typeof UploadStores.options>, 'limitRate' | 'dryRun'>;

type Opened = { readonly store: PartStore; readonly where: string };

/** Opens the destination: exactly one of an endpoint, an account and a folder, or that of a project. */
const destinationOf = async (cli: Cli, place: Place, dryRun: boolean): Promise<Opened> => {
  const { project, endpoint, customer, account, folder, container } = place;
  const given = [endpoint, account, folder].filter((each) => each !== undefined).length;
  if (given > 1 || (given === 0 && project === undefined))
    throw usageError(
      'Give one destination: --project, --endpoint with --customer and --container, --account with --container, or --folder.',
    );
  if (project !== undefined && given === 0) {
    const { customerId, destinationEndpointId: endpointId, container: own } = await findDiscovery(cli.client(), project);
    const found = await cli.client().getEndpoint({ params: { customerId, endpointId } });
    return at(cli, found, container ?? own, place.sasFile, dryRun);
  }
  // Without its project an upload that knows where to goes on.
  if (project !== undefined) await checkDiscovery(cli, project);
  if (folder !== undefined) return folderAt(cli, folder, dryRun);
  if (container === undefined) throw usageError('--container: This option is needed.');
  if (account !== undefined) return containerIn(cli, account, place.serviceUrl, container, place.sasFile);
  if (customer === undefined) throw usageError('--customer: This option is needed with --endpoint.');
  const { customerId } = await findCustomer(cli.client(), customer);
  return at(cli, await findEndpoint(cli.client(), customerId, endpoint ?? ''), container, place.sasFile, dryRun);
};

const at = (
  cli: Cli,
  { kind, settings }: Pick<Endpoint, 'kind' | 'settings'>,
  container: string,
  sasFile: string | undefined,
  dryRun: boolean,
): Promise<Opened> => {
  if (kind === 'azure-blob') return containerIn(cli, settings['account'] ?? '', settings['endpoint'], container, sasFile);
  if (kind === 'folder') return folderAt(cli, resolve(settings['path'] ?? '', container), dryRun);
  throw usageError('--endpoint: This is a source. Give a destination.', 'pstream endpoint list CUSTOMER');
};

const folderAt = async (cli: Cli, folder: string, dryRun: boolean): Promise<Opened> => {
  const { folderPartStore, retryingParts } = await import('@pstream/blob');
  const dir = resolve(folder);
  const store = retryingParts(folderPartStore({ dir, layout: UPLOAD_LAYOUT }), {
    clock: cli.clock,
    random: systemRandom,
    budget: retryBudget(cli.clock),
  });
  if (!dryRun)
    await store.check(cli.signal).catch((error: unknown) => {
      throw uploadError(error);
    });
  return { store, where: dir };
};

const containerIn = async (
  cli: Cli,
  account: string,
  endpoint: string | undefined,
  container: string,
  sasFile: string | undefined,
): Promise<Opened> => {
  const { openPartStore } = await import('@pstream/blob');
  const credential = await credentialFor(cli, sasFile);
  const destination = { kind: 'azure-blob' as const, account, container, credential, ...(endpoint === undefined ? {} : { endpoint }) };
  try {
    const store = openPartStore(destination, { clock: cli.clock, random: systemRandom, layout: UPLOAD_LAYOUT });
    return { store, where: store.locate('x.pst').replace(/\/x\.pst$/, '') };
  } catch (error) {
    throw uploadError(error);
  }
};

/** A SAS, also as the query of an address, or an account key; else the identity that this machine has. */
const credentialFor = async (cli: Cli, file: string | undefined): Promise<AzureCredential> => {
  const bytes = file === undefined ? undefined : file === '-' ? await cli.readStdin() : await readGiven(file);
  const secret = (bytes === undefined ? cli.config.secret : new TextDecoder().decode(bytes))?.trim();
  if (secret === undefined) return { identity: 'default' };
  if (/(?:^|[?&])sig=/.test(secret)) return { sas: secret.replace(/^[^?]*\?/, '') };
  if (/^[A-Za-z0-9+/]{40,}={0,2}$/.test(secret)) return { key: secret };
  throw usageError('--sas-file: This is neither a SAS (which has a sig=) nor an account key.');
};

const told = async (cli: Cli, report: UploadReport, project: string | undefined): Promise<ExitCode> => {
  await cli.out.record(report, report, [
    { title: 'Destination', exact: ({ where }) => where },
    { title: 'Found', exact: ({ found }) => found, human: ({ found }) => count(found) },
    {
      title: report.dryRun ? 'Would be uploaded' : 'Uploaded',
      exact: ({ uploaded }) => uploaded,
      human: ({ uploaded }) => count(uploaded),
    },
    { title: 'Already there', exact: ({ alreadyThere }) => alreadyThere, human: ({ alreadyThere }) => count(alreadyThere) },
    { title: 'Skipped', exact: ({ skippedBy }) => talliesOf(skippedBy) },
    { title: 'Failed', exact: ({ failedBy }) => talliesOf(failedBy) },
    { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
    { title: 'Results', exact: ({ results }) => results ?? null },
    { title: 'Mapping', exact: ({ mappings }) => mappings.join(', ') },
  ]);
  if (!cli.json) notes(cli, report);
  if (project !== undefined) noteReporting(cli, report, project);
  if (cli.signal.aborted) return EXIT.interrupted;
  if (report.stoppedBy !== undefined) return EXIT.failed;
  return report.failed === 0 ? EXIT.done : EXIT.withErrors;
};

const notes = (cli: Cli, { failures, tooLargeForImport, stoppedBy, found, uploaded, skipped, failed }: UploadReport): void => {
  const note = (line: string): void => void cli.stderr.write(`${plain(line, '\uFFFD')}\n`);
  for (const { row, path, reason, advice } of failures.filter((each) => each.reason !== 'stopped').slice(0, MOST_NOTES))
    note(`row ${row}, ${path}: ${reason}${advice === '' ? '' : `. ${advice}`}`);
  for (const name of tooLargeForImport.slice(0, MOST_NOTES))
    note(`${name}: larger than 20 GiB, which the import into Microsoft 365 does not take; \`pstream pst split FILE --size 20GB\``);
  note(`${amountOf(found, 'row')} = ${count(uploaded)} uploaded + ${count(skipped)} skipped + ${count(failed)} failed`);
  if (stoppedBy !== undefined) note(`Ended early: ${stoppedBy.code}. ${stoppedBy.advice}`);
};

/** What the project has not heard is said whatever the form of the output: nothing else shows it. */
const noteReporting = (cli: Cli, { unreported }: UploadReport, project: string): void => {
  const note = (line: string): void => void cli.stderr.write(`${plain(line, '\uFFFD')}\n`);
  if (unreported === undefined) return;
  const { messages, refused, file } = unreported;
  const why = cli.signal.aborted ? '' : ': the gateway does not answer';
  if (refused !== undefined)
    note(`Not reported to the project ${project}: ${refused.code}. ${refused.advice} Reports that wait are kept in ${file}.`);
  else if (messages > 0)
    note(`Not all of this is reported to the project ${project} yet${why}. Run the same command again to report the rest.`);
  else if (!cli.signal.aborted) note(`Reported to the project ${project}.`);
};

/** Faults of the plan are wrong arguments; of a destination they are failures, in the words of the destination. */
const uploadError = (error: unknown): unknown => {
  if (isFault(error) && error.code === 'plan.mistakes') {
    const { count: all, problems } = error.facts as { readonly count: number; readonly problems: readonly string[] };
    return new CliError(EXIT.usage, {
      what: `The plan has ${amountOf(all, 'mistake')}.`,
      why: error.advice ?? '',
      advice: 'the same command again',
      lines: problems.map((line) => plain(line, '\uFFFD')),
      details: { code: error.code, facts: error.facts },
    });
  }
  return discoverError(error);
};
