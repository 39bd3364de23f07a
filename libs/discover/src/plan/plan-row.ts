/** What `upload` does with a row. */
export type Action = 'upload' | 'skip';

/** A row of a plan, as `scan` writes it. Sizes in bytes, times as ISO 8601 in UTC, `confidence` in percent. */
export type PlanRow = {
  readonly path: string;
  readonly action: Action;
  readonly owner: string;
  readonly archive: boolean;
  /** What it is called at the destination. */
  readonly name: string;
  /** Why a row is skipped. */
  readonly reason: string;
  readonly kind: string;
  readonly form: string;
  readonly encoding: string;
  readonly password: boolean | undefined;
  readonly bytes: number | undefined;
  readonly modifiedAt: string;
  readonly items: number | undefined;
  readonly oldestAt: string;
  readonly newestAt: string;
  readonly confidence: number | undefined;
  readonly evidence: string;
  readonly problems: string;
  /** A digest of samples of the file, which tells whether it is still the one that was scanned. */
  readonly id: string;
};

/** A row that says only where something lies. */
export const emptyRow = (path: string): PlanRow => ({
  path,
  action: 'skip',
  owner: '',
  archive: false,
  name: '',
  reason: '',
  kind: '',
  form: '',
  encoding: '',
  password: undefined,
  bytes: undefined,
  modifiedAt: '',
  items: undefined,
  oldestAt: '',
  newestAt: '',
  confidence: undefined,
  evidence: '',
  problems: '',
  id: '',
});

type PlanColumn = { readonly title: string; readonly cell: (row: PlanRow) => string | number };

const yesOrNo = (is: boolean | undefined): string => (is === undefined ? '' : is ? 'yes' : 'no');

/** The columns of a plan in their order; what a person edits comes first. */
export const PLAN_COLUMNS: readonly PlanColumn[] = [
  { title: 'Action', cell: ({ action }) => action },
  { title: 'Owner', cell: ({ owner }) => owner },
  { title: 'Archive', cell: ({ archive }) => yesOrNo(archive) },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Path', cell: ({ path }) => path },
  { title: 'Reason', cell: ({ reason }) => reason },
  { title: 'Confidence', cell: ({ confidence }) => confidence ?? '' },
  { title: 'Evidence', cell: ({ evidence }) => evidence },
  { title: 'Size', cell: ({ bytes }) => bytes ?? '' },
  { title: 'Modified', cell: ({ modifiedAt }) => modifiedAt },
  { title: 'Kind', cell: ({ kind }) => kind },
  { title: 'Form', cell: ({ form }) => form },
  { title: 'Encoding', cell: ({ encoding }) => encoding },
  { title: 'Password', cell: ({ password }) => yesOrNo(password) },
  { title: 'Items', cell: ({ items }) => items ?? '' },
  { title: 'Oldest', cell: ({ oldestAt }) => oldestAt },
  { title: 'Newest', cell: ({ newestAt }) => newestAt },
  { title: 'Problems', cell: ({ problems }) => problems },
  { title: 'Id', cell: ({ id }) => id },
];

/** Columns without which a plan cannot be carried out. */
export const NEEDED_COLUMNS = ['Action', 'Owner', 'Archive', 'Name', 'Path'] as const;
