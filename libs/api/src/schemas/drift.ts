import { bytesField, CauseView, countField, driftKinds, EXAMPLE_TIME, field, idField, textField, timeField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { PageQuery } from './queries.js';

export const DriftQuery = PageQuery.pick({ cursor: true });

const timeOrNull = (description: string): z.ZodNullable<z.ZodString> => field(z.string().nullable(), description, EXAMPLE_TIME);

const DriftItem = z.object({
  what: field(
    z.enum(driftKinds),
    '`changed`: edited since it was listed for the export; `gone`: deleted, or moved elsewhere; `new`: taken by no pass yet. `moved` is what the command line makes of an item that is gone in one folder and new in another.',
    'changed',
  ),
  folder: textField('Path of its folder in the mailbox.', 'Inbox/Projects'),
  to: field(z.string().nullable(), 'Path of the folder that it was moved to; null otherwise.', 'Archive'),
  itemId: textField('Id of the item in the mailbox.', 'AAMkAGI='),
  itemType: textField('Message class.', 'IPM.Note'),
  itemDate: timeOrNull('When it came into being; null where the mailbox does not say.'),
  sizeBytes: bytesField('Size as the mailbox counts it: as it was exported, or of a new item as it is.', 75_329),
  exportedAsOf: timeOrNull('When it had last changed as it was listed for the export; null where it was not exported.'),
  changedAt: timeOrNull('When it last changed; null where it is gone.'),
});

export const Drift = named(
  'Drift',
  z
    .object({
      passId: idField('pass', 'The last pass that listed the mailbox; the report is about what all passes up to it exported.'),
      startedAt: timeField('When that pass was started.'),
      items: z.array(DriftItem).meta({ description: 'Items that are not as they were exported, folder by folder.' }),
      notes: z
        .array(
          z.object({
            folder: textField('Path of the folder.', 'Inbox/Old'),
            cause: CauseView.meta({ description: 'Why it could not be compared, or not to its end.' }),
            items: countField('Items of it that were exported.', 17),
          }),
        )
        .meta({ description: 'Folders that could not be compared to their end; of these the list may lack something.' }),
      folders: z
        .object({ done: countField('Folders compared up to this page.', 12), total: countField('Folders to compare.', 17) })
        .meta({ description: 'How far the comparison is.' }),
      next: field(z.string().nullable(), 'The `cursor` of the next page; null on the last one.', '01J8ZQ4N5W9K7C1B2D3E4F5G6F-12-0'),
    })
    .meta({ description: 'What has changed in a mailbox since its export.' }),
);
export type Drift = z.infer<typeof Drift>;
