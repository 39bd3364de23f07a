import { join } from 'node:path';
import { jest } from '@jest/globals';
import { itemTypeOf, itemTypes, type ItemType, type MailboxView, type PartView } from '@pstream/contracts';
import { dumpTenant, generatedTenant, startTenant, type FaultRule, type RunningTenant } from '@pstream/tenant-sim';
import { sharedDir, tempDir } from '@pstream/testing';
import { systemClock } from '@pstream/kernel';
import { describeWith } from './readers/oracles.fixture.js';
import { classesInMailbox, classesInPsts } from './support/contents.js';
import { eventually } from './support/eventually.js';
import { startFleet, type Access, type Fleet } from './support/fleet.js';

jest.setTimeout(600_000);

type Row = Readonly<Record<string, string>>;

/** The rows of a report by the names of their columns. */
const rowsOf = (csv: string): Row[] => {
  expect(csv.startsWith('\uFEFFMailbox Id,')).toBe(true);
  const [header = '', ...lines] = csv.slice(1).trimEnd().split('\r\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell.replace(/^"|"$/g, ''));
    return Object.fromEntries(names.map((name, n) => [name, cells[n] ?? '']));
  });
};

const titleOf = (type: ItemType): string => `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
const number = (row: Row, column: string): number => {
  expect(row[column]).toMatch(/^\d+(\.\d+)?$/);
  return Number(row[column]);
};
const accessTo = ({ graphUrl, authorityUrl, tenantId, clientId, clientSecret: secret }: RunningTenant): Access => ({
  graphUrl,
  authorityUrl,
  tenantId,
  clientId,
  secret,
});

/** Counts of exported items by type. */
const countsOf = (row: Row): Record<string, number> =>
  Object.fromEntries(itemTypes.map((type) => [type, number(row, `${titleOf(type)} Success Count`)]));
const tally = (types: readonly ItemType[]): Record<string, number> =>
  Object.fromEntries(itemTypes.map((type) => [type, types.filter((each) => each === type).length]));

/** What must hold of every row: the total is the sum of the types, and says of items what the status says. */
const expectSums = (row: Row, { totals, status, doubts }: MailboxView): void => {
  for (const column of ['Success Count', 'Success Size (bytes)', 'Error Count', 'Error Size (bytes)']) {
    const types = ['Folders', ...itemTypes.map(titleOf)].reduce((sum, type) => sum + number(row, `${type} ${column}`), 0);
    expect({ column, total: number(row, `Total ${column}`) }).toEqual({ column, total: types });
  }
  const items = (outcome: string): number => number(row, `Total ${outcome} Count`) - number(row, `Folders ${outcome} Count`);
  expect({ exported: items('Success'), failed: items('Error'), status: row['Last Status'] }).toEqual({
    exported: totals.exported,
    failed: totals.failed,
    status,
  });
  const details = row['Last Status Details'];
  if (doubts === 0 && totals.skipped === 0) expect(details).toBe('');
  if (doubts > 0) expect(details).toContain(`${doubts} items exported with doubts`);
  if (totals.skipped > 0) expect(details).toContain(`${totals.skipped} item`);
  expect(totals.discovered).toBe(totals.exported + totals.skipped + totals.failed);
};

const closing: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of closing.toReversed()) await each.close();
});
const kept = <T extends { close(): Promise<void> }>(started: T): T => {
  closing.push(started);
  return started;
};

/** Rows of a project once its read models have caught up with its end. */
const settledRows = (fleet: Fleet, projectId: string, wanted: (row: Row) => boolean): Promise<Row[]> =>
  eventually(
    async () => rowsOf(await fleet.file(`/projects/${projectId}/statistics.csv`)),
    (rows) => rows.length > 0 && rows.every(wanted),
  );

const shared = sharedDir() ?? '';

describeWith(
  'the statistics of the tenant of the reference data',
  sharedDir() === undefined ? 'no reference data, set PSTREAM_SHARED' : undefined,
  () => {
    it.each(['mailbox', 'archive'] as const)(
      'say of each %s how many items of each type are in its PSTs, and how large they were',
      async (kind) => {
        const sim = kept(await startTenant({ tenant: await dumpTenant(join(shared, 'data', 'tenants', 'contoso')) }));
        const users = sim.contents.users.flatMap((user) =>
          (kind === 'archive' ? sim.contents.archive(user) : sim.contents.primary(user)) === undefined ? [] : [user.userPrincipalName],
        );
        const fleet = kept(await startFleet(tempDir(), users, { clock: systemClock }));
        const { projectId } = await fleet.addAll(users, accessTo(sim), { type: kind });
        await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
        const mailboxes = await eventually(
          async () => (await fleet.get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes?limit=1000`)).body.items,
          (all) => all.every(({ pass }) => typeof pass?.endedAt === 'string'),
          300_000,
        );
        expect(mailboxes).toHaveLength(users.length);
        const rows = await settledRows(
          fleet,
          projectId,
          (row) => row['Last Status']!.startsWith('Completed') && row['Total Success Count'] !== '',
        );
        const { items: parts } = (await fleet.get<{ items: PartView[] }>(`/projects/${projectId}/parts?limit=1000`)).body;
        let seen = 0;
        for (const view of mailboxes) {
          const row = rows.find((each) => each['Mailbox Id'] === view.mailboxJobId)!;
          expectSums(row, view);
          const paths = parts.flatMap(({ mailboxJobId, location }) =>
            mailboxJobId === view.mailboxJobId && location !== null ? [location] : [],
          );
          const inPsts = await classesInPsts(paths);
          expect({ user: view.source, counts: countsOf(row) }).toEqual({ user: view.source, counts: tally(inPsts.map(itemTypeOf)) });
          const owner = sim.contents.user(view.source)!;
          const source = await classesInMailbox((kind === 'archive' ? sim.contents.archive(owner) : sim.contents.primary(owner))!.state);
          for (const type of itemTypes) {
            const bytes = source.filter(({ itemClass }) => itemTypeOf(itemClass) === type).reduce((sum, each) => sum + each.bytes, 0);
            expect({ user: view.source, type, bytes: number(row, `${titleOf(type)} Success Size (bytes)`) }).toEqual({
              user: view.source,
              type,
              bytes,
            });
          }
          expect(row).toMatchObject({
            'Source Email Address': view.source,
            'Migrations Performed': '1',
            'Last Migration Type': 'Full Migration',
            'Destination Passive Duration (minutes)': '',
          });
          seen += inPsts.length;
        }
        expect(seen).toBeGreaterThan(kind === 'mailbox' ? 200 : 10);
      },
    );
  },
);

const USER = 'user1@fabrikam.test';
const ITEMS = 240;
/** Two items fail in the first pass, one of them for good; one is deleted between its listing and its export. */
const RULES: readonly FaultRule[] = [
  { on: 'exportItems', effect: 'delay', milliseconds: 30 },
  { on: 'exportItems', itemIndex: 5, effect: 'item-cut', times: 3 },
  { on: 'exportItems', itemIndex: 17, effect: 'item-error', code: 'ErrorCorruptData' },
  { on: 'exportItems', itemIndex: 40, effect: 'delete' },
  ...(['message', 'messageValue', 'contact', 'event', 'task', 'item'] as const).map(
    (on): FaultRule => ({ on, effect: 'error', status: 500, code: 'ErrorCorruptData' }),
  ),
];

describe('the statistics of a mailbox with errors', () => {
  it('hold through a stop, a resume and a retry', async () => {
    const sim = kept(
      await startTenant({
        tenant: generatedTenant({ seed: 31, mailboxes: 1, itemsPerMailbox: ITEMS, sizeProfile: 'small' }),
        faults: { rules: RULES },
      }),
    );
    const env = { PSTREAM_EXTRACTOR_SLICE_ITEMS: '10', PSTREAM_EXTRACTOR_PAGE_ITEMS: '20' };
    const fleet = kept(await startFleet(tempDir(), [USER], { clock: systemClock, env }));
    const { projectId, mailbox, parts, errors } = await fleet.add(USER, accessTo(sim));
    const rowWhen = async (wanted: (row: Row) => boolean): Promise<Row> => (await settledRows(fleet, projectId, wanted))[0]!;
    expect(await rowWhen(() => true)).toMatchObject({
      'Total Success Count': '0',
      'Migrations Performed': '0',
      'Last Migration Type': '',
      'Last Status': 'Not Submitted',
    });

    await fleet.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, (view) => view.extracted.items > 0);
    await fleet.post(`/projects/${projectId}/stop`, { mailboxes: 'all' });
    await eventually(mailbox, (view) => view.status === 'Stopped');
    await fleet.post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const first = await eventually(mailbox, (view) => view.status === 'Completed with errors');
    expect(first.totals).toEqual({ discovered: ITEMS, exported: ITEMS - 3, skipped: 1, failed: 2 });
    const firstRow = await rowWhen((row) => row['Last Status'] === 'Completed with errors' && row['Total Error Count'] === '2');
    expectSums(firstRow, first);

    await fleet.post(`/projects/${projectId}/passes`, { kind: 'retry-errors', mailboxes: 'all' });
    const second = await eventually(mailbox, (view) => view.pass?.kind === 'retry-errors' && view.status === 'Completed with errors');
    expect(second.totals).toEqual({ discovered: ITEMS, exported: ITEMS - 2, skipped: 1, failed: 1 });
    const row = await rowWhen(
      (each) => each['Migrations Performed'] === '2' && each['Total Error Size (bytes)'] !== '' && each['Total Error Count'] === '1',
    );
    expectSums(row, second);
    expect(row['Last Migration Type']).toBe('Retry Errors');
    // What the retry mended is not open any more; what failed again is, once.
    const open = await eventually(errors, (all) => all.length === 2);
    expect(open.map(({ outcome }) => outcome).toSorted()).toEqual(['failed', 'skipped']);
    const again = open.find(({ outcome }) => outcome === 'failed');
    expect(again?.passId).toBe(second.pass?.passId);
    expect(again?.attempts).toBeGreaterThanOrEqual(2);
    expect(again?.firstSeenAt.localeCompare(again.lastSeenAt)).toBe(-1);
    const report = (await fleet.file(`/projects/${projectId}/errors.csv`)).split('\r\n').slice(1, -1);
    expect(report).toEqual([expect.stringContaining(`,${again?.itemDate},`)]);
    const openErrors = async (): Promise<number> =>
      (await fleet.get<{ sums: { openErrors: number } }>(`/projects/${projectId}`)).body.sums.openErrors;
    await eventually(openErrors, (count) => count === 1);
    // Nobody can export it, so somebody accepts that; the sums stay as they are.
    const accepted = { errors: { code: again?.code }, reason: 'Agreed with the customer.' };
    const reply = await fleet.post(`/mailboxes/${second.mailboxJobId}/errors/acknowledge`, accepted);
    expect(reply).toMatchObject({ status: 200, body: { acknowledged: 1, stream: `item-errors:${second.mailboxJobId}` } });
    expect((await eventually(errors, (all) => all.length === 1)).map(({ outcome }) => outcome)).toEqual(['skipped']);
    await eventually(openErrors, (count) => count === 0);
    expect((await mailbox()).totals).toEqual(second.totals);
    expect(number(row, 'Source Active Duration (minutes)')).toBeGreaterThanOrEqual(number(firstRow, 'Source Active Duration (minutes)'));
    const paths = (await parts()).flatMap(({ location }) => location ?? []);
    expect(countsOf(row)).toEqual(tally((await classesInPsts(paths)).map(itemTypeOf)));
  });
});
