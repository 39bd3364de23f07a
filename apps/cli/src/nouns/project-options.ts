import { itemTypes, ProjectOptions } from '@pstream/contracts';
import { z } from 'zod';
import { count, sizeBytes } from '../output/format.js';
import type { Column } from '../output/output.js';

const ItemTypes = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim().toLowerCase()))
  .pipe(z.array(z.enum(itemTypes)).min(1));

/** Flags for the advanced options of a project. */
export const optionFlags = {
  itemTypes: ['--item-types <types>', `Only these, separated by commas: ${itemTypes.join(', ')}`],
  itemsFrom: ['--items-from <date>', 'Only items that came on this day or later, such as 2020-01-01 (midnight UTC)'],
  itemsBefore: ['--items-before <date>', 'Only items that came before this day'],
  folderFilter: ['--folder-filter <expressions...>', 'Skip folders whose path matches, such as ^Inbox/ or ^(?!Inbox$)'],
  folderMapping: ['--folder-mapping <mappings...>', 'Put items elsewhere in the PST: "^A->B"'],
  badItemLimit: ['--bad-item-limit <n>', 'End a pass of a mailbox once more items than this could not be read (max errors)'],
  recoverableItems: ['--recoverable-items', 'Also Recoverable Items: best effort, Microsoft documents no way to them'],
} as const;

/** What the flags take. */
export const optionFields = {
  itemTypes: ItemTypes.optional(),
  itemsFrom: ProjectOptions.shape.itemsFrom,
  itemsBefore: ProjectOptions.shape.itemsBefore,
  folderFilter: ProjectOptions.shape.folderFilter,
  folderMapping: ProjectOptions.shape.folderMapping,
  badItemLimit: z.coerce.number().pipe(ProjectOptions.shape.badItemLimit.unwrap()).optional(),
  recoverableItems: ProjectOptions.shape.recoverableItems,
};

/** The options that were given. */
export const givenOptions = (options: ProjectOptions): ProjectOptions => {
  const { itemTypes: types, itemsFrom, itemsBefore, folderFilter, folderMapping, badItemLimit, recoverableItems } = options;
  return ProjectOptions.parse(
    Object.fromEntries(
      Object.entries({ itemTypes: types, itemsFrom, itemsBefore, folderFilter, folderMapping, badItemLimit, recoverableItems }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  );
};

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
  { title: 'Recoverable Items', exact: ({ options }) => (options.recoverableItems === true ? 'yes, best effort' : 'no') },
];

/** A size such as 10GiB, in bytes. */
export const PartSize = z.string().transform((text, context) => {
  const bytes = sizeBytes(text);
  if (bytes === undefined) context.addIssue({ code: 'custom', message: 'Give a size such as 10GiB.' });
  return bytes ?? 0;
});
