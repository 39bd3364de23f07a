import { randomBytes } from 'node:crypto';
import { convert, type ConvertReport, type KeptSums, type Loss } from '@pstream/convert';
import { partName } from '@pstream/contracts';
import { amountOf, isFault, type Fault } from '@pstream/kernel';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { AGAIN, CliError, ITS_HELP, usageError } from '../cli/cli-error.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { count, size, sizeBytes } from '../output/format.js';
import { plain } from '../output/output.js';
import { progressLine } from '../output/progress-line.js';
import { lossFile, type LossFile } from './loss-file.js';

const SMALLEST_PART = 2 ** 20;
/** Outlook's own limit for a Unicode store by default. */
const LARGEST_PART = 50 * 2 ** 30;
const MOST_NOTES = 50;
const PST = /\.pst$/i;

const partSize = z
  .string()
  .transform((text) => sizeBytes(text))
  .refine((bytes) => bytes !== undefined && bytes >= SMALLEST_PART && bytes <= LARGEST_PART, {
    error: 'Give a size from 1MiB to 50GiB, such as 20GB.',
  });

const restart = option('--restart', 'Begin again without what a conversion that was stopped has kept', z.boolean().default(false));

const folderPath = z.string().transform((text) => text.split('/').filter((name) => name !== ''));

@Verb({
  name: 'convert',
  about:
    'Makes a PST of stores and messages: <paths> are PST, OST, .msg, .eml, mbox, TNEF files or folders of them, and last the PST to make (exit 10 if something of a source is not in it)',
  args: '<paths...>',
})
class ConvertPst extends Command {
  static readonly options = {
    split: option('--split <size>', 'Begin a new PST before a file would pass this size, such as 20GB; default 10GiB', partSize.optional()),
    only: option('--only <folder>', 'Only this folder and those below it, as `pst ls` prints it', folderPath.optional()),
    keepApart: option('--keep-apart', 'Put what each source holds below a folder named after it', z.boolean().default(false)),
    recover: option(
      '--recover',
      'Read damaged stores from end to end, also for items that their own indexes do not lead to any more',
      z.boolean().default(false),
    ),
    restart,
  };

  async execute(
    paths: Args,
    { split, only, keepApart, recover, restart: again }: Given<typeof ConvertPst.options>,
  ): Promise<ExitCode | void> {
    const output = paths.at(-1) ?? '';
    if (paths.length < 2)
      throw usageError('There must be at least one source, and then the PST to make.', 'pstream pst convert mail.ost mail.pst');
    return run(this.cli, paths.slice(0, -1), output, {
      keepApart,
      recover,
      restart: again,
      ...(split === undefined ? {} : { maxBytes: split }),
      ...(only === undefined ? {} : { only }),
    });
  }
}

@Verb({
  name: 'split',
  about: 'Makes several smaller PSTs of one, which stays as it is: NAME.split.pst, NAME.split.002.pst and so on',
  args: '<file>',
})
class SplitPst extends Command {
  static readonly options = {
    size: option('--size <size>', 'Maximum size of each file, such as 20GB', partSize),
    out: option('--out <file>', 'Name of the first PST instead', z.string().optional()),
    restart,
  };

  execute([file = '']: Args, { size: maxBytes, out, restart: again }: Given<typeof SplitPst.options>): Promise<ExitCode | void> {
    const options = { restart: again, ...(maxBytes === undefined ? {} : { maxBytes }) };
    return run(this.cli, [file], out ?? `${file.replace(PST, '')}.split.pst`, options);
  }
}

@Verb({
  name: 'merge',
  about: 'Makes one PST of several, which stay as they are; folders of one name become one; last the PST to make',
  args: '<files...>',
})
class MergePsts extends Command {
  static readonly options = {
    keepApart: option('--keep-apart', 'Put what each file holds below a folder named after it', z.boolean().default(false)),
    restart,
  };

  async execute(paths: Args, { keepApart, restart: again }: Given<typeof MergePsts.options>): Promise<ExitCode | void> {
    if (paths.length < 3)
      throw usageError('There must be at least two PSTs, and then the one to make.', 'pstream pst merge a.pst b.pst both.pst');
    return run(this.cli, paths.slice(0, -1), paths.at(-1) ?? '', { keepApart, restart: again, maxBytes: LARGEST_PART });
  }
}

export const convertVerbs: readonly CommandType[] = [ConvertPst, SplitPst, MergePsts];

type Options = {
  readonly maxBytes?: number;
  readonly only?: readonly string[];
  readonly keepApart?: boolean;
  readonly recover?: boolean;
  readonly restart: boolean;
};

const run = async (cli: Cli, sources: readonly string[], output: string, options: Options): Promise<ExitCode> => {
  if (!PST.test(output)) throw usageError('The name of the PST to make must end in .pst; it comes last.');
  const losses = opened(output);
  const progress = await progressLine(cli);
  const first: Loss[] = [];
  let lossesIn: string | undefined;
  let kept: KeptSums | undefined;
  try {
    const report = await convert({
      sources,
      nameOf: (ordinal) => partName(output, ordinal),
      displayName: output.split(/[\\/]/).at(-1)?.replace(PST, '') ?? output,
      createdAt: cli.clock.now(),
      recordKey: () => randomBytes(16),
      signal: cli.signal,
      clock: cli.clock,
      ...options,
      onProgress: ({ found, source }) => progress.show(`${amountOf(found, 'item')}; ${plain(source, '\uFFFD')}`),
      onLoss: (loss) => {
        losses.add(loss);
        if (first.length < MOST_NOTES) first.push(loss);
      },
      onResume: (sums) => {
        if (!cli.json) cli.stderr.write(`Resuming; the run that was stopped has kept ${keptText(sums)}.\n`);
      },
      onKept: (sums) => (kept = sums),
      whenNamed: async () => {
        lossesIn = await losses.keep();
      },
    });
    progress.close();
    return await told(cli, report, first, lossesIn);
  } catch (error) {
    progress.close();
    await losses.discard();
    throw asCliError(error, kept, cli.signal);
  }
};

const opened = (output: string): LossFile => {
  try {
    return lossFile(output);
  } catch (error) {
    throw asCliError(error, undefined, undefined);
  }
};

const keptText = ({ items, parts }: KeptSums): string =>
  `${amountOf(items, 'item')}${parts === 0 ? '' : ` and ${amountOf(parts, 'finished PST')}`}`;

const told = async (cli: Cli, report: ConvertReport, first: readonly Loss[], lossesIn: string | undefined): Promise<ExitCode> => {
  const skipped = report.sources.filter((source) => source.skipped !== undefined);
  await cli.out.list(
    { ...report, lossesIn: lossesIn ?? null },
    report.parts,
    [
      { title: 'File', exact: ({ file }) => file },
      { title: 'Folders', exact: ({ folders }) => folders },
      { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
      { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
      { title: 'SHA-256', exact: ({ sha256 }) => sha256 },
    ],
    '',
  );
  if (!cli.json) {
    const note = (text: string): void => void cli.stderr.write(`${plain(text, '\uFFFD')}\n`);
    for (const { source, folder, where, code, isWhole } of first)
      note(
        `${[source, folder.join('/'), where].filter((part) => part !== '').join(' › ')}: ${code}${isWhole ? ' (item not in the PST)' : ''}`,
      );
    if (skipped.length > 0) note(`${amountOf(skipped.length, 'file')} skipped: ${reasons(skipped.map((each) => each.skipped ?? ''))}`);
    note(
      `${amountOf(report.found, 'item')} found = ${count(report.written)} written${report.lossy === 0 ? '' : ` (${count(report.lossy)} with losses)`} + ${count(report.failed)} failed`,
    );
    if (report.oversize > 0)
      note(
        `${amountOf(report.oversize, 'PST')} ${report.oversize === 1 ? 'is' : 'are'} larger than the size that was asked for: one item, or the folders alone, take more.`,
      );
    const changed = report.sources.filter((source) => source.changed !== undefined).length;
    if (changed > 0)
      note(
        `${amountOf(changed, 'source')} changed while ${changed === 1 ? 'it was' : 'they were'} converted. The PST may lack what was written, or have some of it as it was before and some as it was after. Close the programs that write there, and convert again.`,
      );
    if (lossesIn !== undefined) note(`Every loss is listed in ${lossesIn}`);
  }
  return lossesIn === undefined ? EXIT.done : EXIT.withErrors;
};

const reasons = (all: readonly string[]): string =>
  [...Map.groupBy(all, (reason) => reason)].map(([reason, each]) => `${count(each.length)} ${reason}`).join(', ');

const WHATS: Readonly<Record<string, (facts: Fault['facts']) => string>> = {
  'convert.output-exists': ({ output }) => `There is already a file ${String(output)}.`,
  'convert.output-unwritable': ({ output, reason }) => `${String(output)} cannot be written (${String(reason)}).`,
  'convert.source-unreadable': ({ source, reason }) => `${String(source)} cannot be read (${String(reason)}).`,
  'convert.unknown-form': ({ source }) => `${String(source)} is neither a store nor a message.`,
  'convert.part-unsound': ({ output, problem }) => `${String(output)} does not read back as it was written (${String(problem)}).`,
  'convert.running': ({ output, process }) => `${String(output)} is being made by another command (process ${String(process)}).`,
  'convert.output-is-source': ({ source, output }) =>
    source === output ? `${String(source)} is a source.` : `${String(source)} is where ${String(output)} is made.`,
  'convert.same-source': ({ source, same }) =>
    source === same ? `${String(source)} is given twice.` : `${String(source)} and ${String(same)} are the same.`,
  'convert.other-run': ({ output, differs }) =>
    `A conversion to ${String(output)} was stopped that was asked for something else (${(Array.isArray(differs) ? differs : []).map((key) => ASKED[String(key)] ?? key).join(', ')}).`,
  'convert.source-changed': ({ source, change }) =>
    `${String(source)} is not what it was when the conversion was stopped: it ${String(change)}.`,
  'convert.kept-damaged': ({ file }) => `${String(file)} is not what the conversion that was stopped has left.`,
};
const ASKED: Readonly<Record<string, string>> = {
  sources: 'other sources',
  only: '--only',
  keepApart: '--keep-apart',
  recover: '--recover',
  maxBytes: 'another size',
  displayName: 'another name',
};
const USAGE = new Set([
  'convert.output-exists',
  'convert.source-unreadable',
  'convert.unknown-form',
  'convert.running',
  'convert.output-is-source',
  'convert.same-source',
  'convert.other-run',
  'convert.source-changed',
  'convert.kept-damaged',
]);

const asCliError = (error: unknown, kept: KeptSums | undefined, signal: AbortSignal | undefined): unknown => {
  const keeps = kept === undefined ? '' : `Kept: ${keptText(kept)}. The same command resumes; with --restart it begins again.`;
  const details = kept === undefined ? {} : { kept };
  if (signal?.aborted === true && kept !== undefined)
    return new CliError(EXIT.interrupted, {
      what: 'Interrupted.',
      why: keeps,
      advice: AGAIN,
      details: { code: 'cli.interrupted', ...details },
    });
  if (!isFault(error)) return error;
  const what = WHATS[error.code]?.(error.facts);
  if (what === undefined) return error;
  return new CliError(USAGE.has(error.code) ? EXIT.usage : EXIT.failed, {
    what: plain(what, '\uFFFD'),
    why: [error.advice ?? '', keeps].filter((text) => text !== '').join(' '),
    advice: ITS_HELP,
    details: { code: error.code, facts: error.facts, ...details },
  });
};
