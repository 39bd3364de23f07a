import type { Ended } from '../cli.fixture.js';
import { AT, MAILBOX, sceneOfSuite } from '../scene.fixture.js';

describe('the drift of a mailbox', () => {
  const { gateway, run } = sceneOfSuite();

  const item = (what: string, folder: string, more: object = {}): object => ({
    what,
    folder,
    to: null,
    itemId: `AAMk-${what}`,
    itemType: 'IPM.Note',
    itemDate: AT,
    sizeBytes: 2_000,
    exportedAsOf: AT,
    changedAt: null,
    ...more,
  });
  const page = (items: readonly object[], next: string | null, notes: readonly object[] = []): object => ({
    passId: MAILBOX,
    startedAt: AT,
    items,
    notes,
    folders: { done: next === null ? 2 : 1, total: 2 },
    next,
  });
  const LATER = '2026-02-01T10:42:00Z';
  const NOTE = { folder: 'Old', cause: { code: 'graph.mailbox-forbidden', advice: 'Grant it.' }, items: 3 };
  const drift = (...more: string[]): Promise<Ended> => run(['mailbox', 'drift', 'Leavers', 'ada@contoso.com', ...more]);
  beforeEach(() => {
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}/drift`, ({ query }) => ({
      body:
        query.get('cursor') === null
          ? page([item('gone', 'Inbox'), item('changed', 'Inbox', { itemType: 'IPM.Contact', changedAt: LATER })], 'P-1-0')
          : page([item('new', '=Archive', { exportedAsOf: null, changedAt: LATER })], null, [NOTE]),
    }));
  });

  it('reads every page, joins moved items over pages, and names folders that were not compared', async () => {
    const { exitCode, stdout, stderr } = await drift();
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      `moved\tInbox\t=Archive\tIPM.Note\t${AT}\t2000\t${AT}\t${LATER}\nchanged\tInbox\t\tIPM.Contact\t${AT}\t2000\t${AT}\t${LATER}\n`,
    );
    expect(stderr).toBe('Old: not compared to its end. Grant it. (graph.mailbox-forbidden)\n');
  });

  it('is a CSV file in which nothing is a formula', async () => {
    const { stdout } = await drift('--csv');
    expect(stdout.split('\r\n')).toEqual([
      '\uFEFFWhat,Folder,Moved to,Type,Date,Size (bytes),Exported as of,Changed at,Item Id',
      `moved,Inbox,'=Archive,IPM.Note,${AT},2000,${AT},${LATER},AAMk-gone`,
      `changed,Inbox,,IPM.Contact,${AT},2000,${AT},${LATER},AAMk-changed`,
      '',
    ]);
  });

  it('is one object with --json, and says so where nothing has changed', async () => {
    expect(JSON.parse((await drift('--json')).stdout)).toMatchObject({ items: [{ what: 'moved' }, { what: 'changed' }], notes: [NOTE] });
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}/drift`, { body: page([], null) });
    expect(await drift()).toMatchObject({ exitCode: 0, stdout: '' });
  });
});
