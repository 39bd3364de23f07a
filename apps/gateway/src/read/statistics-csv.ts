import {
  itemTypes,
  type Counted,
  type FolderSumsView,
  type MailboxView,
  type Pace,
  type PassKind,
  type StatisticsView,
} from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';

/** MigrationWiz's header of the statistics report, byte for byte. */
export const STATISTICS_HEADER = [
  'Mailbox Id,Source Email Address,Destination Email Address',
  ...['Folders', 'Calendars', 'Contacts', 'Email', 'Tasks', 'Notes', 'Journals', 'Total'].map(
    (type) => `${type} Success Count,${type} Success Size (bytes),${type} Error Count,${type} Error Size (bytes)`,
  ),
  ...['Source', 'Destination'].map(
    (side) =>
      `${side} Active Duration (minutes),${side} Passive Duration (minutes),${side} Data Speed (MB/hour),${side} Item Speed (items/hour)`,
  ),
  'Migrations Performed,Last Migration Type,Last Status,Last Status Details',
].join(',');

/** Passes as the Start menu calls them. */
const KINDS: Readonly<Record<PassKind, string>> = {
  verify: 'Verify Credentials',
  trial: 'Trial',
  'pre-stage': 'Pre-Stage',
  full: 'Full Migration',
  'retry-errors': 'Retry Errors',
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** MigrationWiz counts megabytes by 1,024. */
const MB = 1024 ** 2;

/** What the row of a mailbox is made of. `statistics` and `folders` are undefined where no worker has reported anything. */
export type StatisticsRow = {
  readonly mailbox: Pick<
    MailboxView,
    'mailboxJobId' | 'source' | 'destination' | 'status' | 'pass' | 'cause' | 'held' | 'doubts' | 'foldersNotListed'
  >;
  readonly statistics: StatisticsView | undefined;
  readonly folders: Pick<FolderSumsView, 'folders'> | undefined;
};

/** A line of the report. A figure that is not known is an empty cell, never a zero. */
export const statisticsLine = ({ mailbox, statistics, folders }: StatisticsRow): string => {
  const { mailboxJobId, source, destination, status, pass } = mailbox;
  const figures = statistics ?? (pass === null ? NONE : UNKNOWN);
  const places = foldersOf(folders);
  const withFolders = (counted: Counted, more: number): Counted => ({
    items: counted.items === null ? null : counted.items + more,
    bytes: counted.bytes,
  });
  const { exported, failed } = figures.total;
  return csvLine([
    mailboxJobId,
    source,
    destination,
    ...counts({ items: places.read, bytes: 0 }, { items: places.notRead, bytes: 0 }),
    ...itemTypes.flatMap((type) => counts(figures.types[type].exported, figures.types[type].failed)),
    ...counts(withFolders(exported, places.read), withFolders(failed, places.notRead)),
    ...paced(figures.source),
    ...paced(figures.destination),
    figures.migrations ?? '',
    pass === null ? '' : KINDS[pass.kind],
    status,
    details(mailbox, figures),
  ]);
};

type Figures = Omit<StatisticsView, 'mailboxJobId' | 'migrations' | 'source' | 'destination'> & {
  readonly migrations: number | null;
  readonly source: Pace | null;
  readonly destination: Pace | null;
};

/** The figures of a mailbox of which the same is said everywhere. */
const alike = (counted: Counted, pace: Pace | null, migrations: number | null): Figures => {
  const sums = { exported: counted, failed: counted, skipped: counted };
  return {
    migrations,
    types: Object.fromEntries(itemTypes.map((type) => [type, sums])) as StatisticsView['types'],
    total: sums,
    source: pace,
    destination: pace === null ? null : { ...pace, passiveMs: null },
  };
};
const NONE = alike({ items: 0, bytes: 0 }, { activeMs: 0, passiveMs: 0, items: 0, bytes: 0 }, 0);
const UNKNOWN = alike({ items: null, bytes: null }, null, null);

/** Folders have no size of their own. Those that hold no items of their own, or that a filter skips, do not count. */
const foldersOf = (view: Pick<FolderSumsView, 'folders'> | undefined): { readonly read: number; readonly notRead: number } => {
  const all = Object.values(view?.folders ?? {}).filter(({ left }) => left === null || left === 'refused');
  const notRead = all.filter(({ left, notListed }) => left === 'refused' || notListed !== null).length;
  return { read: all.length - notRead, notRead };
};

const counts = (success: Counted, error: Counted): (number | string)[] => [
  success.items ?? '',
  success.bytes ?? '',
  error.items ?? '',
  error.bytes ?? '',
];

const paced = (pace: Pace | null): (number | string)[] => {
  if (pace === null) return ['', '', '', ''];
  const { activeMs, passiveMs, items, bytes } = pace;
  const hourly = (amount: number): number => (activeMs === 0 ? 0 : rounded((amount * HOUR_MS) / activeMs));
  return [
    rounded(activeMs / MINUTE_MS),
    passiveMs === null ? '' : rounded(passiveMs / MINUTE_MS),
    bytes === null ? '' : hourly(bytes / MB),
    hourly(items),
  ];
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The cause of a failure or of a wait; folders of which nobody knows what they hold; the items that are in neither column; and which figures are missing. */
const details = ({ cause, held, doubts, foldersNotListed }: StatisticsRow['mailbox'], figures: Figures): string => {
  const why = cause ?? held;
  const skipped = figures.total.skipped.items ?? 0;
  const isUntyped = itemTypes.some((type) => figures.types[type].exported.items === null);
  return [
    ...(why === null ? [] : [why.advice === undefined || why.advice === null ? why.code : `${why.code}: ${why.advice}`]),
    ...(foldersNotListed === 0 ? [] : [`${foldersNotListed} ${foldersNotListed === 1 ? 'folder' : 'folders'} not listed`]),
    ...(doubts === 0 ? [] : [`${doubts} ${doubts === 1 ? 'item' : 'items'} exported with doubts`]),
    ...(skipped === 0 ? [] : [`${skipped} ${skipped === 1 ? 'item' : 'items'} skipped (gone from the mailbox before the export)`]),
    ...(figures.total.exported.items === null
      ? ['not counted yet']
      : isUntyped
        ? ['an earlier release exported some items without counting their types']
        : []),
  ].join('; ');
};
