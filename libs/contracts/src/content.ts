import { z } from 'zod';
import { count } from './event-shapes.js';
import { Cause, Ulid } from './words.js';

// What is in a finished PST, as somebody looks at it: read where it lies, by ranges, and never kept. Not part of any event.

/** A node of a PST. */
const Node = z.int().min(1).max(0xffff_ffff);
/** A message, and the attachments that lead to one within it. */
const MessagePath = z.array(Node).min(1).max(8);

/** Rows of a page, and bytes of an attachment that travel at once. */
export const MOST_ROWS = 200;
export const MOST_CHUNK_BYTES = 512 * 1024;

const page = { limit: z.int().min(1).max(MOST_ROWS), cursor: z.string().nullable() };

/** Asks for something in a part. A search without a folder goes through all of them. */
export const ReadPart = z.strictObject({
  mailboxJobId: Ulid,
  partId: Ulid,
  ask: z.discriminatedUnion('what', [
    z.strictObject({ what: z.literal('folders') }),
    z.strictObject({ what: z.literal('messages'), folder: Node, ...page }),
    z.strictObject({ what: z.literal('search'), folder: Node.nullable(), subject: z.string().min(1).max(200), ...page }),
    z.strictObject({ what: z.literal('message'), message: MessagePath, html: z.boolean() }),
    z.strictObject({
      what: z.literal('attachment'),
      message: MessagePath,
      attachment: Node,
      offset: count,
      length: z.int().min(0).max(MOST_CHUNK_BYTES),
    }),
  ]),
});
export type ReadPart = z.infer<typeof ReadPart>;

const text = z.string().nullable();

export const PartMessageRow = z.strictObject({
  message: Node,
  folder: Node,
  messageClass: text,
  subject: text,
  from: text,
  at: text,
  bytes: z.number().nullable(),
  hasAttachments: z.boolean(),
});
export type PartMessageRow = z.infer<typeof PartMessageRow>;

export const PartMessageRead = z.strictObject({
  messageClass: text,
  subject: text,
  from: text,
  at: text,
  recipients: z.array(z.strictObject({ kind: z.enum(['to', 'cc', 'bcc']), name: text, address: text })),
  /** Plain text, and HTML as it stands in the message; which of them is given depends on what was asked. */
  text,
  html: text,
  hasHtml: z.boolean(),
  attachments: z.array(z.strictObject({ attachment: Node, name: text, mediaType: text, bytes: count, isMessage: z.boolean() })),
  isCut: z.boolean(),
});
export type PartMessageRead = z.infer<typeof PartMessageRead>;

export const ReadPartReply = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('folders'),
    folders: z.array(z.strictObject({ folder: Node, path: z.array(z.string()), items: count })),
    isWhole: z.boolean(),
  }),
  /** `scanned` of `total` messages were looked at, from the first page on. */
  z.strictObject({
    is: z.literal('messages'),
    messages: z.array(PartMessageRow),
    scanned: count,
    total: count,
    next: z.string().nullable(),
  }),
  z.strictObject({ is: z.literal('message'), message: PartMessageRead }),
  z.strictObject({ is: z.literal('bytes'), base64: z.string(), total: count, name: text, mediaType: text }),
  /** There is no such part of the mailbox, or none that is finished. */
  z.strictObject({ is: z.literal('no-part') }),
  z.strictObject({ is: z.literal('not-in-part') }),
  z.strictObject({ is: z.literal('bad-cursor') }),
  /** The destination does not let it be read, or it is not what was written. */
  z.strictObject({ is: z.literal('refused'), cause: Cause }),
]);
export type ReadPartReply = z.infer<typeof ReadPartReply>;
