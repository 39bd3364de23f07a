import type { OptionsPreview } from '@pstream/api';
import { amountOf } from '@pstream/kernel';
import type { Cli } from '../cli/cli.js';
import { count } from './format.js';

type Rule = { readonly does: string; readonly rule: string; readonly folders: number; readonly items: number; readonly mailboxes: number };

const rulesOf = ({ filters, mappings }: OptionsPreview): (Rule & { readonly example: string })[] => [
  ...filters.map(({ examples, ...filter }) => ({ ...filter, does: 'skips', example: examples[0]?.path ?? '' })),
  ...mappings.map(({ examples, ...mapping }) => ({
    ...mapping,
    does: 'moves',
    example: examples[0] === undefined ? '' : `${examples[0].path} -> ${examples[0].target}`,
  })),
];

/** Prints what each filter and mapping would match, and says of each that matches nothing that it does. */
export const printPreview = async (cli: Cli, preview: OptionsPreview): Promise<void> => {
  const rules = rulesOf(preview);
  await cli.out.list(
    preview,
    rules,
    [
      { title: 'Rule', exact: ({ rule }) => rule },
      { title: 'Does', exact: ({ does }) => does },
      { title: 'Folders', exact: ({ folders }) => folders, human: ({ folders }) => count(folders) },
      { title: 'Items', exact: ({ items }) => items, human: ({ items }) => count(items) },
      { title: 'Mailboxes', exact: ({ mailboxes }) => mailboxes, human: ({ mailboxes }) => count(mailboxes) },
      { title: 'For example', exact: ({ example }) => example },
    ],
    'There is no folder filter and no folder mapping.',
  );
  for (const line of previewLines(preview)) cli.stderr.write(`${line}\n`);
};

/** What people read about a change of filters: `^Inbox/ matches 3 folders, 1,204 items.` */
export const previewLines = (preview: OptionsPreview): string[] => {
  const { mailboxes, listed } = preview;
  if (listed === 0) return ['No folder of this project is known yet, so nothing could be matched. A Trial lists the folders.'];
  const where =
    listed < mailboxes ? ` in the ${count(listed)} of ${amountOf(mailboxes, 'mailbox', 'mailboxes')} whose folders are known` : '';
  return rulesOf(preview).map(({ rule, folders, items }) =>
    folders === 0
      ? `${rule} matches nothing${where}. pstream mailbox folders shows the paths.`
      : `${rule} matches ${amountOf(folders, 'folder')}, ${amountOf(items, 'item')}${where}.`,
  );
};
