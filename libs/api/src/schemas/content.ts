import { bytesField, countField, EXAMPLE_TIME, field, idField, MOST_ROWS, textField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { PageQuery } from './queries.js';

// What is in a finished PST. Texts are what strangers wrote: whoever shows them shows them as text.

const FolderId = z.string().regex(/^[0-9a-f]{1,8}$/, 'Give an id as the list of folders has it.');
const text = (description: string, example: string) => field(z.string().nullable(), `${description}; null if there is none.`, example);

export const ViewingBody = named(
  'Viewing',
  z.strictObject({ allowed: field(z.boolean(), 'Whether the content of finished PSTs may be looked at.', true) }),
);

export const PartFolders = named(
  'PartFolders',
  z
    .object({
      items: z
        .array(
          z.object({
            folderId: textField('Id of the folder within the PST.', '8082'),
            path: z.array(z.string()).meta({ description: 'Names from the top down.', examples: [['Inbox', 'Projects']] }),
            messages: countField('Messages in it.', 1_190),
          }),
        )
        .meta({ description: 'Folders, each before those below it.' }),
      whole: field(z.boolean(), 'False if there are more than are listed.', true),
    })
    .meta({ description: 'Folders of a PST.' }),
);
export type PartFolders = z.infer<typeof PartFolders>;

export const PartMessagesQuery = PageQuery.pick({ cursor: true }).extend({
  limit: field(z.coerce.number<number | string>().int().min(1).max(MOST_ROWS).default(50), 'Most messages of a page.', 50),
  folder: field(FolderId.optional(), 'Only messages of this folder; needed unless subjects are searched.', '8082'),
  subject: field(z.string().min(1).max(200).optional(), 'Only messages with this text in their subject, whatever its case.', 'invoice'),
});

export const PartMessages = named(
  'PartMessages',
  z
    .object({
      items: z
        .array(
          z.object({
            messageId: textField('Id of the message within the PST.', '200024'),
            folderId: textField('Id of its folder.', '8082'),
            messageClass: text('Class of the message', 'IPM.Note'),
            subject: text('Subject, cut if it is very long', 'Invoice 2026-004'),
            from: text('Name of the sender', 'Ann Smith'),
            at: field(z.string().nullable(), 'When it was received or sent; null if it does not say.', EXAMPLE_TIME),
            sizeBytes: field(z.number().nullable(), 'Size as the mailbox counted it; null if it does not say.', 75_329),
            hasAttachments: field(z.boolean(), 'Whether it has attachments.', true),
          }),
        )
        .meta({ description: 'Messages: of a folder, those that came last first; of a search, as they are found.' }),
      scanned: countField('Messages that have been looked at up to this page.', 12_000),
      total: countField('Messages to look at in all.', 44_110),
      next: field(
        z.string().nullable(),
        'The `cursor` of the next page; null on the last one. A page of a search may be empty and not the last.',
        '50',
      ),
    })
    .meta({ description: 'A page of messages.' }),
);
export type PartMessages = z.infer<typeof PartMessages>;

export const PartMessage = named(
  'PartMessage',
  z
    .object({
      messageId: textField('Id of the message within the PST; one within another has the ids of both, with a dot.', '200024'),
      messageClass: text('Class of the message', 'IPM.Note'),
      subject: text('Subject', 'Invoice 2026-004'),
      from: text('Name of the sender', 'Ann Smith'),
      at: field(z.string().nullable(), 'When it was received or sent; null if it does not say.', EXAMPLE_TIME),
      recipients: z
        .array(
          z.object({
            kind: field(z.enum(['to', 'cc', 'bcc']), 'How it was sent to them.', 'to'),
            name: text('Their name', 'Ben Miller'),
            address: text('Their address', 'ben@contoso.com'),
          }),
        )
        .meta({ description: 'Whom it was sent to; at most 1,000.' }),
      text: text('Its plain text, made from rich text where it has no other', 'Please find the invoice attached.'),
      hasHtml: field(z.boolean(), 'Whether it has HTML, which `page.html` shows made safe.', true),
      attachments: z
        .array(
          z.object({
            attachmentId: textField('Id of the attachment within the message.', '8025'),
            name: text('Its name', 'invoice.pdf'),
            mediaType: text('What the message calls it', 'application/pdf'),
            bytes: bytesField('Its size in bytes.', 48_211),
            isMessage: field(z.boolean(), 'It is a message, to be shown as one: its id is that of the message, a dot and this one.', false),
          }),
        )
        .meta({ description: 'Attachments; at most 500.' }),
      cut: field(z.boolean(), 'Something of it is longer than what is shown.', false),
      partId: idField('part', 'Id of the PST.'),
    })
    .meta({ description: 'A message in a PST.' }),
);
export type PartMessage = z.infer<typeof PartMessage>;
