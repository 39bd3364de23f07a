import { hostname } from 'node:os';
import { NO_MAP, readOwnerMap, scan, type ScanReport } from '@pstream/discover';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { readGiven } from '../cli/config.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { count, size } from '../output/format.js';
import { plain } from '../output/output.js';
import { progressLine } from '../output/progress-line.js';
import { discoverError, talliesOf } from './discover-output.js';
import { recordVerbs } from './discover-record.js';
import { UploadStores } from './discover-upload.js';

const MOST_NOTES = 50;

@Verb({
  name: 'scan',
  about:
    'Finds PSTs below folders and writes a plan, a CSV to be edited and uploaded; changes nothing else and needs no gateway (exit 10 if something could not be read)',
  args: '[roots...]',
})
class ScanForStores extends Command {
  static readonly options = {
    out: option(
      '--out <file>',
      'Where the plan goes, such as plan.csv; the same command resumes a scan that was interrupted',
      z.string().optional(),
    ),
    deep: option(
      '--deep',
      'Open files of every name, and read what stores hold: items, times, and whose they are',
      z.boolean().default(false),
    ),
    exclude: option(
      '--exclude <globs...>',
      'Leave out what fits: a name such as *.bak, or with a slash a path such as **/Temp/**',
      z.array(z.string().min(1)).default([]),
    ),
    map: option('--map <file>', 'CSV with the columns From (path, glob, user or address) and Owner, which decides', z.string().optional()),
    domain: option(
      '--domain <name>',
      'Make addresses of user names in paths: /home/ann is ann@NAME',
      z
        .string()
        .regex(/^(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}$/i, { error: 'Give a domain such as contoso.com.' })
        .optional(),
    ),
    roots: option('--roots <file>', 'More folders, one on each line of a file (- for standard input)', z.string().optional()),
    otherFileSystems: option('--other-file-systems', 'Enter file systems that are mounted below a root', z.boolean().default(false)),
    dryRun: option('--dry-run', 'Only count; write no plan', z.boolean().default(false)),
  };

  async execute(
    given: Args,
    { out, deep, exclude, map, domain, roots, otherFileSystems, dryRun }: Given<typeof ScanForStores.options>,
  ): Promise<ExitCode> {
    if (out === undefined && !dryRun) throw usageError('--out: This option is needed, unless --dry-run is given.');
    const more = roots === undefined ? [] : await linesOf(this.cli, roots);
    const progress = await progressLine(this.cli);
    try {
      const report = await scan({
        roots: [...given, ...more],
        ...(out === undefined || dryRun ? {} : { out }),
        deep,
        exclude,
        map: map === undefined ? NO_MAP : await readOwnerMap(map),
        ...(domain === undefined ? {} : { domain: domain.toLowerCase() }),
        otherFileSystems,
        computer: hostname(),
        clock: this.cli.clock,
        signal: this.cli.signal,
        onProgress: ({ files, stores, path }) =>
          progress.show(`${amountOf(files, 'file')}, ${amountOf(stores, 'store')}; ${plain(path, '\uFFFD')}`),
      });
      progress.close();
      return await told(this.cli, report);
    } catch (error) {
      progress.close();
      throw discoverError(error);
    }
  }
}

export const verbs: readonly CommandType[] = [ScanForStores, UploadStores, ...recordVerbs];

const linesOf = async (cli: Cli, file: string): Promise<readonly string[]> => {
  const bytes = file === '-' ? await cli.readStdin() : await readGiven(file);
  return new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
};

const told = async (cli: Cli, report: ScanReport): Promise<ExitCode> => {
  await cli.out.record(report, report, [
    { title: 'Plan', exact: ({ plan }) => plan ?? null },
    { title: 'Stores', exact: ({ stores }) => stores.found, human: ({ stores }) => count(stores.found) },
    { title: 'Size', exact: ({ stores }) => stores.bytes, human: ({ stores }) => size(stores.bytes) },
    { title: 'To upload', exact: ({ stores }) => stores.upload, human: ({ stores }) => count(stores.upload) },
    { title: 'Without an owner', exact: ({ stores }) => stores.withoutOwner, human: ({ stores }) => count(stores.withoutOwner) },
    { title: 'Skipped', exact: ({ skip }) => talliesOf(skip) },
    { title: 'Files seen', exact: ({ files }) => files.seen, human: ({ files }) => count(files.seen) },
    { title: 'Folders', exact: ({ folders }) => folders.read, human: ({ folders }) => count(folders.read) },
    { title: 'Not read', exact: (all) => notRead(all), human: (all) => count(notRead(all)) },
  ]);
  if (!cli.json) {
    const note = (text: string): void => void cli.stderr.write(`${plain(text, '\uFFFD')}\n`);
    for (const { path, reason } of report.passed.slice(0, MOST_NOTES)) note(`${path}: ${reason}`);
    const { seen, stores, other, excluded, notFiles, unreadable } = report.files;
    note(
      `${amountOf(seen, 'file')} = ${amountOf(stores, 'store')} + ${count(other)} others + ${count(excluded)} excluded + ${count(notFiles)} that are no files + ${count(unreadable)} unreadable`,
    );
    if (report.stores.withoutOwner > 0)
      note(`${amountOf(report.stores.withoutOwner, 'row')} without an owner: fill in the column Owner, or these stores are not uploaded`);
  }
  return notRead(report) + (report.skip['locked'] ?? 0) + (report.skip['changing'] ?? 0) === 0 ? EXIT.done : EXIT.withErrors;
};

const notRead = ({ files, folders }: ScanReport): number => files.unreadable + folders.unreadable;
