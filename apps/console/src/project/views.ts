import type { AnswerOf } from '../api/answers.js';

export type Row = AnswerOf<'listMailboxes'>['items'][number];
type Status = Row['status'];

/** Built-in views of the table, in the order of their tabs. */
export const VIEWS = ['all', 'running', 'waiting', 'attention', 'done'] as const;
export type View = (typeof VIEWS)[number];

/** Statuses while a pass is under way. */
export const RUNNING: readonly Status[] = ['Verifying', 'Submitted', 'Queued', 'Migrating', 'Stopping'];
/** Statuses that somebody should look at. */
export const BROKEN: readonly Status[] = ['Failed', 'Verification failed', 'Completed with errors'];

/** Whether a pass of the mailbox is under way. */
export const isOpen = ({ status }: Pick<Row, 'status'>): boolean => RUNNING.includes(status);

/** Whether a person should look at it: it failed, items did not arrive, folders are missing, or a check warns. */
export const needsAttention = (row: Row): boolean =>
  BROKEN.includes(row.status) ||
  row.openErrors > 0 ||
  row.foldersNotListed > 0 ||
  row.held?.kind === 'fault' ||
  row.checks.some(({ verdict }) => verdict === 'warn');

/** Whether it waits for its turn or for something to pass. */
export const isWaiting = (row: Row): boolean => row.status === 'Queued' || (isOpen(row) && row.held !== null);

const BELONGS: Readonly<Record<View, (row: Row) => boolean>> = {
  all: () => true,
  running: (row) => isOpen(row) && !isWaiting(row),
  waiting: isWaiting,
  attention: needsAttention,
  done: (row) => row.status === 'Completed',
};

/** Columns that the table can be sorted by. */
export const SORTS = ['source', 'status', 'discovered', 'exported', 'skipped', 'failed', 'waits', 'parts'] as const;
export type Sort = (typeof SORTS)[number];

/** What the address of the page says of the table. */
export type Filter = {
  readonly view: View;
  readonly q: string;
  readonly code: string;
  /** Only mailboxes with this status; empty for all. */
  readonly status: Status | '';
  readonly sort: Sort;
  readonly descending: boolean;
};

const waited = (row: Row): number => Object.values(row.waits).reduce((sum, { ms }) => sum + ms, 0);

const VALUE: Readonly<Record<Sort, (row: Row) => string | number>> = {
  source: (row) => row.source.toLowerCase(),
  status: (row) => row.status,
  discovered: (row) => row.totals.discovered,
  exported: (row) => row.totals.exported,
  skipped: (row) => row.totals.skipped,
  failed: (row) => row.totals.failed,
  waits: waited,
  parts: (row) => row.parts,
};

/** How many of the rows belong to each view. */
export const countsOf = (rows: readonly Row[]): Readonly<Record<View, number>> => {
  const counts = { all: rows.length, running: 0, waiting: 0, attention: 0, done: 0 };
  for (const row of rows) for (const view of VIEWS) if (view !== 'all' && BELONGS[view](row)) counts[view]++;
  return counts;
};

/** The code that a mailbox stands under when somebody should look at it; empty if nobody need. */
export const codeOf = (row: Row): string => {
  if (row.cause !== null) return row.cause.code;
  if (row.held?.kind === 'fault') return row.held.code;
  if (row.openErrors > 0 || row.status === 'Completed with errors') return 'items';
  if (row.foldersNotListed > 0) return 'folders';
  return row.checks.find(({ verdict }) => verdict === 'warn')?.code ?? '';
};

/** The rows of a filter in its order. Rows that are equal there are in the order of their addresses. */
export const shownRows = (rows: readonly Row[], { view, q, code, status, sort, descending }: Filter): readonly Row[] => {
  const wanted = q.trim().toLowerCase();
  const kept = rows.filter(
    (row) =>
      BELONGS[view](row) &&
      (status === '' || row.status === status) &&
      (wanted === '' || row.source.toLowerCase().includes(wanted) || row.destination.toLowerCase().includes(wanted)) &&
      (code === '' || (needsAttention(row) && codeOf(row) === code)),
  );
  // Values are made once for each row; comparing makes thousands of them.
  const keyed = kept.map((row) => ({ row, value: VALUE[sort](row), name: VALUE.source(row) }));
  const order = descending ? -1 : 1;
  keyed.sort((a, b) => (a.value < b.value ? -order : a.value > b.value ? order : a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return keyed.map(({ row }) => row);
};
