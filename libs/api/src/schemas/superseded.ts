import { bytesField, countField, EXAMPLE_TIME, field, idField, supersededStates, textField, updateKinds } from '@pstream/contracts';
import { z } from 'zod';
import { named } from './named.js';
import { page } from './page.js';
import { PageQuery } from './queries.js';

export const SupersededQuery = PageQuery.pick({ limit: true, cursor: true });

const SupersededItem = named(
  'SupersededItem',
  z.object({
    what: field(
      z.enum(updateKinds),
      '`changed`: edited since it was listed for the export; `moved`: in another folder now; `gone`: deleted, or moved in a way that nobody can tell.',
      'changed',
    ),
    state: field(
      z.enum(supersededStates),
      '`superseded`: a newer copy is in a PST; `pending`: the newer version has failed or was skipped, see the errors of the mailbox; `gone`: there is no newer one.',
      'superseded',
    ),
    itemKey: textField('Key of the item, stable within the mailbox.', '9f2c5e0b7a1d4c3e8f6a9b0c1d2e3f40'),
    itemId: textField('Id that the item had in Microsoft Graph when it was exported.', 'AAMkAGI2TG93AAA='),
    folder: textField('Path of its folder in the mailbox.', 'Inbox/Projects'),
    to: field(z.string().nullable(), 'Path of the folder that it was moved to; null otherwise.', 'Archive'),
    itemType: textField('Message class.', 'IPM.Note'),
    itemDate: field(z.string().nullable(), 'When it came into being; null where the mailbox does not say.', EXAMPLE_TIME),
    sizeBytes: bytesField('Size of the older version as the mailbox counted it.', 48_213),
    passId: idField('pass', 'Id of the pass that exported the older copy.'),
    pass: countField('Number of that pass, from 1.', 1),
    part: field(z.string().nullable(), 'Name of the PST that has the older copy; null where that is not known.', 'ann.pst'),
    newPassId: field(
      z.string().nullable(),
      'Id of the pass that exported the newer copy; null where none did.',
      '01J8ZQ4N5W9K7C1B2D3E4F5G6F',
    ),
    newPass: field(z.int().nullable(), 'Number of that pass; null where there is none.', 3),
    newPart: field(z.string().nullable(), 'Name of the PST that has the newer copy; null where there is none.', 'ann.002.pst'),
  }),
);
export type SupersededItem = z.infer<typeof SupersededItem>;

export const SupersededItems = page('SupersededItems', SupersededItem, 'Copies');
