import { countField, textField } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';

const matches = {
  folders: countField('Folders that it matches, in all mailboxes together.', 3),
  items: countField('Items in these folders, as the tenant counted them.', 1_204),
  mailboxes: countField('Mailboxes that have such a folder.', 2),
};

const example = {
  mailboxJobId: textField('Mailbox that the folder is in.', '01J8ZQ4N5W9K7C1B2D3E4F5G6C'),
  path: textField('Path of the folder.', 'Posteingang/Projekte'),
};

/** What options would do to the folders that are known of a project's mailboxes. */
export const OptionsPreview = named(
  'OptionsPreview',
  z.object({
    mailboxes: countField('Mailboxes of the project.', 250),
    listed: countField('Those whose folders are known, because a pass has listed them. The rest counts only from those.', 248),
    folders: countField('Folders of these mailboxes.', 4_100),
    items: countField('Items in these folders.', 2_100_000),
    filters: z
      .array(
        z.object({
          rule: textField('The expression.', '^#Inbox#/'),
          ...matches,
          examples: z.array(z.object(example)).meta({ description: 'Some of the folders that are skipped.' }),
        }),
      )
      .meta({ description: 'What each folder filter skips, in the order of the filters.' }),
    mappings: z
      .array(
        z.object({
          rule: textField('The mapping.', '^#Inbox#->Old/Inbox'),
          ...matches,
          examples: z
            .array(z.object({ ...example, target: textField('Where its items would go.', 'Old/Inbox/Projekte') }))
            .meta({ description: 'Some of the folders that are moved.' }),
        }),
      )
      .meta({ description: 'What each folder mapping moves, in the order of the mappings.' }),
    skipped: z
      .object({ folders: countField('Folders.', 3), items: countField('Items in them.', 1_204) })
      .meta({ description: 'What all filters together skip.' }),
  }),
);
export type OptionsPreview = z.infer<typeof OptionsPreview>;
