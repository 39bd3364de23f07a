import type { ArgsOf } from '../api/answers.js';
import { groupBy } from '../parts/group-by.js';
import { namedOrFile } from '../parts/shell-word.js';
import { isOpen, type Row } from './views.js';

/** What can be done to mailboxes, in the order and the words of the menu. */
export const ACTIONS = ['verify', 'trial', 'pre-stage', 'full', 'retry-errors', 'stop', 'resume'] as const;
export type Action = (typeof ACTIONS)[number];

/** Why a mailbox is left out of an action. */
export type Reason = 'pass-open' | 'no-pass-open' | 'nothing-failed' | 'never-exported' | 'not-stopped' | 'stopping' | 'tried-before';

const exportedBefore = ({ pass, totals }: Row): boolean => totals.discovered > 0 || (pass !== null && pass.kind !== 'verify');

/** What keeps a mailbox out of an action, as far as the page can say; the gateway decides again. Undefined if nothing does. */
export const reasonAgainst = (action: Action, row: Row): Reason | undefined => {
  if (action === 'stop') return row.status === 'Stopping' ? 'stopping' : isOpen(row) ? undefined : 'no-pass-open';
  if (isOpen(row)) return 'pass-open';
  switch (action) {
    case 'resume':
      return row.status === 'Stopped' || row.status === 'Failed' ? undefined : 'not-stopped';
    case 'retry-errors':
      if (!exportedBefore(row)) return 'never-exported';
      return row.totals.failed > 0 || row.openErrors > 0 || row.foldersNotListed > 0 ? undefined : 'nothing-failed';
    case 'trial':
      return exportedBefore(row) ? 'tried-before' : undefined;
    default:
      return undefined;
  }
};

/** The selection, divided into those that the action is for and those it leaves out, by reason. */
export type Preview = { readonly rows: readonly Row[]; readonly left: ReadonlyMap<Reason, readonly Row[]> };

export const previewOf = (action: Action, selected: readonly Row[]): Preview => {
  const left = new Map(groupBy(selected, (row) => reasonAgainst(action, row)));
  const rows = left.get(undefined) ?? [];
  left.delete(undefined);
  return { rows, left: left as Preview['left'] };
};

/** Ages of mail that a Pre-Stage leaves to a later pass, in days. */
export const AGES = [30, 60, 90] as const;
export type Age = (typeof AGES)[number];

const VERBS: Readonly<Record<Action, string>> = {
  verify: 'verify',
  trial: 'trial',
  'pre-stage': 'pre-stage',
  full: 'start',
  'retry-errors': 'retry-errors',
  stop: 'stop',
  resume: 'resume',
};
/** The command that does the same. */
export const commandOf = (
  action: Action,
  projectId: string,
  rows: readonly Row[],
  everyRow: boolean,
  olderThanDays: Age = AGES[2],
  { startAt, priority, update, rename }: How = {},
): string => {
  const age = action === 'pre-stage' ? ` --older-than ${olderThanDays}d` : '';
  const when = `${startAt === undefined ? '' : ` --at ${startAt.slice(0, 16)}Z`}${priority === undefined ? '' : ` --priority ${priority}`}`;
  const head = `pstream export ${VERBS[action]} ${projectId}${age}${update === true ? ' --update' : ''}${rename === true ? ' --rename' : ''}${when}`;
  return `${head} ${everyRow ? '--all' : namedOrFile(rows.map(({ source }) => source))}`;
};

/** When a pass begins, and which of those that wait goes first; blank: at once, and as it is. A Full pass may also export again what was changed
 *  since it was exported, and a mailbox whose PST name is taken may get another one. */
export type How = { readonly startAt?: string; readonly priority?: number; readonly update?: true; readonly rename?: true };

/** Whether an action may be an update: a Full pass, where there is something exported to compare with. */
export const mayUpdate = (action: Action, rows: readonly Row[]): boolean => action === 'full' && rows.some(exportedBefore);

const FOREIGN = 'part.foreign-blob';

/** Whether an action may take other PST names: where somebody else has a file under the next one, found by a Verify, or met by a pass that is to be
 *  resumed. */
export const mayRename = (action: Action, rows: readonly Row[]): boolean =>
  action === 'resume'
    ? rows.some(({ cause }) => cause?.code === FOREIGN)
    : startsPass(action) && action !== 'retry-errors' && rows.some(({ checks }) => checks.some(({ code }) => code === FOREIGN));

/** Passes that can be started for later. */
export const startsPass = (action: Action): boolean => action !== 'stop' && action !== 'resume';

type Selection = ArgsOf<'stopPasses'>['body']['mailboxes'];

/** The selection that means exactly these mailboxes. */
export const selectionOf = (rows: readonly Row[], everyRow: boolean): Selection =>
  everyRow ? 'all' : rows.map(({ mailboxJobId }) => mailboxJobId);
