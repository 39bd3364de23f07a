import { statusText } from '../output/format.js';
import { CUSTOMER, done, MAILBOX, operation, PROJECT, sceneOfSuite, sums } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('verbs over mailboxes', () => {
  it('count what had nothing to be done to it, which is no failure where mailboxes are selected by what they are', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { status: 202, body: operation(12, 4) });
    const idle = { code: 'mailbox-job.nothing-to-retry', title: 'No errors to retry', detail: 'It has none.' };
    const refused = { code: 'mailbox-job.unknown', title: 'No such mailbox', detail: 'The project has no such mailbox.' };
    const rows = [0, 1, 2, 3].map((n) => ({ mailboxJobId: null, source: `u${n}@contoso.com`, reason: idle }));
    gateway.list('/v1/operations/OP/rows', rows);
    expect(await run(['export', 'retry-errors', 'Leavers'], { tty: true })).toMatchObject({
      exitCode: 0,
      stdout: '12 started, 4 had nothing to retry.\n',
      stderr: '',
    });
    gateway.list('/v1/operations/OP/rows', [...rows.slice(1), { ...rows[0], reason: refused }]);
    expect(await run(['export', 'retry-errors', 'Leavers', '--status', 'completed with errors'], { tty: true })).toMatchObject({
      exitCode: 3,
      stdout: '12 started, 3 had nothing to retry, 1 refused.\n',
      stderr: 'u0@contoso.com: No such mailbox. The project has no such mailbox.\n',
    });
    expect(await run(['export', 'retry-errors', 'Leavers', 'u1@contoso.com'], { tty: true })).toMatchObject({ exitCode: 3 });
  });

  it('list the mailboxes that were given another PST name', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { status: 202, body: operation(2) });
    gateway.list('/v1/operations/OP/rows', [
      { mailboxJobId: MAILBOX, source: 'ada@contoso.com', outcome: 'accepted', renamed: 'ada-2.pst', reason: null },
      { mailboxJobId: 'other', source: 'ben@contoso.com', outcome: 'accepted', renamed: null, reason: null },
    ]);
    const { exitCode, stderr } = await run(['export', 'verify', 'Leavers', '--rename']);
    expect([exitCode, stderr]).toEqual([0, 'ada@contoso.com: the PST is ada-2.pst from now on.\n']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind: 'verify', rename: true, mailboxes: 'all' });
  });

  it('select mailboxes by status, by text, from a file, or all of them', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/stop`, { status: 202, body: operation(1) });
    for (const [argv, mailboxes] of [
      [['--all'], 'all'],
      [['--status', 'migrating,QUEUED'], { status: ['Migrating', 'Queued'] }],
      [['--filter', 'ada'], [MAILBOX]],
      [
        ['--file', '-'],
        ['ada@contoso.com', MAILBOX],
      ],
      [
        ['ben@contoso.com', '--file', '-'],
        ['ben@contoso.com', 'ada@contoso.com', MAILBOX],
      ],
    ] as const) {
      expect(await run(['export', 'stop', 'Leavers', ...argv], { stdin: ` ada@contoso.com\r\n\n${MAILBOX}` })).toMatchObject({
        exitCode: 0,
      });
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ mailboxes });
    }
    for (const wrong of [
      ['--all', 'ada@contoso.com'],
      ['--all', '--status', 'Failed'],
      ['--status', 'Asleep'],
      ['--file', '-'],
    ])
      expect((await run(['export', 'stop', 'Leavers', ...wrong], { stdin: '\n' })).exitCode).toBe(2);
    gateway.list(`/v1/projects/${PROJECT}/mailboxes`, []);
    expect((await run(['export', 'stop', 'Leavers', '--filter', 'ada'])).exitCode).toBe(3);
  });
});

describe('a mailbox', () => {
  it('is edited', async () => {
    gateway.routes.set(`PATCH /v1/mailboxes/${MAILBOX}`, { body: { ...done, id: MAILBOX } });
    const argv = ['mailbox', 'edit', 'Leavers', 'ADA@contoso.com'];
    expect(await run([...argv, '--source', 'eda@contoso.com'])).toMatchObject({ exitCode: 0, stdout: `${MAILBOX}\n` });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ source: 'eda@contoso.com' });
    expect(await run([...argv, '--destination', 'eda.pst'])).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ destination: 'eda.pst' });
    expect((await run(argv)).exitCode).toBe(2);
  });

  it('is removed only if that is confirmed, and only if it is named', async () => {
    gateway.routes.set(`DELETE /v1/mailboxes/${MAILBOX}`, { body: { ...done, id: MAILBOX } });
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, { body: sums({}) });
    const unconfirmed = await run(['mailbox', 'remove', 'Leavers', 'ada@contoso.com']);
    expect([unconfirmed.exitCode, unconfirmed.stderr]).toEqual([2, expect.stringContaining('This would remove 1 mailbox of Leavers.')]);
    expect((await run(['mailbox', 'remove', 'Leavers', '--yes'])).exitCode).toBe(2);
    expect(gateway.changes).toEqual([]);
    expect((await run(['mailbox', 'remove', 'Leavers', 'ada@contoso.com', '--yes', '--stop'])).exitCode).toBe(0);
    expect(gateway.changes.at(-1)?.query.get('stop')).toBe('true');
    gateway.routes.set(`POST /v1/projects/${PROJECT}/remove`, { status: 202, body: operation(7) });
    expect(await run(['mailbox', 'remove', 'Leavers', '--status', 'Failed', '--yes'], { tty: true })).toMatchObject({
      exitCode: 0,
      stdout: '7 removed.\n',
    });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ mailboxes: { status: ['Failed'] }, stop: false });
  });

  it('gets another priority, below 0 too', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/priority`, { status: 202, body: operation(1) });
    const argv = ['mailbox', 'priority', 'Leavers', 'ada@contoso.com'];
    expect(await run([...argv, '--to', '-5'], { tty: true })).toMatchObject({ exitCode: 0, stdout: '1 with priority -5.\n' });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ mailboxes: ['ada@contoso.com'], priority: -5 });
    for (const to of ['101', 'high', '1.5']) expect((await run([...argv, '--to', to])).exitCode).toBe(2);
    expect((await run(['mailbox', 'priority', 'Leavers', '--to', '1'])).exitCode).toBe(2);
  });

  it('is submitted for a time, with a priority', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { status: 202, body: operation(1) });
    const argv = ['export', 'pre-stage', 'Leavers', '--older-than', '90d', '--at', '2026-12-01T20:00[Europe/Berlin]', '--priority', '9'];
    expect(await run(argv, { tty: true })).toMatchObject({ exitCode: 0, stdout: '1 submitted.\n' });
    const startAt = '2026-12-01T19:00:00.000Z';
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({
      kind: 'pre-stage',
      olderThanDays: 90,
      startAt,
      priority: 9,
      mailboxes: 'all',
    });
    const wrong = await run(['export', 'start', 'Leavers', '--at', '2027-03-28T02:30[Europe/Berlin]']);
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('does not exist, or comes twice')]);
  });

  it.each([
    ['2026-03-01T10:42:30.000Z', 'a minute'],
    ['2026-03-01T10:50:00.000Z', '8 min'],
    ['2026-03-01T14:02:00.000Z', '3 h 20 min'],
    ['2026-03-05T13:00:00.000Z', '4 d 2 h'],
  ])('that is submitted for %s starts in %s', (startAt, span) => {
    const pass = { passId: 'p', number: 1, kind: 'full', startedAt: startAt, startAt, endedAt: null } as const;
    expect(statusText({ status: 'Submitted', place: null, pass }, '2026-03-01T10:42:00.000Z')).toBe(`Submitted (starts in ${span})`);
  });

  it('is moved to another project', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/move`, { status: 202, body: operation(2) });
    const argv = ['mailbox', 'move', 'Leavers', 'ada@contoso.com', 'ben@contoso.com'];
    expect(await run([...argv, '--to', 'Leavers'])).toMatchObject({ exitCode: 0, stdout: '2\n' });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({
      mailboxes: ['ada@contoso.com', 'ben@contoso.com'],
      toProjectId: PROJECT,
    });
    expect((await run(argv)).exitCode).toBe(2);
  });
});

describe('customers, endpoints and projects', () => {
  it.each([
    [['customer', 'rename', 'Müller GmbH', 'Maier'], `PATCH /v1/customers/${CUSTOMER}`, { name: 'Maier' }],
    [
      ['endpoint', 'edit', CUSTOMER, 'disk', '--name', 'D', '--folder', '/y'],
      `PATCH /v1/customers/${CUSTOMER}/endpoints/E2`,
      { name: 'D', path: '/y' },
    ],
    [['project', 'rename', 'Leavers', 'Joiners'], `PATCH /v1/projects/${PROJECT}`, { name: 'Joiners' }],
    [
      ['project', 'edit', 'Leavers', '--container', 'x-y', '--destination', 'disk', '--part-size', '2GiB'],
      `PATCH /v1/projects/${PROJECT}`,
      { destinationEndpointId: 'E2', container: 'x-y', partBytes: 2 ** 31 },
    ],
  ])('are changed: %j', async (argv, route, body) => {
    gateway.routes.set(route, { body: done });
    expect(await run(argv)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual(body);
  });

  it.each([
    [['customer', 'remove', 'Müller GmbH'], `DELETE /v1/customers/${CUSTOMER}`],
    [['endpoint', 'remove', CUSTOMER, 'disk'], `DELETE /v1/customers/${CUSTOMER}/endpoints/E2`],
    [['project', 'remove', 'Leavers'], `DELETE /v1/projects/${PROJECT}`],
  ])('are removed only if that is confirmed: %j', async (argv, route) => {
    gateway.routes.set(route, { body: done });
    expect((await run(argv)).exitCode).toBe(2);
    expect(gateway.changes).toEqual([]);
    expect(await run([...argv, '--yes'])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['endpoint', 'edit', CUSTOMER, 'disk'],
    ['project', 'edit', 'Leavers'],
  ])('are not changed where nothing is to change: %s %s', async (...argv) => expect((await run(argv)).exitCode).toBe(2));
});
