import { countField, field, idField, textField, timeField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

const EXAMPLE_ROW = {
  meterName: 'Hot LRS Data Stored',
  productName: 'General Block Blob v2',
  skuName: 'Hot LRS',
  serviceName: 'Storage',
  armRegionName: 'westeurope',
  currencyCode: 'EUR',
  retailPrice: 0.0196,
  tierMinimumUnits: 0,
  unitOfMeasure: '1 GB/Month',
};

/** A row of Azure's retail price list, as its API names the fields. */
export const PriceRow = named(
  'PriceRow',
  z.object({
    meterId: field(
      z.string().max(200).optional(),
      'Id of the meter; the same meter may stand there more than once.',
      'd23a5753-ff85-4ddf-af28-8cc5cf2d3882',
    ),
    meterName: field(z.string().max(200), 'What is metered.', 'Hot LRS Data Stored'),
    productName: field(z.string().max(200), 'Product; only `General Block Blob v2` counts.', 'General Block Blob v2'),
    skuName: field(z.string().max(200), 'Tier and redundancy.', 'Hot LRS'),
    serviceName: field(z.string().max(200), 'Service.', 'Storage'),
    armRegionName: field(z.string().max(200), 'Region.', 'westeurope'),
    type: field(z.string().max(200).optional(), 'Kind of price; only `Consumption` counts.', 'Consumption'),
    currencyCode: field(z.string().max(10), 'Currency of the price.', 'EUR'),
    retailPrice: field(z.number().nonnegative(), 'Price of so many units.', 0.0196),
    tierMinimumUnits: field(z.number().nonnegative(), 'Quantity from which on the price holds.', 0),
    unitOfMeasure: field(z.string().max(100), 'What the price is for.', '1 GB/Month'),
    effectiveStartDate: field(z.string().max(40).optional(), 'From when on it holds.', '2026-01-01T00:00:00Z'),
  }),
);
export type PriceRow = z.infer<typeof PriceRow>;

export const EstimateBody = named(
  'EstimateRequest',
  z.strictObject({
    prices: field(
      z
        .union([
          z.enum(['built-in', 'online']),
          z.strictObject({ rows: field(z.array(PriceRow).min(1).max(10_000), 'Rows of the price list.', [EXAMPLE_ROW]) }),
        ])
        .default('built-in'),
      'Where prices come from: the table that ships with pstream, the price list of Azure, or these rows of it.',
      'built-in',
    ),
    currency: field(
      z
        .string()
        .regex(/^[A-Z]{3}$/)
        .default('USD'),
      'Currency, ISO 4217.',
      'EUR',
    ),
    tier: field(z.enum(['hot', 'cool', 'cold']).default('hot'), 'Tier that the PSTs lie in once they have been read back.', 'hot'),
    redundancy: field(z.enum(['LRS', 'ZRS', 'GRS']).default('LRS'), 'Redundancy of the storage account.', 'LRS'),
    months: field(z.int().min(1).max(120).default(12), 'Months for which they lie there.', 12),
  }),
);
export type EstimateBody = z.infer<typeof EstimateBody>;

const Range = named(
  'EstimateRange',
  z.object({
    low: field(z.number(), 'Not less than this.', 90),
    expected: field(z.number(), 'What is to be expected.', 100),
    high: field(z.number(), 'Hardly more than this.', 110),
  }),
);
export type EstimateRange = z.infer<typeof Range>;
const range = (description: string) => Range.nullable().meta({ description: `${description} Null where it is not known.` });

const MailboxEstimate = z.object({
  mailboxJobId: idField('mailbox', 'Id of the mailbox.'),
  source: textField('Its address.', 'ann@contoso.com'),
  mailboxBytes: field(z.number().nullable(), 'Size of the mailbox; null where it is not known.', 2_147_483_648),
  items: field(z.int().nullable(), 'Items in it; null where that is not known.', 28_114),
  from: field(
    z.enum(['usage-report', 'folder-counts']).nullable(),
    "Where the size is from: the tenant's usage report, or the items that a pass counted times the mean size of those that it took. Null where it is not known.",
    'usage-report',
  ),
  pstBytes: range('Bytes of its PSTs.'),
  writtenBytes: field(z.number(), 'Bytes of the PSTs that its passes have written so far, and that are still there.', 0),
  writtenParts: countField('Those PSTs.', 0),
});

const Line = z.object({
  what: field(
    z.enum(['capacity', 'writes', 'reads', 'other', 'tiering']),
    '`tiering` is the move of each PST to a cooler tier.',
    'capacity',
  ),
  quantity: range('How much of it: GiB that lie there, or operations.'),
  unit: textField('Unit of the quantity.', 'GiB'),
  once: range('What it costs once.'),
  monthly: range('What it costs each month.'),
  from: textField('Where quantity and price are from.', 'bytes of the PSTs; price: Azure retail prices'),
  unknown: field(z.string().nullable(), 'Why it has no price; null where it has one.', null),
});

export const Estimate = named(
  'Estimate',
  z
    .object({
      projectId: idField('project', 'Id of the project.'),
      at: timeField('When it was made.'),
      region: field(z.string().nullable(), 'Region of the storage account; null where the project writes to a folder.', 'westeurope'),
      tier: textField('Tier of the PSTs.', 'hot'),
      redundancy: textField('Redundancy of the account.', 'LRS'),
      currency: textField('Currency of the amounts.', 'USD'),
      months: countField('Months that `total` is over.', 12),
      sizes: z
        .object({
          asOf: field(z.string().nullable(), 'Day of the usage report; null without one.', '2026-11-28'),
          concealed: field(z.boolean(), 'Whether the tenant conceals the names in its reports.', false),
          problem: field(z.string().nullable(), 'Why the usage report could not be used, and what to do; null where it could.', null),
          known: countField('Mailboxes whose size is known.', 248),
          unknown: countField('Mailboxes whose size is not known. They are in none of the sums.', 2),
        })
        .meta({ description: 'How the sizes of the mailboxes are known.' }),
      ratio: z
        .object({
          low: field(z.number(), 'Not less than this.', 1.01),
          expected: field(z.number(), 'What is to be expected.', 1.12),
          high: field(z.number(), 'Hardly more than this.', 1.24),
          from: field(z.enum(['measured', 'assumed']), '`measured` on PSTs that passes of this project have written.', 'measured'),
          passes: countField('Passes that it was measured on.', 12),
        })
        .meta({ description: 'Bytes of PSTs for each byte of a mailbox.' }),
      mailboxBytes: field(z.number().nullable(), 'Bytes of the mailboxes whose size is known; null where none is.', 536_870_912_000),
      pstBytes: range('Bytes of their PSTs.'),
      parts: range('Number of their PSTs.'),
      operations: z
        .object({ writes: range('Writes.'), reads: range('Reads, for the read-back.'), other: range('Looks and leases.') })
        .meta({ description: 'Requests to the storage account.' }),
      written: z
        .object({ pstBytes: field(z.number(), 'Bytes.', 0), parts: countField('PSTs.', 0) })
        .meta({ description: 'What passes have written so far, and what is still there.' }),
      licences: z
        .object({
          users: countField('Users of the project.', 250),
          covered: countField('Those with a licence that is valid now.', 240),
          needed: countField('Those without; 0 where no licences are needed.', 10),
        })
        .meta({ description: 'Licences that Pre-Stage and Full need.' }),
      duration: z
        .object({
          shortestSeconds: field(
            z.number().nullable(),
            'With all mailboxes at once: the time of the largest. Null where it is not known.',
            14_400,
          ),
          longestSeconds: field(z.number().nullable(), 'With one mailbox after the other. Null where it is not known.', 864_000),
          from: textField('Where it is from.', 'the pace of the passes of this project'),
        })
        .meta({ description: 'How long the export of everything takes.' }),
      prices: z
        .object({
          from: textField('Where the prices are from.', 'Azure retail prices'),
          asOf: field(z.string().nullable(), 'Day of the newest of them; null where they do not say.', '2026-11-01'),
        })
        .meta({ description: 'The prices that were used.' }),
      lines: z.array(Line).meta({ description: 'What the storage account costs, line by line.' }),
      once: range('All that is paid once.'),
      monthly: range('All that is paid each month.'),
      total: range('Both, for all months.'),
      complete: field(z.boolean(), 'Whether every mailbox has a size and every line a price. Otherwise the sums are too low.', true),
      notes: field(z.array(z.string()), 'What else to know of these numbers.', [
        'Sizes are those of whole mailboxes of now; what arrives later is not in them.',
      ]),
      mailboxes: z.array(MailboxEstimate).meta({ description: 'Mailbox by mailbox.' }),
    })
    .meta({ description: 'What the export of a project will write and cost.' }),
);
export type Estimate = z.infer<typeof Estimate>;
