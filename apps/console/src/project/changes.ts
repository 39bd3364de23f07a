import { namedOrFile, shellWord } from '../parts/shell-word.js';
import type { Row } from './views.js';

/** What can be changed about mailboxes, beside starting and stopping passes, in the order of the menu. */
export const CHANGES = ['priority', 'move', 'start-over', 'remove'] as const;
export type Change = (typeof CHANGES)[number];

/** What a change may ask for. */
export type ChangeValues = { readonly priority: string; readonly toProjectId: string; readonly parts: string; readonly stop: string };

const OPTIONS: Readonly<Record<Change, (values: ChangeValues) => string>> = {
  priority: ({ priority }) => ` --to ${shellWord(priority.trim() || '0')}`,
  move: ({ toProjectId }) => ` --to ${toProjectId || 'PROJECT'}`,
  'start-over': ({ parts }) => `${parts === 'delete' ? ' --delete-parts' : ''} --yes`,
  remove: ({ stop }) => `${stop === 'yes' ? ' --stop' : ''} --yes`,
};
const VERBS: Readonly<Record<Change, string>> = {
  priority: 'mailbox priority',
  move: 'mailbox move',
  'start-over': 'export start-over',
  remove: 'mailbox remove',
};

/** The command that does the same. */
export const changeCommand = (
  change: Change,
  projectId: string,
  rows: readonly Pick<Row, 'source'>[],
  everyRow: boolean,
  values: ChangeValues,
): string => {
  const which = everyRow ? '--all' : namedOrFile(rows.map(({ source }) => source));
  return `pstream ${VERBS[change]} ${projectId} ${which}${OPTIONS[change](values)}`;
};
