import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessHash, AddedTokenFile, CodeFile } from '@pstream/contracts';
import { tempDir } from '@pstream/testing';
import { FakeGateway, HastyClock, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { AT } from '../scene.fixture.js';

const NAME = 'mailboxes_v4';
const REBUILD = ['admin', 'views', 'rebuild', NAME];
const state = (name: string, events = 0, code: string | null = null) => ({ state: name, events, requestedAt: AT, updatedAt: AT, code });
const view = (rebuild: unknown) => ({ name: NAME, documents: 1_250, generation: 'g0', rebuild });

describe('ways in on the machine itself', () => {
  const run = runner('http://127.0.0.1:4321');
  const made = (): string => {
    const dir = tempDir();
    mkdirSync(join(dir, 'tokens'));
    writeFileSync(join(dir, 'tokens', 'tokens.json'), '{"version":1,"tokens":[]}');
    return dir;
  };

  it('are another first token, left as a hash', async () => {
    const dir = made();
    const { exitCode, stdout } = await run(['admin', 'token', '--data', dir, '--json']);
    expect(exitCode).toBe(0);
    const { token } = JSON.parse(stdout) as { token: string };
    expect(token).toMatch(/^pstream_[\w-]{43}$/);
    const [name = ''] = readdirSync(join(dir, 'tokens', 'added'));
    expect(name).toBe(`${accessHash(token)}.json`);
    const text = readFileSync(join(dir, 'tokens', 'added', name), 'utf8');
    expect(AddedTokenFile.parse(JSON.parse(text)).name).toContain('made again');
    expect(text).not.toContain(token);
  });

  it('are a sign-in address, also by the variables of the gateway', async () => {
    const dir = made();
    const { exitCode, stdout } = await run(['admin', 'sign-in'], { environment: { PSTREAM_DATA: dir } });
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^http:\/\/127\.0\.0\.1:4321\/#code=psc_[\w-]{43}\n$/)]);
    const code = stdout.trim().split('=')[1] ?? '';
    const file = join(dir, 'tokens', 'codes', `${accessHash(code)}.json`);
    expect(CodeFile.parse(JSON.parse(readFileSync(file, 'utf8'))).expiresAt).toBe('2026-01-01T00:15:00.000Z');
  });

  it('are not where no gateway has run', async () => {
    const dir = tempDir();
    const { exitCode, stderr } = await run(['admin', 'token', '--data', dir]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not the token directory of a gateway that has run')]);
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('read models', () => {
  const gateway = new FakeGateway();
  let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
  beforeAll(async () => {
    run = runner(await gateway.start());
  });
  afterAll(() => gateway.stop());

  /** The gateway takes the request, then answers with these states in turn; the last one stays. */
  const rebuildGoes = (...states: readonly unknown[]): void => {
    let at = 0;
    gateway.got.length = 0;
    gateway.routes.set(`POST /v1/admin/views/${NAME}/rebuild`, { status: 202, body: state('requested') });
    gateway.routes.set('GET /v1/admin/views', () => ({ body: { items: [view(states[Math.min(at++, states.length - 1)])] } }));
  };

  it('are listed with the last rebuild', async () => {
    rebuildGoes(null, state('failed', 7, 'projection.unreadable-event'));
    expect((await run(['admin', 'views', 'list'])).stdout).toBe(`${NAME}\t1250\tg0\t\t\t\t\n`);
    expect((await run(['admin', 'views', 'list'], { tty: true })).stdout).toMatch(/1,250 .*failed .*projection.unreadable-event/);
    expect(JSON.parse((await run(['admin', 'views', 'list', '--json'])).stdout)).toMatchObject({ items: [{ name: NAME }] });
  });

  it('are rebuilt, with progress until the end', async () => {
    rebuildGoes(state('running', 5_000), state('done', 12_000));
    const ended = await run([...REBUILD, '--json'], { clock: new HastyClock() });
    expect([ended.exitCode, JSON.parse(ended.stdout)]).toEqual([0, { name: NAME, ...state('done', 12_000) }]);
    expect(ended.stderr).toContain('mailboxes_v4: requested, 0 events replayed');
    rebuildGoes(state('done', 12_000));
    expect((await run(REBUILD, { clock: new HastyClock(), tty: true })).stdout).toBe('mailboxes_v4 is rebuilt from 12,000 events.\n');
  });

  it('are not waited for with --no-wait', async () => {
    rebuildGoes();
    expect(await run([...REBUILD, '--no-wait'])).toMatchObject({ exitCode: 0, stdout: 'requested\n', stderr: '' });
    expect(gateway.got).toHaveLength(1);
  });

  it('say why a rebuild failed, and end with 1', async () => {
    rebuildGoes(state('failed', 9, 'projection.unreadable-event'));
    const { exitCode, stderr } = await run(REBUILD, { clock: new HastyClock() });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('It ended with projection.unreadable-event after 9 events.');
    rebuildGoes(null);
    expect(await run(REBUILD, { clock: new HastyClock() })).toMatchObject({ exitCode: 1 });
  });

  it('outlast a gateway that is restarted', async () => {
    rebuildGoes(state('done', 3));
    const list = gateway.routes.get('GET /v1/admin/views');
    let tries = 0;
    gateway.routes.set('GET /v1/admin/views', (got) =>
      tries++ === 0
        ? { status: 500, body: { status: 500, code: 'gateway.failed', title: 'Failed', detail: 'In this test.' } }
        : typeof list === 'function'
          ? list(got)
          : {},
    );
    expect(await run(REBUILD, { clock: new HastyClock() })).toMatchObject({ exitCode: 0, stdout: 'done\n' });
  });

  it('end with 3 where there is none of this name', async () => {
    gateway.routes.set('POST /v1/admin/views/nothing/rebuild', {
      status: 404,
      body: { status: 404, code: 'view.unknown', title: 'No such read model', detail: 'There is no read model with this name.' },
    });
    expect(await run(['admin', 'views', 'rebuild', 'nothing'])).toMatchObject({ exitCode: 3 });
    expect((await run(['admin', 'views', 'forget'])).stderr).toContain('admin views has no verb "forget"; it has list, rebuild.');
  });

  it('go on being rebuilt after Ctrl+C, which ends with 130', async () => {
    const stop = new AbortController();
    rebuildGoes(state('running'));
    gateway.routes.set('GET /v1/admin/views', () => {
      stop.abort();
      return { body: { items: [view(state('running'))] } };
    });
    const { exitCode, stderr } = await run(REBUILD, { clock: new HastyClock(), signal: stop.signal });
    expect([exitCode, stderr]).toEqual([130, expect.stringContaining('Interrupted; the rebuild goes on.')]);
  });
});
