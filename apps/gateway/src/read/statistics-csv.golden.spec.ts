import { itemTypes, type FolderSumsView, type MailboxView, type OutcomeSums, type StatisticsView } from '@pstream/contracts';
import { statisticsLine, STATISTICS_HEADER, type StatisticsRow } from './statistics-csv.js';

// Scripts and spreadsheets that were made for MigrationWiz's report read this one by the names and places of its columns.

const sums = (exported: number, failed = 0, skipped = 0): OutcomeSums => ({
  exported: { items: exported, bytes: exported * 1_000 },
  failed: { items: failed, bytes: failed * 10 },
  skipped: { items: skipped, bytes: skipped },
});
const NO_TYPES = Object.fromEntries(itemTypes.map((type) => [type, sums(0)])) as StatisticsView['types'];
const statistics: StatisticsView = {
  mailboxJobId: 'm',
  migrations: 3,
  types: {
    ...NO_TYPES,
    calendars: sums(20),
    contacts: sums(3, 1),
    email: sums(1_000, 2, 1),
    tasks: sums(4),
    notes: sums(5),
    journals: sums(6),
  },
  total: sums(1_038, 3, 1),
  source: { activeMs: 5_400_000, passiveMs: 90_500, items: 1_038, bytes: 3_145_728 },
  destination: { activeMs: 7_200_000, passiveMs: null, items: 1_038, bytes: 1_038_000 },
};
const folder = (left: string | null): FolderSumsView['folders'][string] => ({
  name: 'Inbox',
  parent: null,
  containerClass: null,
  wellKnownName: null,
  expected: 0,
  left,
  totals: { discovered: 0, exported: 0, skipped: 0, failed: 0 },
  mime: 0,
  notListed: null,
  doubts: 0,
});
const folders = { folders: { a: folder(null), b: folder(null), c: folder('refused'), d: folder('search-folder'), e: folder('filtered') } };
const pass: NonNullable<MailboxView['pass']> = {
  passId: 'x',
  number: 3,
  kind: 'full',
  startedAt: '2026-01-01T00:00:00.000Z',
  startAt: null,
  endedAt: '2026-01-01T02:00:00.000Z',
};
const mailbox: StatisticsRow['mailbox'] = {
  mailboxJobId: 'm',
  source: 'ada@contoso.com',
  destination: 'ada.pst',
  status: 'Completed with errors',
  pass,
  cause: null,
  held: null,
  doubts: 0,
  foldersNotListed: 0,
};
const lineOf = (row: Partial<StatisticsRow>): string => statisticsLine({ mailbox, statistics, folders, ...row });
/** The cells of a line by the names of their columns. */
const cellsOf = (row: Partial<StatisticsRow>): Readonly<Record<string, string | undefined>> => {
  const cells = lineOf(row).trimEnd().split(',');
  return Object.fromEntries(STATISTICS_HEADER.split(',').map((name, n) => [name, cells[n]]));
};

describe('the statistics report', () => {
  it("has MigrationWiz's header", () => {
    expect(STATISTICS_HEADER).toBe(
      'Mailbox Id,Source Email Address,Destination Email Address,' +
        'Folders Success Count,Folders Success Size (bytes),Folders Error Count,Folders Error Size (bytes),' +
        'Calendars Success Count,Calendars Success Size (bytes),Calendars Error Count,Calendars Error Size (bytes),' +
        'Contacts Success Count,Contacts Success Size (bytes),Contacts Error Count,Contacts Error Size (bytes),' +
        'Email Success Count,Email Success Size (bytes),Email Error Count,Email Error Size (bytes),' +
        'Tasks Success Count,Tasks Success Size (bytes),Tasks Error Count,Tasks Error Size (bytes),' +
        'Notes Success Count,Notes Success Size (bytes),Notes Error Count,Notes Error Size (bytes),' +
        'Journals Success Count,Journals Success Size (bytes),Journals Error Count,Journals Error Size (bytes),' +
        'Total Success Count,Total Success Size (bytes),Total Error Count,Total Error Size (bytes),' +
        'Source Active Duration (minutes),Source Passive Duration (minutes),Source Data Speed (MB/hour),Source Item Speed (items/hour),' +
        'Destination Active Duration (minutes),Destination Passive Duration (minutes),Destination Data Speed (MB/hour),Destination Item Speed (items/hour),' +
        'Migrations Performed,Last Migration Type,Last Status,Last Status Details',
    );
  });

  it('has a row for a mailbox', () => {
    expect(lineOf({})).toBe(
      'm,ada@contoso.com,ada.pst,' +
        '2,0,1,0,20,20000,0,0,3,3000,1,10,1000,1000000,2,20,4,4000,0,0,5,5000,0,0,6,6000,0,0,1040,1038000,4,30,' +
        '90,1.51,2,692,120,,0.49,519,' +
        '3,Full Migration,Completed with errors,1 item skipped (gone from the mailbox before the export)\r\n',
    );
  });

  it('counts folders that could not be listed among the errors, and says how many they are', () => {
    const cause = { code: 'graph.mailbox-forbidden' };
    const notListed = { passId: 'x', what: 'items' as const, cause, attempts: 2 };
    const cells = cellsOf({
      mailbox: { ...mailbox, doubts: 2, foldersNotListed: 1 },
      folders: { folders: { ...folders.folders, b: { ...folder(null), notListed } } },
    });
    expect(cells).toMatchObject({
      'Folders Success Count': '1',
      'Folders Error Count': '2',
      'Last Status Details': '1 folder not listed; 2 items exported with doubts; 1 item skipped (gone from the mailbox before the export)',
    });
  });

  it('has empty cells, not zeros, for what an earlier release did not count, and says so', () => {
    const unknown = { ...sums(0), exported: { items: null, bytes: null } };
    const types = Object.fromEntries(itemTypes.map((type) => [type, unknown])) as StatisticsView['types'];
    const cells = cellsOf({ statistics: { ...statistics, types, total: sums(1_038) } });
    expect(cells).toMatchObject({
      'Email Success Count': '',
      'Email Success Size (bytes)': '',
      'Email Error Count': '0',
      'Total Success Count': '1040',
      'Total Success Size (bytes)': '1038000',
      'Last Status Details': 'an earlier release exported some items without counting their types',
    });
  });

  it('has empty cells for a mailbox whose passes were not counted yet, and zeros for one that had none', () => {
    expect(cellsOf({ statistics: undefined })).toMatchObject({
      'Total Success Count': '',
      'Source Active Duration (minutes)': '',
      'Migrations Performed': '',
      'Last Status Details': 'not counted yet',
    });
    const untouched = { ...mailbox, pass: null, status: 'Not Submitted' as const };
    expect(cellsOf({ mailbox: untouched, statistics: undefined, folders: undefined })).toMatchObject({
      'Total Success Count': '0',
      'Source Data Speed (MB/hour)': '0',
      'Migrations Performed': '0',
      'Last Migration Type': '',
      'Last Status Details': '',
    });
  });

  it('says why a pass failed, or what it waits for', () => {
    const none = { statistics: { ...statistics, total: sums(1) } };
    const cause = { code: 'entra.secret-expired', advice: 'Rotate the secret.' };
    expect(cellsOf({ ...none, mailbox: { ...mailbox, cause } })['Last Status Details']).toBe('entra.secret-expired: Rotate the secret.');
    const held = {
      kind: 'limit' as const,
      code: 'graph.throttled',
      limit: 'MailboxConcurrency',
      advice: null,
      since: pass.startedAt,
      until: pass.startedAt,
    };
    expect(cellsOf({ ...none, mailbox: { ...mailbox, held } })['Last Status Details']).toBe('graph.throttled');
  });

  it.each([
    ['verify', 'Verify Credentials'],
    ['trial', 'Trial'],
    ['pre-stage', 'Pre-Stage'],
    ['full', 'Full Migration'],
    ['retry-errors', 'Retry Errors'],
  ] as const)('calls a pass of kind %s %s', (kind, words) =>
    expect(cellsOf({ mailbox: { ...mailbox, pass: { ...pass, kind } } })['Last Migration Type']).toBe(words),
  );

  it('cannot be taken for a formula', () => {
    expect(lineOf({ mailbox: { ...mailbox, source: '=cmd()@contoso.com', destination: '@sum,1.pst' } })).toContain(
      `m,'=cmd()@contoso.com,"'@sum,1.pst",2,`,
    );
  });
});
