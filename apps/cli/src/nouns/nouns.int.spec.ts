import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noItems } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { HastyClock } from '../cli.fixture.js';
import { AT, CUSTOMER, done, mailbox, MAILBOX, operation, PROJECT, sceneOfSuite, sums } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('lists', () => {
  it.each([
    [
      ['mailbox', 'list', 'Leavers', '--status', 'failed'],
      `/v1/projects/${PROJECT}/mailboxes`,
      'No mailbox has such a status and contains this text.',
    ],
    [['project', 'list'], '/v1/projects', 'No project has such a name.'],
    [['project', 'list', '--customer', CUSTOMER], `/v1/customers/${CUSTOMER}/projects`, 'No project has such a name.'],
    [['customer', 'list'], '/v1/customers', 'No customer has such a name.'],
    [['endpoint', 'list', CUSTOMER], `/v1/customers/${CUSTOMER}/endpoints`, 'No endpoint has such a name.'],
  ])('of %j are searched', async (argv, path, empty) => {
    const all = gateway.routes.get(`GET ${path}`) ?? {};
    const none = { body: { items: [], total: 0, limit: 1_000, next: null } };
    gateway.routes.set(`GET ${path}`, (got) => (got.query.has('search') || typeof all === 'function' ? none : all));
    expect(await run([...argv, '--search', 'Ü & x'], { tty: true })).toMatchObject({ exitCode: 0, stdout: `${empty}\n` });
    expect(gateway.got.at(-1)?.query.get('search')).toBe('Ü & x');
    expect((await run([...argv, '--search', ''])).exitCode).toBe(2);
  });
});

describe('secrets', () => {
  const path = `POST /v1/customers/${CUSTOMER}/endpoints`;
  beforeEach(() => gateway.routes.set(path, { status: 201, body: done }));
  const add = ['endpoint', 'add-source', CUSTOMER, 'tenant 2', '--tenant-id', 't', '--client-id', 'c'];

  it('come from a file, from standard input or from the environment, never from an argument', async () => {
    const file = join(tempDir(), 'secret');
    writeFileSync(file, 'from-file\n');
    for (const [options, argv, value] of [
      [{}, ['--secret-file', file], 'from-file'],
      [{ stdin: 'from-stdin\n' }, ['--secret-file', '-'], 'from-stdin'],
      [{ environment: { PSTREAM_SECRET: 'from-environment' } }, [], 'from-environment'],
    ] as const) {
      const { exitCode, stdout, stderr } = await run([...add, ...argv], options);
      expect(exitCode).toBe(0);
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toMatchObject({
        kind: 'microsoft-365',
        credential: { kind: 'secret', value },
      });
      expect(stdout + stderr).not.toContain(value);
    }
    expect((await run([...add, '--secret', 'x'])).exitCode).toBe(2);
    expect((await run(add)).exitCode).toBe(2);
    expect((await run([...add, '--secret-file', '-'])).exitCode).toBe(2);
    expect((await run([...add, '--secret-file', '/no/such/file'])).exitCode).toBe(2);
  });

  it('are rotated in place', async () => {
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints/E1/secret`, { body: done });
    expect((await run(['endpoint', 'rotate-secret', CUSTOMER, 'Tenant', '--secret-file', '-'], { stdin: 'new' })).exitCode).toBe(0);
    expect(JSON.parse(gateway.changes[0]?.body ?? '')).toEqual({ value: 'new' });
  });
});

describe('bulk add', () => {
  const path = `POST /v1/projects/${PROJECT}/mailboxes`;
  const errors = [
    { row: 3, column: 'Destination', code: 'part-name.not-pst', message: 'End the destination with .pst, for example user1.pst.' },
  ];

  it('sends the file as it is', async () => {
    gateway.routes.set(path, { status: 201, body: { ...done, added: 2, refused: 0, renamed: [], errors: [] } });
    const csv = '\uFEFFSource,Destination\r\na@b.co,a.pst\r\n';
    expect(await run(['mailbox', 'import', 'Leavers', '-'], { stdin: csv })).toMatchObject({ exitCode: 0, stdout: '2\n' });
    expect(gateway.changes[0]?.headers['content-type']).toBe('text/csv');
    expect(gateway.changes[0]?.body).toBe(csv);
    expect(gateway.changes[0]?.query.get('partial')).toBe('false');
  });

  it('tells every fault by row and column, and ends with 3', async () => {
    gateway.routes.set(path, {
      status: 400,
      body: { status: 400, code: 'bulk-add.rows-at-fault', title: 'Some rows cannot be added', detail: 'Nothing was added.', errors },
    });
    const { exitCode, stderr } = await run(['mailbox', 'import', 'Leavers', '-'], { stdin: 'x' });
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      'row 3, Destination: End the destination with .pst, for example user1.pst.\nError: Some rows cannot be added.\nNothing was added.\nTry: pstream mailbox import PROJECT FILE --partial\n',
    );
  });

  it('ends with 3 too when only a part was added', async () => {
    gateway.routes.set(path, { status: 201, body: { ...done, added: 1, refused: 1, renamed: [], errors } });
    const { exitCode, stdout, stderr } = await run(['mailbox', 'import', 'Leavers', '-', '--partial'], { stdin: 'x' });
    expect([exitCode, stdout]).toEqual([3, '1\n']);
    expect(stderr).toContain('row 3, Destination');
    expect((await run(['mailbox', 'import', 'Leavers', '/no/such/file'])).exitCode).toBe(2);
  });
});

describe.each(['errors', 'statistics'])('the %s report of a project', (report) => {
  it('is printed as it comes, with the mark by which a spreadsheet knows it', async () => {
    const text = '\uFEFFMailbox Id,Subject\r\n1,\r\n';
    gateway.routes.set(`GET /v1/projects/${PROJECT}/${report}.csv`, { text });
    expect(await run(['project', `${report}-csv`, 'Leavers'])).toMatchObject({ exitCode: 0, stdout: text });
    const { exitCode, stdout } = await run(['project', `${report}-csv`, 'Leavers', '--json']);
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { projectId: PROJECT, csv: text }]);
  });
});

describe('the options of a project', () => {
  it('are shown, added to, and forgotten', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/options`, { body: { id: PROJECT, stream: `project:${PROJECT}`, version: 3 } });
    const options = (): unknown => JSON.parse(gateway.changes.at(-1)?.body ?? '');
    expect((await run(['project', 'options', 'Leavers', '--json'])).stdout).toBe(
      `${JSON.stringify({ projectId: PROJECT, options: {} })}\n`,
    );
    expect(gateway.changes).toEqual([]);
    const rule = (name: string, folders: number, items: number) => ({ rule: name, folders, items, mailboxes: 1, examples: [] });
    const preview = {
      mailboxes: 3,
      listed: 2,
      folders: 20,
      items: 5_000,
      filters: [rule('^Inbox/', 3, 1_204), rule('^Sent,', 0, 0)],
      mappings: [rule('^#Inbox#->Old', 1, 1)],
      skipped: { folders: 3, items: 1_204 },
    };
    gateway.routes.set(`POST /v1/projects/${PROJECT}/options/preview`, { body: preview });
    const before = gateway.changes.length;
    const shown = await run(['project', 'preview', 'Leavers', '--folder-filter', '^Inbox/'], { tty: true });
    expect(shown.stdout).toMatch(/Rule +Does +Folders +Items +Mailboxes/);
    expect(shown.stderr.split('\n')).toEqual([
      '^Inbox/ matches 3 folders, 1,204 items in the 2 of 3 mailboxes whose folders are known.',
      '^Sent, matches nothing in the 2 of 3 mailboxes whose folders are known. pstream mailbox folders shows the paths.',
      '^#Inbox#->Old matches 1 folder, 1 item in the 2 of 3 mailboxes whose folders are known.',
      '',
    ]);
    expect(gateway.changes.slice(before).map(({ path }) => path)).toEqual([`/v1/projects/${PROJECT}/options/preview`]);
    expect(
      await run([
        'project',
        'options',
        'Leavers',
        '--folder-filter',
        '^Inbox/',
        '^Sent,',
        '--folder-filter',
        'x',
        '--item-types',
        'Email, tasks',
      ]),
    ).toMatchObject({ exitCode: 0 });
    expect(options()).toEqual({ itemTypes: ['email', 'tasks'], folderFilter: ['^Inbox/', '^Sent,', 'x'] });
    await run([
      'project',
      'options',
      'Leavers',
      '--reset',
      '--folder-mapping',
      'FolderMapping="^A->B"',
      '--items-from',
      '2020-01-01',
      '--bad-item-limit',
      '50',
    ]);
    expect(options()).toEqual({ badItemLimit: 50, itemsFrom: '2020-01-01', folderMapping: ['FolderMapping="^A->B"'] });
    const { exitCode, stderr } = await run(['project', 'options', 'Leavers', '--folder-mapping', 'A']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--folder-mapping')]);
    expect((await run(['project', 'options', 'Leavers', '--bad-item-limit', 'many'])).stderr).toContain(
      '--bad-item-limit: Enter a number.',
    );
  });
});

describe('exports', () => {
  it('are started for all mailboxes or for those named', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { status: 202, body: operation(1) });
    for (const [verb, kind] of [
      ['verify', 'verify'],
      ['trial', 'trial'],
      ['start', 'full'],
      ['retry-errors', 'retry-errors'],
    ]) {
      expect(await run(['export', verb ?? '', 'Leavers'])).toMatchObject({ exitCode: 0, stdout: '1\n' });
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind, mailboxes: 'all' });
    }
    await run(['export', 'start', 'Leavers', 'ada@contoso.com', MAILBOX]);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind: 'full', mailboxes: ['ada@contoso.com', MAILBOX] });
  });

  it('are pre-staged with an age or a date, and not without', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { status: 202, body: operation(1) });
    for (const [age, fields] of [
      ['60d', { olderThanDays: 60 }],
      ['2026-01-31', { before: '2026-01-31' }],
    ] as const) {
      expect(await run(['export', 'pre-stage', 'Leavers', '--older-than', age])).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind: 'pre-stage', ...fields, mailboxes: 'all' });
    }
    for (const wrong of [['--older-than', '45d'], ['--older-than', 'yesterday'], []]) {
      const { exitCode, stderr } = await run(['export', 'pre-stage', 'Leavers', ...wrong]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--older-than')]);
    }
  });

  it('start over once that is confirmed, for mailboxes that are named or selected', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/start-over`, { status: 202, body: operation(1) });
    const over = ['export', 'start-over', 'Leavers'] as const;
    const sent = gateway.changes.length;
    const unconfirmed = await run([...over, 'ada@contoso.com', '--delete-parts']);
    expect(unconfirmed).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('have 1 mailbox of Leavers begin again from nothing'),
    });
    expect(unconfirmed.stderr).toContain('delete their PSTs');
    expect((await run([...over, '--yes'])).exitCode).toBe(2);
    expect(gateway.changes).toHaveLength(sent);
    expect(await run([...over, 'ada@contoso.com', '--yes'])).toMatchObject({ exitCode: 0, stdout: '1\n' });
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ mailboxes: ['ada@contoso.com'], parts: 'keep' });
    await run([...over, '--status', 'Failed', '--delete-parts', '--yes']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ mailboxes: { status: ['Failed'] }, parts: 'delete' });
  });

  it('end with 3 when any mailbox was refused, and say why for each', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/stop`, { status: 202, body: { ...operation(1, 1), state: 'running', done: 1 } });
    gateway.routes.set('GET /v1/operations/OP', { body: operation(1, 1) });
    const reason = { code: 'mailbox-job.unknown', title: 'No such mailbox', detail: 'The project has no such mailbox.' };
    gateway.list('/v1/operations/OP/rows', [{ mailboxJobId: null, source: 'ben@contoso.com', reason }]);
    const { exitCode, stderr } = await run(['export', 'stop', 'Leavers', 'ben@contoso.com']);
    expect(exitCode).toBe(3);
    expect(stderr).toBe('ben@contoso.com: No such mailbox. The project has no such mailbox.\n');
  });

  it('end with 3 and a word why when the operation fails as a whole', async () => {
    const cause = { code: 'selection.empty', title: 'No mailbox selected', detail: 'Add some with `pstream mailbox import`.' };
    gateway.routes.set(`POST /v1/projects/${PROJECT}/resume`, { status: 202, body: { ...operation(0), state: 'failed', cause } });
    const { exitCode, stderr } = await run(['export', 'resume', 'Leavers']);
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('No mailbox selected.')]);
  });

  const answers = (...details: readonly unknown[]): void => {
    let at = 0;
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => ({ body: details[Math.min(at++, details.length - 1)] }));
  };

  it.each([
    [{ Completed: 2 }, 0, 0, 'completed'],
    [{ Completed: 1, 'Completed with errors': 1 }, 0, 10, 'completed-with-errors'],
    [{ Completed: 1, Failed: 1 }, 0, 1, 'failed'],
    [{ Completed: 1, Stopped: 1 }, 0, 1, 'stopped'],
    [{ Completed: 1, 'Not Submitted': 1 }, 0, 1, 'not-submitted'],
    [{ Completed: 1, Verified: 1 }, 0, 1, 'not-exported'],
    [{ Verified: 2 }, 0, 1, 'not-exported'],
    [{ Completed: 1, 'Verification failed': 1 }, 0, 1, 'verification-failed'],
    [{ Completed: 1 }, 5, 1, 'sum-does-not-hold'],
    [{}, 0, 1, 'empty'],
  ])('are awaited: %j with %i items unaccounted ends with %i, %s', async (statuses, unaccounted, expected, verdict) => {
    answers(sums({ Migrating: 1 }), sums({ Stopping: 1 }), sums(statuses, noItems, unaccounted));
    const { exitCode, stdout } = await run(['export', 'wait', 'Leavers', '--for', 'completed', '--timeout', '8h', '--json'], {
      clock: new HastyClock(),
    });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'summary', verdict, exitCode: expected });
    expect(exitCode).toBe(expected);
  });

  it('are not awaited longer than was said', async () => {
    answers(sums({ Queued: 1 }));
    const { exitCode, stdout } = await run(['export', 'wait', 'Leavers', '--timeout', '10s'], { clock: new HastyClock() });
    expect(exitCode).toBe(11);
    expect(stdout).toContain('Verdict\ttimed-out');
  });

  it('are awaited through a restart of the gateway', async () => {
    let times = 0;
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => (++times < 3 ? { status: 500, body: {} } : { body: sums({ Completed: 1 }) }));
    expect((await run(['export', 'wait', 'Leavers'], { clock: new HastyClock() })).exitCode).toBe(0);
  });

  it('are watched as lines of JSON, the last one the summary', async () => {
    answers(sums({ Queued: 1 }), sums({ Migrating: 1 }, { discovered: 10, exported: 4, skipped: 0, failed: 0 }, 6), sums({ Completed: 1 }));
    const { exitCode, stdout } = await run(['export', 'watch', 'Leavers', '--json'], { clock: new HastyClock() });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; exitCode?: number });
    expect(lines.map(({ type }) => type)).toEqual(['status', 'status', 'summary']);
    expect([exitCode, lines.at(-1)?.exitCode]).toEqual([0, 0]);
  });

  it('go on when watching is interrupted, and it says so', async () => {
    const interrupt = new AbortController();
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => {
      interrupt.abort(new Error('interrupted'));
      return { body: sums({ Migrating: 1 }) };
    });
    const { exitCode, stderr } = await run(['export', 'watch', 'Leavers'], { clock: new HastyClock(), signal: interrupt.signal });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('Still running. Reattach: pstream export watch Leavers  Stop: pstream export stop Leavers\n');
  });

  it('show what holds mailboxes up while it does', async () => {
    const held = sums({ Migrating: 2 }, undefined, 0, { 'graph.throttled': 2 });
    answers(held, sums({ Completed: 2 }));
    const watched = await run(['export', 'watch', 'Leavers'], { clock: new HastyClock() });
    expect(watched.stderr).toContain('2 Migrating; 0 of 0 items, 0 B read; 2 held up by graph.throttled\n');
    answers(held);
    expect((await run(['export', 'status', 'Leavers'])).stdout).toContain('Held up\t2\n');
    const since = '2026-01-01T00:00:00.000Z';
    const limit = {
      kind: 'limit',
      code: 'graph.throttled',
      limit: 'MailboxConcurrency',
      advice: null,
      since,
      until: '2026-01-01T00:00:30.000Z',
    };
    gateway.list(`/v1/projects/${PROJECT}/mailboxes`, [{ ...mailbox, held: limit }]);
    expect((await run(['mailbox', 'list', 'Leavers'])).stdout).toContain('graph.throttled');
  });

  it('tell their sums', async () => {
    answers(sums({ Migrating: 1 }, { discovered: 10, exported: 4, skipped: 1, failed: 1 }, 4));
    expect((await run(['export', 'status', 'Leavers'])).stdout).toContain('Still to account for\t4\n');
    expect(JSON.parse((await run(['export', 'status', 'Leavers', '--json'])).stdout)).toMatchObject({
      unaccounted: 4,
      statuses: { Migrating: 1 },
    });
  });
});

describe('the other commands', () => {
  it('ask what they should', async () => {
    gateway.routes.set('GET /v1/licences', { body: { workgroupId: 'default', released: 5, applied: 1, orders: [] } });
    const prices = { enforced: true, price: null, cards: 'trial', wireMinimum: 100, months: 12, covers: ['mailbox'] };
    gateway.routes.set('GET /v1/licences/prices', { body: prices });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/bundles`, { status: 202, body: operation(2) });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/projects`, { status: 201, body: done });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints`, { status: 201, body: done });
    gateway.routes.set('POST /v1/tokens', { status: 201, body: { tokenId: 'T', name: 'ci', token: 'pstream_new' } });
    gateway.routes.set('DELETE /v1/tokens/T', { status: 204 });
    gateway.list('/v1/tokens', [{ tokenId: 'T', name: 'ci', createdAt: AT, expiresAt: null, lastUsedAt: null, role: 'agent' }]);
    gateway.list(`/v1/projects/${PROJECT}/parts`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/parts`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/folders`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/errors`, []);
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}`, { body: mailbox });
    for (const [argv, body] of [
      [['licence', 'apply', 'Müller GmbH', 'a@b.co', '--file', '-'], { users: ['a@b.co', 'c@d.co'] }],
      [
        [
          'project',
          'create',
          CUSTOMER,
          'Archives',
          '--type',
          'archive',
          '--source',
          'tenant',
          '--destination',
          'disk',
          '--part-size',
          '2GiB',
        ],
        { name: 'Archives', type: 'archive', sourceEndpointId: 'E1', destinationEndpointId: 'E2', partBytes: 2 ** 31 },
      ],
      [['endpoint', 'add-destination', CUSTOMER, 'out', '--folder', '/exports'], { name: 'out', kind: 'folder', path: '/exports' }],
      [
        ['endpoint', 'add-destination', CUSTOMER, 'az', '--account', 'abc', '--region', 'westeurope', '--auth', 'identity'],
        { name: 'az', kind: 'azure-blob', account: 'abc', region: 'westeurope', credential: { kind: 'identity' } },
      ],
      [['token', 'create', 'ci', '--days', '30'], { name: 'ci', expiresInDays: 30 }],
      [['token', 'create', 'ci', '--role', 'viewer'], { name: 'ci', role: 'viewer' }],
      [['token', 'create', 'ci', '--service', '--customer', 'Muller GmbH'], { name: 'ci', service: true, customerIds: [CUSTOMER] }],
    ] as const) {
      const { exitCode, stderr } = await run(argv, { stdin: 'c@d.co\n\n' });
      expect([argv, exitCode, stderr]).toEqual([argv, 0, '']);
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual(body);
    }
    for (const argv of [
      ['token', 'revoke', 'T'],
      ['token', 'list'],
      ['licence', 'list'],
      ['part', 'list', 'Leavers'],
      ['mailbox', 'parts', MAILBOX],
      ['mailbox', 'folders', MAILBOX],
      ['mailbox', 'errors', MAILBOX, '--outcome', 'failed'],
    ]) {
      expect([argv, (await run(argv)).exitCode]).toEqual([argv, 0]);
      expect(JSON.parse((await run([...argv, '--json'])).stdout)).toBeInstanceOf(Object);
    }
  });
});
