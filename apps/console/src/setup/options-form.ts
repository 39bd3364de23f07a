import type { AnswerOf } from '../api/answers.js';
import { shellWord } from '../parts/shell-word.js';

type Options = AnswerOf<'getProject'>['options'];

/** Kinds of items, in the order of the form. */
export const ITEM_TYPES = ['email', 'calendars', 'contacts', 'tasks', 'notes', 'journals'] as const;
type ItemType = (typeof ITEM_TYPES)[number];

/** Saving replaces the options as a whole, so that every one of them has a field: one that the form lacks does not compile. */
export type OptionsField = ItemType | Exclude<keyof Options, 'itemTypes'>;
type Values = Readonly<Record<OptionsField, string>>;

const yes = (is: boolean | undefined): string => (is === true ? 'yes' : '');

/** The options of a project as the form shows them; a list has a line for each. Without item types every kind is exported. */
export const valuesOf = (options: Options): Values => {
  const kind = (type: ItemType): string => yes(options.itemTypes === undefined || options.itemTypes.includes(type));
  return {
    ...(Object.fromEntries(ITEM_TYPES.map((type) => [type, kind(type)])) as Record<ItemType, string>),
    itemsFrom: options.itemsFrom ?? '',
    itemsBefore: options.itemsBefore ?? '',
    folderFilter: (options.folderFilter ?? []).join('\n'),
    folderMapping: (options.folderMapping ?? []).join('\n'),
    badItemLimit: options.badItemLimit === undefined ? '' : String(options.badItemLimit),
    trialParts: options.trialParts ?? 'keep',
    skipHiddenFolders: yes(options.skipHiddenFolders),
    recoverableItems: yes(options.recoverableItems),
  };
};

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What the form means; what is left blank is not limited. The gateway says what is wrong with it. */
export const optionsOf = (values: Values): Options => {
  const kinds = ITEM_TYPES.filter((type) => values[type] === 'yes');
  const [filters, mappings] = [linesOf(values.folderFilter), linesOf(values.folderMapping)];
  return {
    ...(kinds.length === ITEM_TYPES.length ? {} : { itemTypes: kinds }),
    ...(values.itemsFrom === '' ? {} : { itemsFrom: values.itemsFrom }),
    ...(values.itemsBefore === '' ? {} : { itemsBefore: values.itemsBefore }),
    ...(filters.length === 0 ? {} : { folderFilter: filters }),
    ...(mappings.length === 0 ? {} : { folderMapping: mappings }),
    ...(values.badItemLimit.trim() === '' ? {} : { badItemLimit: Number(values.badItemLimit) }),
    ...(values.trialParts === 'discard' ? { trialParts: 'discard' as const } : {}),
    ...(values.skipHiddenFolders === 'yes' ? { skipHiddenFolders: true } : {}),
    ...(values.recoverableItems === 'yes' ? { recoverableItems: true } : {}),
  };
};

/** The field of the form for a place in the options. */
export const optionsFieldOf = (column: string): string => {
  const [field = ''] = column.split('.');
  return field === 'itemTypes' ? 'email' : field;
};

/** The command that sets exactly these options. */
export const optionsCommand = (projectId: string, options: Options): string => {
  const list = (name: string, entries: readonly string[] | undefined): string =>
    entries === undefined ? '' : ` --${name} ${entries.map(shellWord).join(' ')}`;
  const one = (name: string, value: string | number | undefined): string =>
    value === undefined ? '' : ` --${name} ${shellWord(String(value))}`;
  return [
    `pstream project options ${projectId} --reset`,
    options.itemTypes === undefined ? '' : one('item-types', options.itemTypes.join(',')),
    one('items-from', options.itemsFrom),
    one('items-before', options.itemsBefore),
    list('folder-filter', options.folderFilter),
    list('folder-mapping', options.folderMapping),
    one('bad-item-limit', options.badItemLimit),
    one('trial-parts', options.trialParts),
    options.skipHiddenFolders === true ? ' --skip-hidden-folders' : '',
    options.recoverableItems === true ? ' --recoverable-items' : '',
  ].join('');
};
