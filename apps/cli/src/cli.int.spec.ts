import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noItems, type MailboxView } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { FakeGateway, HastyClock, runner, type Ended, type RunOptions } from './cli.fixture.js';
import { NOUNS } from './cli/nouns.js';

const gateway = new FakeGateway();
let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
let url = '';
beforeAll(async () => {
  url = await gateway.start();
  run = runner(url);
});
afterAll(() => gateway.stop());

const AT = '2026-01-01T00:00:00.000Z';
const CUSTOMER = '01J8ZQ4N5W9K7C1B2D3E4F5G6A';
const PROJECT = '01J8ZQ4N5W9K7C1B2D3E4F5G6B';
const MAILBOX = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';
const done = { id: CUSTOMER, stream: `customer:${CUSTOMER}`, version: 1 };
const mailbox: MailboxView = {
  mailboxJobId: MAILBOX,
  projectId: PROJECT,
  customerId: CUSTOMER,
  source: 'ada@contoso.com',
  destination: 'ada.pst',
  status: 'Completed with errors',
  pass: { passId: 'p', number: 2, kind: 'full', startedAt: AT, endedAt: AT },
  totals: { discovered: 1_200, exported: 1_190, skipped: 8, failed: 2 },
  listing: 'finished',
  extracted: { items: 1_198, bytes: 123_456_789 },
  folders: 7,
  parts: 1,
  cause: null,
  checks: [{ step: 1, name: 'token', verdict: 'fail', code: 'graph.unauthorized', advice: 'Check the secret.' }],
};
const sums = (statuses: Record<string, number>, totals = noItems, unaccounted = 0) => ({
  projectId: PROJECT,
  name: 'Leavers',
  sums: { statuses, totals, unaccounted, listing: 'finished', extracted: { items: 0, bytes: 0 }, parts: 0 },
});

beforeEach(() => {
  gateway.routes.clear();
  gateway.got.length = 0;
  gateway.list('/v1/customers', [{ customerId: CUSTOMER, workgroupId: 'default', name: 'Müller GmbH', createdAt: AT }]);
  gateway.list('/v1/projects', [{ projectId: PROJECT, customerId: CUSTOMER, name: 'Leavers', type: 'mailbox', container: 'migrationwiz', mailboxes: 1, createdAt: AT }]);
  gateway.list(`/v1/projects/${PROJECT}/mailboxes`, [mailbox]);
  gateway.list(`/v1/customers/${CUSTOMER}/endpoints`, [
    { endpointId: 'E1', customerId: CUSTOMER, name: 'tenant', kind: 'microsoft-365', settings: { tenantId: 't' }, createdAt: AT, secretRotatedAt: null },
    { endpointId: 'E2', customerId: CUSTOMER, name: 'disk', kind: 'folder', settings: { path: '/x' }, createdAt: AT, secretRotatedAt: null },
  ]);
});

/** Every command with as many arguments as it asks for. */
const commands = async (): Promise<string[][]> => {
  const all: string[][] = [];
  for (const { name, load } of NOUNS) {
    for (const { verb, args = '' } of (await load()).verbs) all.push([name, ...(verb === '' ? [] : [verb]), ...args.split(' ').filter((arg) => arg.startsWith('<'))]);
  }
  return all;
};

describe('usage errors', () => {
  it('end every command with 2, three lines and no request', async () => {
    for (const command of await commands()) {
      for (const wrong of [[...command, '--no-such-option'], ...(command.some((word) => word.startsWith('<')) ? [command.filter((word) => !word.startsWith('<'))] : [])]) {
        const { exitCode, stdout, stderr } = await run(wrong);
        expect([wrong, exitCode, stdout]).toEqual([wrong, 2, '']);
        expect(stderr).toMatch(/^Error: .+\n.+\nTry: pstream .+\n$/);
      }
    }
    expect(gateway.got).toEqual([]);
  });

  it('end every noun without a verb, or with one it does not have', async () => {
    for (const { name } of NOUNS) {
      if (name !== 'login') expect([name, (await run([name])).exitCode]).toEqual([name, 2]);
      const { exitCode, stderr } = await run([name, 'no-such-verb']);
      expect([name, exitCode]).toEqual([name, 2]);
      expect(stderr).toContain('Try: pstream ');
    }
    expect((await run([])).exitCode).toBe(2);
    expect(await run(['no-such-noun'])).toMatchObject({ exitCode: 2, stderr: 'Error: The command cannot be understood.\nThere is no noun "no-such-noun".\nTry: pstream --help\n' });
  });

  it('say what values an option takes', async () => {
    for (const [argv, told] of [
      [['mailbox', 'errors', MAILBOX, '--outcome', 'lost'], '--outcome: expected one of "failed"|"skipped"'],
      [['mailbox', 'list', 'Leavers', '--status', 'Done'], '--status: '],
      [['licence', 'order', '10', '--payment', 'shells'], '--payment: '],
      [['licence', 'order', 'ten'], 'whole number'],
      [['project', 'create', 'c', 'p', '--source', 's'], '--destination: is needed'],
      [['project', 'create', 'c', 'p', '--source', 's', '--destination', 'd', '--part-size', 'big'], '--part-size: must be a size'],
      [['project', 'create', 'c', 'p', '--source', 's', '--destination', 'd', '--type', 'both'], '--type: '],
      [['export', 'wait', 'Leavers', '--timeout', 'soon'], '--timeout: must be a duration'],
      [['export', 'wait', 'Leavers', '--for', 'ever'], '--for: '],
      [['token', 'create', 'ci', '--days', 'many'], '--days: must be a number of days'],
      [['endpoint', 'add-destination', 'c', 'n'], '--folder or --account'],
      [['endpoint', 'add-destination', 'c', 'n', '--account', 'abc'], 'This field cannot be left blank.'],
      [['login', '--url', 'nonsense'], '--url: must be an address'],
    ] as const) {
      const { exitCode, stderr } = await run(argv);
      expect([argv, exitCode]).toEqual([argv, 2]);
      expect(stderr).toContain(told);
    }
    expect(gateway.changes).toEqual([]);
  });

  it('do not happen to help that was asked for', async () => {
    for (const argv of [['--help'], ['help'], ['help', 'exit-codes'], ['help', 'export'], ['--version'], ['export', '--help'], ['export', 'wait', '--help']]) {
      expect([argv, (await run(argv)).exitCode]).toEqual([argv, 0]);
    }
    expect((await run(['help', 'exit-codes'])).stdout).toContain(' 12  Sign-in needed');
    expect(JSON.parse((await run(['help', 'exit-codes', '--json'])).stdout)).toHaveProperty('exitCodes');
    expect((await run(['help', 'nonsense'])).exitCode).toBe(2);
  });
});

describe('what the gateway answers', () => {
  it.each([
    [400, 3],
    [401, 12],
    [403, 2],
    [404, 3],
    [409, 3],
    [413, 3],
    [500, 1],
  ])('with status %i ends a command with %i', async (status, expected) => {
    gateway.routes.set('POST /v1/customers', { status, body: { status, code: 'x.y', title: 'It is so.', detail: 'Because. Use `pstream customer list`.' } });
    const { exitCode, stderr } = await run(['customer', 'create', 'Contoso']);
    expect(exitCode).toBe(expected);
    expect(stderr).toMatch(/^Error: It is so\.\nBecause\. Use `pstream customer list`\.\nTry: pstream .+\n$/);
  });

  it('is one JSON object for --json, also when it is a problem', async () => {
    gateway.routes.set('POST /v1/customers', { status: 409, body: { status: 409, code: 'customer.name-taken', title: 'Name already in use', detail: 'Choose another name.' } });
    const { exitCode, stdout } = await run(['customer', 'create', 'Contoso', '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'customer.name-taken', what: 'Name already in use.' }, exitCode: 3 });
  });

  it('is asked for again, as the same request, when it says that it is not available', async () => {
    let times = 0;
    gateway.routes.set('POST /v1/customers', () => (++times < 3 ? { status: 503, headers: { 'retry-after': '1' }, body: {} } : { status: 201, body: done }));
    expect((await run(['customer', 'create', 'Contoso'], { clock: new HastyClock() })).exitCode).toBe(0);
    expect(new Set(gateway.changes.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(gateway.changes).toHaveLength(3);
  });

  it('is awaited in the list before a command ends', async () => {
    gateway.routes.set('POST /v1/customers', { status: 201, body: done });
    expect((await run(['customer', 'create', 'Contoso'])).stdout).toBe(`${CUSTOMER}\n`);
    expect(gateway.got.at(-1)?.query.get('atLeast')).toBe(`customer:${CUSTOMER}:1`);
  });

  it('may be no answer at all', async () => {
    const { exitCode, stderr } = await run(['customer', 'list'], { environment: { PSTREAM_URL: 'http://127.0.0.1:1' } });
    expect(exitCode).toBe(1);
    expect(stderr).toBe('Error: The gateway does not answer.\nNothing answers at http://127.0.0.1:1, or the connection broke.\nTry: check PSTREAM_URL\n');
  });

  it('is not followed elsewhere with the token', async () => {
    gateway.routes.set('GET /v1/customers', { status: 302, headers: { location: 'http://127.0.0.1:1/stolen' } });
    expect((await run(['customer', 'list'])).exitCode).toBe(1);
  });
});

describe('signing in', () => {
  it('is needed where there is no token', async () => {
    const { exitCode, stderr } = await run(['customer', 'list'], { environment: { PSTREAM_TOKEN: '' } });
    expect(exitCode).toBe(12);
    expect(stderr).toMatch(/^Error: Sign-in needed\.\n.+\nTry: pstream login .+\n$/);
    expect(gateway.got).toEqual([]);
  });

  it('is saved for its owner alone, and used for that address only', async () => {
    const home = tempDir();
    gateway.routes.set('GET /v1/version', ({ headers }) => (headers.authorization === 'Bearer pstream_saved' ? { body: { version: '0.1.0' } } : { status: 401, body: {} }));
    const environment = { XDG_CONFIG_HOME: home, PSTREAM_TOKEN: '' };
    const before = { environment: { ...environment, PSTREAM_URL: url } };
    expect((await run(['login', '--url', url, '--token-file', '-'], { ...before, stdin: 'pstream_wrong\n' })).exitCode).toBe(12);
    expect(existsSync(join(home, 'pstream'))).toBe(false);
    expect((await run(['login', '--url', `${url}/`, '--token-file', '-'], { ...before, stdin: 'pstream_saved\n' })).exitCode).toBe(0);
    const file = join(home, 'pstream', 'config.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: 'pstream_saved' });
    gateway.routes.set('GET /v1/licences', ({ headers }) => ({ body: { released: 0, applied: 0, orders: [headers.authorization] } }));
    expect((await run(['licence', 'list', '--json'], { environment: { ...environment, PSTREAM_URL: undefined } })).stdout).toContain('Bearer pstream_saved');
    expect((await run(['licence', 'list'], { environment: { ...environment, PSTREAM_URL: url.replace('127.0.0.1', 'localhost') } })).exitCode).toBe(12);
  });

  it('cannot be had from a file that is damaged', async () => {
    const home = tempDir();
    writeFileSync(join(home, 'pstream'), 'not a directory');
    expect((await run(['customer', 'list'], { environment: { XDG_CONFIG_HOME: home } })).exitCode).toBe(2);
  });
});

describe('output', () => {
  it('has tabs, exact values and no header for programs, and a table for people', async () => {
    expect((await run(['mailbox', 'list', 'leavers'])).stdout).toBe(`${MAILBOX}\tada@contoso.com\tada.pst\tCompleted with errors\t1200\t1190\t8\t2\t1\t\n`);
    const { stdout } = await run(['mailbox', 'list', 'leavers'], { tty: true });
    expect(stdout).toMatch(/^Id +Mailbox +PST +Status/);
    expect(stdout).toContain('1,200');
    expect(stdout).not.toContain('\u001b');
  });

  it('is one object for --json', async () => {
    for (const argv of [['customer', 'list'], ['project', 'list'], ['mailbox', 'list', 'Leavers'], ['endpoint', 'list', CUSTOMER]]) {
      const { exitCode, stdout } = await run([...argv, '--json']);
      expect([argv, exitCode]).toEqual([argv, 0]);
      expect(JSON.parse(stdout)).toHaveProperty('items');
    }
  });

  it('tells people what to do where there is nothing', async () => {
    gateway.list('/v1/customers', []);
    expect((await run(['customer', 'list'], { tty: true })).stdout).toContain('pstream customer create');
    expect((await run(['customer', 'list'])).stdout).toBe('');
  });

  it('lets no name command the terminal or break a line', async () => {
    gateway.list('/v1/customers', [{ customerId: CUSTOMER, name: 'evil\u001b[31m\n\tname\u202e', createdAt: AT }]);
    expect((await run(['customer', 'list'])).stdout).toBe(`${CUSTOMER}\tevil [31m  name \t${AT}\n`);
    expect((await run(['customer', 'list'], { tty: true })).stdout).not.toContain('\u001b');
  });

  it('shows a mailbox with its sums and checks', async () => {
    const { stdout } = await run(['mailbox', 'show', 'ADA@contoso.com', '--project', 'Leavers'], { tty: true });
    expect(stdout).toContain('full, number 2');
    expect(stdout).toContain('123.5 MB');
    expect(stdout).toContain('fail: graph.unauthorized: Check the secret.');
    expect((await run(['mailbox', 'show', 'ada@contoso.com'])).exitCode).toBe(2);
  });
});

describe('names', () => {
  it('are found without case and accents, and by customer where several have one', async () => {
    gateway.list(`/v1/customers/${CUSTOMER}/projects`, []);
    expect((await run(['project', 'list', '--customer', 'MULLER gmbh'])).exitCode).toBe(0);
    expect(gateway.got.at(-1)?.path).toBe(`/v1/customers/${CUSTOMER}/projects`);
    gateway.list('/v1/projects', [
      { projectId: PROJECT, customerId: CUSTOMER, name: 'Leavers' },
      { projectId: 'OTHER', customerId: 'OTHER', name: 'leavers' },
    ]);
    const several = await run(['mailbox', 'list', 'Leavers']);
    expect(several.exitCode).toBe(2);
    expect(several.stderr).toContain(`${PROJECT}, OTHER`);
    expect((await run(['mailbox', 'list', 'müller gmbh/Leavers'])).exitCode).toBe(0);
    expect((await run(['mailbox', 'list', PROJECT])).exitCode).toBe(0);
    expect((await run(['mailbox', 'list', 'Nobody'])).exitCode).toBe(3);
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
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toMatchObject({ kind: 'microsoft-365', credential: { kind: 'secret', value } });
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
  const errors = [{ row: 3, column: 'Destination', code: 'part-name.not-pst', message: 'End the destination with .pst, for example user1.pst.' }];

  it('sends the file as it is', async () => {
    gateway.routes.set(path, { status: 201, body: { ...done, added: 2, refused: 0, errors: [] } });
    const csv = '\uFEFFSource,Destination\r\na@b.co,a.pst\r\n';
    expect(await run(['mailbox', 'import', 'Leavers', '-'], { stdin: csv })).toMatchObject({ exitCode: 0, stdout: '2\n' });
    expect(gateway.changes[0]?.headers['content-type']).toBe('text/csv');
    expect(gateway.changes[0]?.body).toBe(csv);
    expect(gateway.changes[0]?.query.get('partial')).toBe('false');
  });

  it('tells every fault by row and column, and ends with 3', async () => {
    gateway.routes.set(path, { status: 400, body: { status: 400, code: 'bulk-add.rows-at-fault', title: 'Some rows cannot be added', detail: 'Nothing was added.', errors } });
    const { exitCode, stderr } = await run(['mailbox', 'import', 'Leavers', '-'], { stdin: 'x' });
    expect(exitCode).toBe(3);
    expect(stderr).toBe('row 3, Destination: End the destination with .pst, for example user1.pst.\nError: Some rows cannot be added.\nNothing was added.\nTry: pstream mailbox import PROJECT FILE --partial\n');
  });

  it('ends with 3 too when only a part was added', async () => {
    gateway.routes.set(path, { status: 201, body: { ...done, added: 1, refused: 1, errors } });
    const { exitCode, stdout, stderr } = await run(['mailbox', 'import', 'Leavers', '-', '--partial'], { stdin: 'x' });
    expect([exitCode, stdout]).toEqual([3, '1\n']);
    expect(stderr).toContain('row 3, Destination');
    expect((await run(['mailbox', 'import', 'Leavers', '/no/such/file'])).exitCode).toBe(2);
  });
});

describe('exports', () => {
  const accepted = [{ mailboxJobId: MAILBOX, source: 'ada@contoso.com', stream: 's', version: 1 }];

  it('are started for all mailboxes or for those named', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/passes`, { body: { accepted, rejected: [], shown: true } });
    for (const [verb, kind] of [
      ['verify', 'verify'],
      ['start', 'full'],
      ['retry-errors', 'retry-errors'],
    ]) {
      expect(await run(['export', verb ?? '', 'Leavers'])).toMatchObject({ exitCode: 0, stdout: '1\n' });
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind, mailboxes: 'all' });
    }
    await run(['export', 'start', 'Leavers', 'ada@contoso.com', MAILBOX]);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ kind: 'full', mailboxes: ['ada@contoso.com', MAILBOX] });
  });

  it('end with 3 when any mailbox was refused, and say why for each', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/stop`, { body: { accepted, rejected: [{ mailboxJobId: null, source: 'ben@contoso.com', code: 'mailbox-job.unknown', title: 'No such mailbox', detail: 'The project has no such mailbox.' }], shown: true } });
    const { exitCode, stderr } = await run(['export', 'stop', 'Leavers', 'ben@contoso.com']);
    expect(exitCode).toBe(3);
    expect(stderr).toBe('ben@contoso.com: No such mailbox. The project has no such mailbox.\n');
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
    [{ Completed: 1 }, 5, 1, 'sum-does-not-hold'],
    [{}, 0, 1, 'empty'],
  ])('are awaited: %j with %i items unaccounted ends with %i, %s', async (statuses, unaccounted, expected, verdict) => {
    answers(sums({ Migrating: 1 }), sums({ Stopping: 1 }), sums(statuses, noItems, unaccounted));
    const { exitCode, stdout } = await run(['export', 'wait', 'Leavers', '--for', 'completed', '--timeout', '8h', '--json'], { clock: new HastyClock() });
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
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string; exitCode?: number });
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
    expect(stderr).toContain('Still running. Stop it with: pstream export stop Leavers\nTry: pstream export watch Leavers\n');
  });

  it('tell their sums', async () => {
    answers(sums({ Migrating: 1 }, { discovered: 10, exported: 4, skipped: 1, failed: 1 }, 4));
    expect((await run(['export', 'status', 'Leavers'])).stdout).toContain('Still to account for\t4\n');
    expect(JSON.parse((await run(['export', 'status', 'Leavers', '--json'])).stdout)).toMatchObject({ unaccounted: 4, statuses: { Migrating: 1 } });
  });
});

describe('the other commands', () => {
  it('ask what they should', async () => {
    gateway.routes.set('POST /v1/orders', { status: 201, body: done });
    gateway.routes.set('POST /v1/orders/O1/payment', { body: done });
    gateway.routes.set('GET /v1/licences', { body: { workgroupId: 'default', released: 5, applied: 1, orders: [] } });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/bundles`, { status: 201, body: done });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/projects`, { status: 201, body: done });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints`, { status: 201, body: done });
    gateway.routes.set('POST /v1/tokens', { status: 201, body: { tokenId: 'T', name: 'ci', token: 'pstream_new' } });
    gateway.routes.set('DELETE /v1/tokens/T', { status: 204 });
    gateway.list('/v1/tokens', [{ tokenId: 'T', name: 'ci', createdAt: AT, expiresAt: null, lastUsedAt: null }]);
    gateway.list(`/v1/projects/${PROJECT}/parts`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/parts`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/folders`, []);
    gateway.list(`/v1/mailboxes/${MAILBOX}/errors`, []);
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}`, { body: mailbox });
    for (const [argv, body] of [
      [['licence', 'order', '120', '--payment', 'wire'], { quantity: 120, payment: 'wire' }],
      [['licence', 'record-payment', 'O1', 'wire 7'], { reference: 'wire 7' }],
      [['licence', 'apply', 'Müller GmbH', 'a@b.co', '--file', '-'], { users: ['a@b.co', 'c@d.co'] }],
      [['project', 'create', CUSTOMER, 'Archives', '--type', 'archive', '--source', 'tenant', '--destination', 'disk', '--part-size', '2GiB'], { name: 'Archives', type: 'archive', sourceEndpointId: 'E1', destinationEndpointId: 'E2', partBytes: 2 ** 31 }],
      [['endpoint', 'add-destination', CUSTOMER, 'out', '--folder', '/exports'], { name: 'out', kind: 'folder', path: '/exports' }],
      [['endpoint', 'add-destination', CUSTOMER, 'az', '--account', 'abc', '--region', 'westeurope', '--auth', 'identity'], { name: 'az', kind: 'azure-blob', account: 'abc', region: 'westeurope', credential: { kind: 'identity' } }],
      [['token', 'create', 'ci', '--days', '30'], { name: 'ci', expiresInDays: 30 }],
    ] as const) {
      const { exitCode, stderr } = await run(argv, { stdin: 'c@d.co\n\n' });
      expect([argv, exitCode, stderr]).toEqual([argv, 0, '']);
      expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual(body);
    }
    for (const argv of [['token', 'revoke', 'T'], ['token', 'list'], ['licence', 'list'], ['part', 'list', 'Leavers'], ['mailbox', 'parts', MAILBOX], ['mailbox', 'folders', MAILBOX], ['mailbox', 'errors', MAILBOX, '--outcome', 'failed']]) {
      expect([argv, (await run(argv)).exitCode]).toEqual([argv, 0]);
      expect(JSON.parse((await run([...argv, '--json'])).stdout)).toBeInstanceOf(Object);
    }
  });
});
