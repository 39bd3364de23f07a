// nest-commander is CommonJS that requires Nest, so Nest is loaded first.
import '@nestjs/common';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { FakeGateway, HastyClock, runner, type Ended, type RunOptions } from './cli.fixture.js';
import { NOUNS } from './cli/nouns.js';
import { AT, CUSTOMER, done, MAILBOX, PROJECT, setScene } from './scene.fixture.js';

const gateway = new FakeGateway();
let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
let url = '';
beforeAll(async () => {
  url = await gateway.start();
  run = runner(url);
});
beforeEach(() => setScene(gateway));
afterAll(() => gateway.stop());

/** Every command with as many arguments as it asks for. */
const commands = async (): Promise<string[][]> => {
  const all: string[][] = [];
  const { verbsOf } = await import('./cli/command.js');
  for (const { name, load } of NOUNS) {
    for (const { name: verb, args } of verbsOf((await load()).verbs))
      all.push([name, ...verb.split(' ').filter((word) => word !== ''), ...args.split(' ').filter((arg) => arg.startsWith('<'))]);
  }
  return all;
};

describe('usage errors', () => {
  it('end every command with 2, three lines and no request', async () => {
    for (const command of await commands()) {
      for (const wrong of [
        [...command, '--no-such-option'],
        ...(command.some((word) => word.startsWith('<')) ? [command.filter((word) => !word.startsWith('<'))] : []),
      ]) {
        const { exitCode, stdout, stderr } = await run(wrong);
        expect([wrong, exitCode, stdout]).toEqual([wrong, 2, '']);
        expect(stderr).toMatch(/^Error: .+\n.+\nTry: pstream .+\n$/);
      }
    }
    expect(gateway.got).toEqual([]);
  }, 30_000);

  it('end every noun without a verb, or with one it does not have', async () => {
    for (const { name } of NOUNS) {
      if (name !== 'login') expect([name, (await run([name])).exitCode]).toEqual([name, 2]);
      // A verb by itself, whose argument this would be.
      if (name === 'estimate') continue;
      const { exitCode, stderr } = await run([name, 'no-such-verb']);
      expect([name, exitCode]).toEqual([name, 2]);
      expect(stderr).toContain('Try: pstream ');
    }
    expect((await run([])).exitCode).toBe(2);
    expect(await run(['no-such-noun'])).toMatchObject({
      exitCode: 2,
      stderr: 'Error: The command cannot be understood.\nThere is no noun "no-such-noun".\nTry: pstream --help\n',
    });
  });

  it('say what values an option takes', async () => {
    for (const [argv, told] of [
      [['mailbox', 'errors', MAILBOX, '--outcome', 'lost'], '--outcome: Use one of: failed, skipped, mime, doubts.'],
      [['mailbox', 'list', 'Leavers', '--status', 'Done'], '--status: '],
      [['licence', 'buy', '10', '--payment', 'shells'], '--payment: '],
      [['licence', 'buy', 'ten'], 'whole number'],
      [['project', 'create', 'c', 'p', '--source', 's'], '--destination: This option is needed.'],
      [['project', 'create', 'c', 'p', '--source', 's', '--destination', 'd', '--part-size', 'big'], '--part-size: Give a size'],
      [['project', 'create', 'c', 'p', '--source', 's', '--destination', 'd', '--type', 'both'], '--type: '],
      [['export', 'wait', 'Leavers', '--timeout', 'soon'], '--timeout: Give a duration'],
      [['export', 'wait', 'Leavers', '--for', 'ever'], '--for: '],
      [['token', 'create', 'ci', '--days', 'many'], '--days: Give a number of days.'],
      [['endpoint', 'add-destination', 'c', 'n'], '--folder or --account'],
      [['endpoint', 'add-destination', 'c', 'n', '--account', 'abc'], 'This field cannot be left blank.'],
      [['login', '--url', 'nonsense'], '--url: Give an address'],
    ] as const) {
      const { exitCode, stderr } = await run(argv);
      expect([argv, exitCode]).toEqual([argv, 2]);
      expect(stderr).toContain(told);
    }
    expect(gateway.changes).toEqual([]);
  });

  it('do not happen to help that was asked for', async () => {
    for (const argv of [
      ['--help'],
      ['help'],
      ['help', 'exit-codes'],
      ['help', 'export'],
      ['help', 'admin', 'views'],
      ['--version'],
      ['export', '--help'],
      ['export', 'wait', '--help'],
    ]) {
      expect([argv, (await run(argv)).exitCode]).toEqual([argv, 0]);
    }
    expect((await run(['help', 'exit-codes'])).stdout).toMatch(/^12 +Sign-in needed/m);
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
    gateway.routes.set('POST /v1/customers', {
      status,
      body: { status, code: 'x.y', title: 'It is so.', detail: 'Because. Use `pstream customer list`.' },
    });
    const { exitCode, stderr } = await run(['customer', 'create', 'Contoso']);
    expect(exitCode).toBe(expected);
    expect(stderr).toMatch(/^Error: It is so\.\nBecause\. Use `pstream customer list`\.\nTry: pstream .+\n$/);
  });

  it('is one JSON object for --json, also when it is a problem', async () => {
    gateway.routes.set('POST /v1/customers', {
      status: 409,
      body: { status: 409, code: 'customer.name-taken', title: 'Name already in use', detail: 'Choose another name.' },
    });
    const { exitCode, stdout } = await run(['customer', 'create', 'Contoso', '--json']);
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'customer.name-taken', what: 'Name already in use.' }, exitCode: 3 });
  });

  it('is asked for again, as the same request, when it says that it is not available', async () => {
    let times = 0;
    gateway.routes.set('POST /v1/customers', () =>
      ++times < 3 ? { status: 503, headers: { 'retry-after': '1' }, body: {} } : { status: 201, body: done },
    );
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
    expect(stderr).toBe(
      'Error: The gateway does not answer.\nNothing answers at http://127.0.0.1:1, or the connection broke.\nTry: check PSTREAM_URL\n',
    );
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
    gateway.routes.set('GET /v1/version', ({ headers }) =>
      headers.authorization === 'Bearer pstream_saved' ? { body: { version: '0.1.0' } } : { status: 401, body: {} },
    );
    gateway.routes.set('GET /v1/me', ({ headers }) =>
      headers.authorization === 'Bearer pstream_saved' ? { body: {} } : { status: 401, body: {} },
    );
    const environment = { XDG_CONFIG_HOME: home, PSTREAM_TOKEN: '' };
    const before = { environment: { ...environment, PSTREAM_URL: url } };
    expect((await run(['login', '--url', url, '--token-file', '-'], { ...before, stdin: 'pstream_wrong\n' })).exitCode).toBe(12);
    expect(existsSync(join(home, 'pstream'))).toBe(false);
    expect((await run(['login', '--url', `${url}/`, '--token-file', '-'], { ...before, stdin: 'pstream_saved\n' })).exitCode).toBe(0);
    const file = join(home, 'pstream', 'config.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: 'pstream_saved' });
    gateway.routes.set('GET /v1/licences/prices', { body: { enforced: true } });
    gateway.routes.set('GET /v1/licences', ({ headers }) => ({ body: { released: 0, applied: 0, orders: [headers.authorization] } }));
    expect((await run(['licence', 'list', '--json'], { environment: { ...environment, PSTREAM_URL: undefined } })).stdout).toContain(
      'Bearer pstream_saved',
    );
    expect(
      (await run(['licence', 'list'], { environment: { ...environment, PSTREAM_URL: url.replace('127.0.0.1', 'localhost') } })).exitCode,
    ).toBe(12);
  });

  it('turns a sign-in address into a token of its own, and ends the session', async () => {
    const home = tempDir();
    const me = { id: 'T', name: 'Ada', role: 'agent', workgroupId: 'default', rights: ['self', 'exports.view'], expiresAt: null };
    gateway.routes.set('GET /v1/version', { body: { version: '0.1.0' } });
    gateway.routes.set('GET /v1/me', { body: me });
    gateway.routes.set('POST /v1/sessions', ({ body }) =>
      body === '{"code":"psc_x"}'
        ? { status: 201, body: me, headers: { 'set-cookie': 'pstream-session=pss_y; Path=/; HttpOnly' } }
        : { status: 401, body: { code: 'sign-in.code-invalid', title: 'x', detail: 'y' } },
    );
    gateway.routes.set('POST /v1/tokens', ({ headers }) => ({
      status: headers.cookie === 'pstream-session=pss_y' && headers['x-pstream-csrf'] === '1' ? 201 : 401,
      body: { token: 'pstream_made' },
    }));
    gateway.routes.set('DELETE /v1/sessions', { status: 204 });
    const environment = { XDG_CONFIG_HOME: home, PSTREAM_TOKEN: '' };
    for (const given of ['psc_x', `${url}/#code=psc_x`]) {
      gateway.got.length = 0;
      const { exitCode, stdout } = await run(['login', '--url', url, '--code', '-'], { environment, stdin: `${given}\n` });
      expect([exitCode, stdout]).toEqual([0, `${url}\n`]);
      expect(gateway.changes.map(({ method, path }) => `${method} ${path}`)).toEqual([
        'POST /v1/sessions',
        'POST /v1/tokens',
        'DELETE /v1/sessions',
      ]);
      expect(JSON.parse(readFileSync(join(home, 'pstream', 'config.json'), 'utf8'))).toEqual({ url, token: 'pstream_made' });
    }
    expect((await run(['login', '--url', url, '--code', 'psc_used'], { environment })).exitCode).toBe(12);
    expect((await run(['session', 'show'])).stdout).toContain('Role\tagent\n');
    gateway.routes.set('POST /v1/sign-in-codes', { status: 201, body: { code: 'psc_z', path: '/#code=psc_z', expiresAt: AT } });
    expect((await run(['session', 'link'])).stdout).toBe(`${url}/#code=psc_z\n`);
  });

  it('cannot be had from a file that is damaged', async () => {
    const home = tempDir();
    writeFileSync(join(home, 'pstream'), 'not a directory');
    expect((await run(['customer', 'list'], { environment: { XDG_CONFIG_HOME: home } })).exitCode).toBe(2);
  });
});

describe('output', () => {
  it('has tabs, exact values and no header for programs, and a table for people', async () => {
    expect((await run(['mailbox', 'list', 'leavers'])).stdout).toBe(
      `${MAILBOX}\tada@contoso.com\tada.pst\tCompleted with errors\t1200\t1190\t8\t2\t1\t\t3\t\t1\t2\t1\tshared\tno\n`,
    );
    const { stdout } = await run(['mailbox', 'list', 'leavers'], { tty: true });
    expect(stdout).toMatch(/^Id +Mailbox +PST +Status/);
    expect(stdout).toContain('1,200');
    expect(stdout).not.toContain('\u001b');
  });

  it('is one object for --json', async () => {
    for (const argv of [
      ['customer', 'list'],
      ['project', 'list'],
      ['mailbox', 'list', 'Leavers'],
      ['endpoint', 'list', CUSTOMER],
    ]) {
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
    expect(stdout).toMatch(/Found.*a shared mailbox/);
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
