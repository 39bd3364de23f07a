import type { Ended } from '../cli.fixture.js';
import { AT, MAILBOX, PROJECT, sceneOfSuite } from '../scene.fixture.js';

describe('an update', () => {
  const { gateway, run } = sceneOfSuite();

  const copy = (what: string, folder: string, more: object = {}): object => ({
    what,
    state: 'superseded',
    itemKey: 'k',
    itemId: `AAMk-${what}`,
    folder,
    to: null,
    itemType: 'IPM.Note',
    itemDate: AT,
    sizeBytes: 2_000,
    passId: PROJECT,
    pass: 1,
    part: 'ada.pst',
    newPassId: PROJECT,
    newPass: 2,
    newPart: 'ada.002.pst',
    ...more,
  });
  const none = { newPassId: null, newPass: null, newPart: null };
  const list = (...more: string[]): Promise<Ended> => run(['mailbox', 'superseded', 'Leavers', 'ada@contoso.com', ...more]);
  beforeEach(() => {
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}/superseded`, ({ query }) => ({
      body:
        query.get('cursor') === null
          ? { items: [copy('moved', 'Inbox', { to: '=Archive' })], total: 2, limit: 1_000, next: '1' }
          : { items: [copy('gone', 'Inbox', { state: 'gone', ...none })], total: 2, limit: 1_000, next: null },
    }));
  });

  it('is a Full pass that is asked to', async () => {
    await run(['export', 'start', 'Leavers', 'ada@contoso.com', '--update']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toMatchObject({ kind: 'full', update: true });
    await run(['export', 'start', 'Leavers', 'ada@contoso.com']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).not.toHaveProperty('update');
  });

  it('leaves older copies, which are listed with the PST of each, page by page', async () => {
    const { exitCode, stdout } = await list();
    expect([exitCode, stdout]).toEqual([
      0,
      `moved\tsuperseded\tInbox\t=Archive\tIPM.Note\t${AT}\t2000\t1\tada.pst\t2\tada.002.pst\ngone\tgone\tInbox\t\tIPM.Note\t${AT}\t2000\t1\tada.pst\t\t\n`,
    ]);
  });

  it('lists them as a CSV file in which nothing is a formula', async () => {
    expect((await list('--csv')).stdout.split('\r\n')).toEqual([
      '\uFEFFWhat,State,Folder,Moved to,Type,Date,Size (bytes),Pass,PST,Newer pass,Newer PST,Item Id',
      `moved,superseded,Inbox,'=Archive,IPM.Note,${AT},2000,1,ada.pst,2,ada.002.pst,AAMk-moved`,
      `gone,gone,Inbox,,IPM.Note,${AT},2000,1,ada.pst,,,AAMk-gone`,
      '',
    ]);
  });
});
