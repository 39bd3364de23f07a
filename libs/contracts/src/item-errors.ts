import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, id, workgroup, type EventOf } from './event-shapes.js';
import { Ulid } from './words.js';

// Item errors: what people say of items that were not exported as they were. Stream `item-errors:<mailbox job>`, apart from that of the mailbox's
// passes, which workers read before each piece of work.

/** Item keys in one event. */
export const ITEM_KEYS_PER_EVENT = 500;
/** Item keys in one command. */
export const ITEM_KEYS_PER_COMMAND = 5_000;

/** Why somebody accepts that items are not exported as they were. */
export const AcknowledgeReason = z.string().trim().min(1, 'This field cannot be left blank.').max(500);

/** Records that somebody has seen the errors of these items and asks nothing more of them. Repeated, it changes nothing. */
export const AcknowledgeItemErrors = z.strictObject({
  workgroupId: z.string(),
  customerId: Ulid,
  projectId: Ulid,
  mailboxJobId: Ulid,
  itemKeys: z.array(z.string().min(1).max(64)).max(ITEM_KEYS_PER_COMMAND),
  reason: AcknowledgeReason,
});
export type AcknowledgeItemErrors = z.infer<typeof AcknowledgeItemErrors>;

/** Events of the item errors of a mailbox. */
export const itemErrorEvents = {
  ItemErrorsAcknowledged: z.object({
    ...workgroup,
    customerId: id,
    projectId: id,
    mailboxJobId: id,
    itemKeys: z.array(id).readonly(),
    reason: z.string(),
    by: id,
    at,
  }),
};
export type ItemErrorEvent = EventOf<typeof itemErrorEvents>;

/** The stream of the item errors of a mailbox. */
export const itemErrorsStream = (mailboxJobId: string): StreamName<ItemErrorEvent> => streamName(`item-errors:${mailboxJobId}`);
