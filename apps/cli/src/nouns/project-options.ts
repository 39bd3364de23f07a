import { itemTypes, ProjectOptions } from '@pstream/contracts';
import { z } from 'zod';
import { option } from '../cli/option.js';
import { count, sizeBytes } from '../output/format.js';
import type { Column } from '../output/output.js';

const ItemTypes = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()))
  .pipe(z.array(z.enum(itemTypes)).min(1));

/** The advanced options of a project. */
export const projectOptions = {
  itemTypes: option('--item-types <types>', `Only these, separated by commas: ${itemTypes.join(', ')}`, ItemTypes.optional()),
  itemsFrom: option(
    '--items-from <date>',
    'Only items that came on this day or later, such as 2020-01-01 (midnight UTC)',
    ProjectOptions.shape.itemsFrom,
  ),
  itemsBefore: option('--items-before <date>', 'Only items that came before this day', ProjectOptions.shape.itemsBefore),
  folderFilter: option(
    '--folder-filter <expressions...>',
    'Skip folders whose path matches, such as ^Inbox/ or ^(?!Inbox$)',
    ProjectOptions.shape.folderFilter,
  ),
  folderMapping: option('--folder-mapping <mappings...>', 'Put items elsewhere in the PST: "^A->B"', ProjectOptions.shape.folderMapping),
  badItemLimit: option(
    '--bad-item-limit <n>',
    'End a pass of a mailbox once more items than this could not be read (max errors)',
    z.coerce.number().pipe(ProjectOptions.shape.badItemLimit.unwrap()).optional(),
  ),
  trialParts: option(
    '--trial-parts <what>',
    'Once the first Pre-Stage or Full exports everything again: keep (default) or discard what is in trial/',
    ProjectOptions.shape.trialParts,
  ),
  skipHiddenFolders: option(
    '--skip-hidden-folders',
    'Leave out folders that Outlook does not show, with all below them',
    ProjectOptions.shape.skipHiddenFolders,
  ),
  recoverableItems: option(
    '--recoverable-items',
    'Also Recoverable Items: best effort, Microsoft documents no way to them',
    ProjectOptions.shape.recoverableItems,
  ),
};

/** The options that were given. */
export const givenOptions = (options: ProjectOptions): ProjectOptions =>
  ProjectOptions.parse(
    Object.fromEntries(
      Object.keys(projectOptions).flatMap((name) => {
        const value = options[name as keyof ProjectOptions];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  );

/** Lines that tell the options of a project. */
export const optionLines: readonly Column<{ readonly options: ProjectOptions }>[] = [
  { title: 'Item types', exact: ({ options }) => options.itemTypes?.join(', ') ?? 'all' },
  { title: 'Items from', exact: ({ options }) => options.itemsFrom ?? 'the first' },
  { title: 'Items before', exact: ({ options }) => options.itemsBefore ?? 'no end' },
  { title: 'Folder filter', exact: ({ options }) => options.folderFilter?.join('  ') ?? 'none' },
  { title: 'Folder mapping', exact: ({ options }) => options.folderMapping?.join('  ') ?? 'none' },
  {
    title: 'Bad item limit',
    exact: ({ options }) => options.badItemLimit ?? 'none',
    human: ({ options }) => (options.badItemLimit === undefined ? 'none' : count(options.badItemLimit)),
  },
  {
    title: 'PSTs of a Trial',
    exact: ({ options }) => (options.trialParts === 'discard' ? 'deleted by the first Pre-Stage or Full' : 'kept'),
  },
  { title: 'Hidden folders', exact: ({ options }) => (options.skipHiddenFolders === true ? 'left out' : 'exported') },
  { title: 'Recoverable Items', exact: ({ options }) => (options.recoverableItems === true ? 'yes, best effort' : 'no') },
];

/** A size such as 10GiB, in bytes. */
export const PartSize = z.string().transform((text, context) => {
  const bytes = sizeBytes(text);
  if (bytes === undefined) context.addIssue({ code: 'custom', message: 'Give a size such as 10GiB.' });
  return bytes ?? 0;
});
