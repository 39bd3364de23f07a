import { AT, mailbox, MAILBOX, PROJECT, sceneOfSuite } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('errors of items', () => {
  const error = {
    projectId: PROJECT,
    mailboxJobId: MAILBOX,
    passId: 'p',
    itemKey: 'K',
    itemId: 'AAMk=',
    folderKey: 'f',
    folderPath: 'Inbox',
    outcome: 'failed',
    state: 'acknowledged',
    itemType: 'IPM.Note',
    itemDate: '2019-04-01T08:15:00Z',
    sizeBytes: 9,
    code: 'graph.item-corrupt',
    advice: null,
    fallback: null,
    doubts: [],
    attempts: 3,
    firstSeenAt: AT,
    lastSeenAt: AT,
    mended: null,
    acknowledged: { by: 'T', reason: 'Agreed.', at: AT },
  };
  const path = `/v1/mailboxes/${MAILBOX}/errors`;
  const ACKNOWLEDGE = ['mailbox', 'acknowledge', MAILBOX];
  beforeEach(() => void gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}`, { body: mailbox }));

  it('are listed with all that is known of the item; by default those that are open', async () => {
    gateway.list(path, [error]);
    expect((await run(['mailbox', 'errors', MAILBOX])).stdout).toBe(
      `K\tacknowledged\tfailed\tInbox\tIPM.Note\t2019-04-01T08:15:00Z\t9\tgraph.item-corrupt\t\t3\t${AT}\t${AT}\t\t\t\tT\tAgreed.\tAAMk=\n`,
    );
    expect(gateway.got.at(-1)?.query.get('state')).toBe('open');
    await run(['mailbox', 'errors', MAILBOX, '--state', 'all', '--code', 'item.gone']);
    expect(Object.fromEntries(gateway.got.at(-1)?.query ?? [])).toMatchObject({ state: 'all', code: 'item.gone' });
  });
  it('of a whole project are listed with their mailbox', async () => {
    gateway.list(`/v1/projects/${PROJECT}/errors`, [error]);
    expect((await run(['project', 'errors', 'Leavers', '--state', 'acknowledged'])).stdout).toMatch(
      new RegExp(`^${MAILBOX}\tK\tacknowledged\t`),
    );
    expect(gateway.got.at(-1)?.query.get('state')).toBe('acknowledged');
  });
  it.each([
    [
      ['--item', 'K', 'L'],
      ['K', 'L'],
    ],
    [['--code', 'item.gone'], { code: 'item.gone' }],
    [['--outcome', 'skipped', '--code', 'item.gone'], { outcome: 'skipped', code: 'item.gone' }],
    [['--all'], 'all'],
  ])('are acknowledged with %j', async (which, errors) => {
    gateway.routes.set(`POST ${path}/acknowledge`, {
      body: { id: MAILBOX, stream: `item-errors:${MAILBOX}`, version: 2, acknowledged: 1_200 },
    });
    expect(await run([...ACKNOWLEDGE, '--reason', 'Agreed.', ...which], { tty: true })).toMatchObject({
      exitCode: 0,
      stdout: '1,200 errors acknowledged.\n',
    });
    expect(gateway.changes.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ errors, reason: 'Agreed.' }]);
    expect(gateway.got.at(-1)?.query.get('atLeast')).toBe(`item-errors:${MAILBOX}:2`);
  });
  it('are acknowledged in one way, and for a reason', async () => {
    for (const [argv, why] of [
      [['--reason', 'x'], 'Say which errors'],
      [['--reason', 'x', '--all', '--code', 'c'], 'Say which errors'],
      [['--all'], '--reason: This option is needed.'],
    ] as const) {
      const { exitCode, stderr } = await run([...ACKNOWLEDGE, ...argv]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
    }
    expect(gateway.changes).toEqual([]);
  });
});
