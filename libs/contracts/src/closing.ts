import { z } from 'zod';
import { Destination } from './endpoints.js';
import { Ulid } from './words.js';

// Closing of a project: what becomes of the PSTs that it wrote.

/** What became of a PST, or with `would-delete` what would: deleted, not there (any more) when it was looked for, or kept. */
export const closedAs = ['deleted', 'would-delete', 'gone', 'kept'] as const;

/** A PST of a closed project. `why` is the code of why it was kept; null where that was asked for, and where it was not kept. */
export const ClosedPart = z.object({
  partId: z.string(),
  name: z.string(),
  container: z.string(),
  bytes: z.int().nonnegative(),
  is: z.enum(closedAs),
  why: z.string().nullable(),
  /** Code of the fault, where the destination could not be asked. */
  cause: z.string().exactOptional(),
});
export type ClosedPart = Readonly<z.infer<typeof ClosedPart>>;

/** Asks a builder what became of the PSTs that a mailbox has in a closed project: as they are on record (`keep`), as they are at the destination
 *  (`look`), or deleted (`delete`). May be asked again, with the same result. `now` is where the project writes at present: its credential is
 *  taken for the PSTs that are there. */
export const SettleParts = z.strictObject({
  operationId: Ulid,
  projectId: Ulid,
  mailboxJobId: Ulid,
  mode: z.enum(['keep', 'look', 'delete']),
  now: z.strictObject({ destination: Destination, container: z.string() }).nullable(),
});
export type SettleParts = z.infer<typeof SettleParts>;
export const SettlePartsReply = z.strictObject({ parts: z.array(ClosedPart).readonly() });
export type SettlePartsReply = z.infer<typeof SettlePartsReply>;
