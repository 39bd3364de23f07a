import { readFile } from 'node:fs/promises';
import { PriceRow, type Estimate, type EstimateBody, type EstimateRange } from '@pstream/api';
import { csvLine } from '@pstream/kernel';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { CliError, usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { EXIT } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findProject } from '../http/resolve.js';
import { count, size } from '../output/format.js';
import { plain, type Column } from '../output/output.js';

const UNKNOWN = 'not known';

/** A range for people: its middle, and what it lies between. */
const ranged = (range: EstimateRange | null, shown: (value: number) => string): string => {
  if (range === null) return UNKNOWN;
  if (range.low === range.high) return shown(range.expected);
  return `${shown(range.expected)} (${shown(range.low)} to ${shown(range.high)})`;
};

const hours = (seconds: number | null): string => {
  if (seconds === null) return UNKNOWN;
  if (seconds < 120) return `${count(seconds)} s`;
  return seconds < 7_200 ? `${count(Math.round(seconds / 60))} min` : `${count(Math.round(seconds / 3_600))} h`;
};

const amount =
  (currency: string) =>
  (value: number): string =>
    `${value.toFixed(2)} ${currency}`;

type Field = Column<Estimate>;
const field = (title: string, exact: Field['exact'], human?: Field['human']): Field =>
  human === undefined ? { title, exact } : { title, exact, human };
const rangeField = (
  title: string,
  of: (estimate: Estimate) => EstimateRange | null,
  shown: (estimate: Estimate) => (value: number) => string,
): Field =>
  field(
    title,
    (estimate) => of(estimate)?.expected ?? null,
    (estimate) => ranged(of(estimate), shown(estimate)),
  );
const bytes = () => size;
const whole =
  () =>
  (value: number): string =>
    count(Math.round(value));
const money = ({ currency }: Estimate): ((value: number) => string) => amount(currency);

const FIELDS: readonly Field[] = [
  field('Mailboxes with a known size', ({ sizes }) => sizes.known),
  field('Mailboxes without', ({ sizes }) => sizes.unknown),
  field(
    'Usage report of',
    ({ sizes }) => sizes.asOf,
    ({ sizes }) => sizes.asOf ?? 'none',
  ),
  field(
    'Mailbox bytes',
    (one) => one.mailboxBytes,
    (one) => (one.mailboxBytes === null ? UNKNOWN : size(one.mailboxBytes)),
  ),
  field(
    'PST bytes per mailbox byte',
    ({ ratio }) => ratio.expected,
    ({ ratio }) =>
      `${ratio.expected.toFixed(2)} (${ratio.from === 'measured' ? `measured on ${count(ratio.passes)} passes` : 'assumed; a Trial measures it'})`,
  ),
  rangeField('PST bytes', (one) => one.pstBytes, bytes),
  field(
    'PST bytes written so far',
    ({ written }) => written.pstBytes,
    ({ written }) => size(written.pstBytes),
  ),
  rangeField('PSTs', (one) => one.parts, whole),
  rangeField('Writes', ({ operations }) => operations.writes, whole),
  rangeField('Reads', ({ operations }) => operations.reads, whole),
  rangeField('Other requests', ({ operations }) => operations.other, whole),
  field('Licences needed', ({ licences }) => licences.needed),
  field(
    'Duration, all at once',
    ({ duration }) => duration.shortestSeconds,
    ({ duration }) => hours(duration.shortestSeconds),
  ),
  field(
    'Duration, one by one',
    ({ duration }) => duration.longestSeconds,
    ({ duration }) => hours(duration.longestSeconds),
  ),
  field('Duration from', ({ duration }) => duration.from),
  field('Prices from', ({ prices }) => prices.from),
  field(
    'Prices of',
    ({ prices }) => prices.asOf,
    ({ prices }) => prices.asOf ?? UNKNOWN,
  ),
  rangeField('Once', (one) => one.once, money),
  rangeField('Each month', (one) => one.monthly, money),
  rangeField('In all', (one) => one.total, money),
];

type Line = Estimate['lines'][number];
const lineColumns = (currency: string): readonly Column<Line>[] => [
  { title: 'What', exact: ({ what }) => what },
  {
    title: 'Quantity',
    exact: ({ quantity }) => quantity?.expected ?? null,
    human: ({ quantity, unit }) => `${ranged(quantity, (value) => (unit === 'GiB' ? value.toFixed(2) : count(Math.round(value))))} ${unit}`,
  },
  {
    title: 'Once',
    exact: ({ once }) => once?.expected ?? null,
    human: ({ once }) => (once === null ? '' : ranged(once, amount(currency))),
  },
  {
    title: 'Each month',
    exact: ({ monthly }) => monthly?.expected ?? null,
    human: ({ monthly }) => (monthly === null ? '' : ranged(monthly, amount(currency))),
  },
  { title: 'Not known because', exact: ({ unknown }) => unknown },
];

@Verb({
  name: '',
  about:
    'Estimates what the export of a project will write and cost: sizes, licences, Azure Blob, time. Every number says where it is from',
  args: '<project>',
})
class EstimateProject extends Command {
  static readonly options = {
    prices: option(
      '--prices <source>',
      'online for the price list of Azure, or a file with rows of it as JSON; without, the table that ships with pstream',
      z.string().min(1).optional(),
    ),
    currency: option(
      '--currency <code>',
      'Currency, such as EUR; the table that ships with pstream is in USD',
      z
        .string()
        .regex(/^[A-Z]{3}$/, { error: 'Give three capital letters, such as EUR.' })
        .default('USD'),
    ),
    tier: option(
      '--tier <tier>',
      'Tier that the PSTs lie in afterwards: hot (the default), cool, cold',
      z.enum(['hot', 'cool', 'cold']).default('hot'),
    ),
    redundancy: option(
      '--redundancy <kind>',
      'Redundancy of the account: LRS (the default), ZRS, GRS',
      z.enum(['LRS', 'ZRS', 'GRS']).default('LRS'),
    ),
    months: option(
      '--months <months>',
      'Months for which they lie there; by default 12',
      z.coerce
        .number({ error: 'Give 1 to 120 months.' })
        .int({ error: 'Give 1 to 120 months.' })
        .min(1, { error: 'Give 1 to 120 months.' })
        .max(120, { error: 'Give 1 to 120 months.' })
        .default(12),
    ),
    csv: option('--csv', 'Print a CSV file: a line for each mailbox, each cost and each sum', z.boolean().default(false)),
  };

  async execute([project = '']: Args, { prices, csv, ...wanted }: Given<typeof EstimateProject.options>): Promise<void> {
    if (csv && this.cli.json) throw usageError('Give --csv or --json, not both.');
    const { projectId } = await findProject(this.client, project);
    const body = { ...wanted, ...(prices === undefined ? {} : { prices: await pricesOf(prices) }) };
    const estimate = await this.client.estimateProject({ params: { projectId }, body });
    if (csv) return void this.cli.stdout.write(csvOf(estimate));
    await printEstimate(this.cli, estimate);
  }
}

/** The sums, the costs line by line, and on standard error what else to know. */
export const printEstimate = async (cli: Cli, estimate: Estimate): Promise<void> => {
  await cli.out.record(estimate, estimate, FIELDS);
  if (cli.json) return;
  const nothing = 'There is nothing to pay for: the project writes to a folder.';
  await cli.out.list({}, estimate.lines, lineColumns(estimate.currency), nothing);
  const { sizes, complete, notes } = estimate;
  const incomplete = complete ? [] : ['Not every size and price is known; the sums are without these.'];
  for (const note of [...(sizes.problem === null ? [] : [sizes.problem]), ...incomplete, ...notes])
    cli.stderr.write(`${plain(note, '\uFFFD')}\n`);
};

/** Largest file of prices that is read: a region has a few hundred rows. */
const MOST_ROWS = 10_000;

/** An answer of the price list as it was saved, or its rows alone. */
const Rows = z.union([z.array(PriceRow), z.object({ Items: z.array(PriceRow) }).transform(({ Items }) => Items)]);

const pricesOf = async (source: string): Promise<EstimateBody['prices']> => {
  if (source === 'online') return 'online';
  const bad = (why: string): CliError =>
    new CliError(EXIT.usage, {
      what: `The prices in ${source} cannot be used.`,
      why,
      advice: 'a file with the answer of https://prices.azure.com/api/retail/prices, or an array of its Items; or --prices online',
      details: { code: 'cli.bad-prices' },
    });
  let json: unknown;
  try {
    json = JSON.parse((await readFile(source, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw bad(error instanceof SyntaxError ? 'It is not JSON.' : 'It cannot be read.');
  }
  const rows = Rows.safeParse(json);
  if (!rows.success) throw bad('It has no rows of a price list.');
  if (rows.data.length === 0 || rows.data.length > MOST_ROWS)
    throw bad(`It has ${count(rows.data.length)} rows; 1 to ${count(MOST_ROWS)} are taken.`);
  return { rows: rows.data };
};

const csvOf = (estimate: Estimate): string => {
  const cells = (range: EstimateRange | null): (string | number)[] =>
    range === null ? ['', '', ''] : [range.low, range.expected, range.high];
  const lines = [
    ['Kind', 'Name', 'Low', 'Expected', 'High', 'Unit', 'Written', 'From'],
    ...estimate.mailboxes.map((one) => ['mailbox', one.source, ...cells(one.pstBytes), 'PST bytes', one.writtenBytes, one.from ?? UNKNOWN]),
    ['sum', 'PST bytes', ...cells(estimate.pstBytes), 'bytes', estimate.written.pstBytes, `ratio ${estimate.ratio.from}`],
    ['sum', 'PSTs', ...cells(estimate.parts), 'files', estimate.written.parts, ''],
    ...estimate.lines.flatMap((line) => [
      ['quantity', line.what, ...cells(line.quantity), line.unit, '', line.from],
      [
        'cost',
        line.what,
        ...cells(line.once ?? line.monthly),
        `${estimate.currency} ${line.what === 'capacity' ? 'each month' : 'once'}`,
        '',
        line.unknown ?? line.from,
      ],
    ]),
    ['sum', 'once', ...cells(estimate.once), estimate.currency, '', ''],
    ['sum', 'each month', ...cells(estimate.monthly), estimate.currency, '', ''],
    [
      'sum',
      `${String(estimate.months)} months`,
      ...cells(estimate.total),
      estimate.currency,
      '',
      estimate.complete ? '' : 'without what is not known',
    ],
  ];
  return lines.map(csvLine).join('');
};

export const verbs: readonly CommandType[] = [EstimateProject];
