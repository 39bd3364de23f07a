import { Size, type ConfigKeys } from '@pstream/wiring';
import { z } from 'zod';

/** Keys of the extractor, with default, range and unit. */
export const extractorKeys = {
  mailboxesAtOnce: {
    env: 'PSTREAM_EXTRACTOR_MAILBOXES',
    schema: z.coerce.number().int().min(1).max(256).default(8).describe('Mailboxes that one extractor works on side by side, 1 to 256.'),
  },
  pageItems: {
    env: 'PSTREAM_EXTRACTOR_PAGE_ITEMS',
    schema: z.coerce.number().int().min(1).max(999).default(200).describe('Items asked for in one page of a listing, 1 to 999.'),
  },
  sliceItems: {
    env: 'PSTREAM_EXTRACTOR_SLICE_ITEMS',
    schema: z.coerce.number().int().min(1).max(1000).default(100).describe('Most items exported in one unit of work, 1 to 1000.'),
  },
  sliceBytes: {
    env: 'PSTREAM_EXTRACTOR_SLICE_BYTES',
    schema: Size.default(32 * 1024 ** 2).describe('Most bytes (as the mailbox counts them) exported in one unit of work.'),
  },
  batchesAtOnce: {
    env: 'PSTREAM_EXTRACTOR_BATCHES',
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .max(4)
      .default(4)
      .describe('Export calls under way for one mailbox, 1 to 4 (the limit of Exchange Online).'),
  },
  claimFromBytes: {
    env: 'PSTREAM_EXTRACTOR_CLAIM_BYTES',
    schema: Size.optional().describe(
      'Streams above this size travel through the working storage instead of the log. Default: half of the largest record that the log takes (512 KiB on Kafka, 2 MiB embedded).',
    ),
  },
  backlogBytes: {
    env: 'PSTREAM_EXTRACTOR_BACKLOG_BYTES',
    schema: Size.default(128 * 1024 ** 2).describe('Extraction of a mailbox waits while its PST is this many bytes behind what was read.'),
  },
  backlogRecords: {
    env: 'PSTREAM_EXTRACTOR_BACKLOG_ITEMS',
    schema: z.coerce
      .number()
      .int()
      .min(1)
      .default(20_000)
      .describe('Extraction of a mailbox waits while its PST is this many items behind what was read.'),
  },
} satisfies ConfigKeys;
