import { z } from 'zod';
import { count } from './event-shapes.js';
import { Cause, SmtpAddress, Ulid } from './words.js';

// Sizes of mailboxes, as the tenant's usage report has them.

/** Users in one question. */
export const SIZES_AT_ONCE = 2_000;

/** Asks how large mailboxes of a source are. */
export const MailboxSizes = z.strictObject({ endpointId: Ulid, users: z.array(SmtpAddress).max(SIZES_AT_ONCE) });
export type MailboxSizes = z.infer<typeof MailboxSizes>;

/** Sizes in the order of the users; null for those that the report does not name. With names `concealed` it names nobody. */
export const MailboxSizesReply = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('read'),
    asOf: z.string().nullable(),
    concealed: z.boolean(),
    sizes: z.array(z.strictObject({ items: count, bytes: count }).nullable()),
  }),
  z.strictObject({ is: z.literal('refused'), cause: Cause }),
]);
export type MailboxSizesReply = z.infer<typeof MailboxSizesReply>;
