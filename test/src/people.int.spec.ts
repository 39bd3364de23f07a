import { join } from 'node:path';
import type { Role } from '@pstream/contracts';
import { startChild, tempDir, type Child } from '@pstream/testing';

const MAIN = join(import.meta.dirname, '../../apps/standalone/dist/main.js');
type Body = Readonly<Record<string, unknown>>;
type Reply = { readonly status: number; readonly body: Body; readonly cookie: string };

/** The embedded system in a process of its own, which prints how to sign in. */
const start = (dir: string): Promise<Child> =>
  startChild({
    name: 'pstream',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', MAIN],
    env: { PSTREAM_DATA: join(dir, 'data'), PSTREAM_PORT: '0', PSTREAM_LOG: 'error' },
    readyLine: /Sign in: +\S+/,
  });
const addressOf = (child: Child): string => /Address: (\S+)/.exec(child.output())?.[1] ?? '';
const codeOf = (child: Child): string => /#code=(\S+)/.exec(child.output())?.[1] ?? '';

/** Calls with a cookie, as the console does. */
const caller =
  (url: string, cookie = '') =>
  async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const headers = { cookie, 'x-pstream-csrf': '1', ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    const [set = ''] = (response.headers.get('set-cookie') ?? '').split(';', 1);
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Body), cookie: set };
  };
const signIn = async (url: string, code: unknown): Promise<Reply> => caller(url)('POST', '/v1/sessions', { code });

describe('the embedded system', () => {
  const dir = tempDir();
  let system: Child;
  let administrator: string;
  beforeAll(async () => {
    system = await start(dir);
  });
  afterAll(() => system.stop());

  const invite = async (email: string, role: Role): Promise<Reply> =>
    caller(addressOf(system), administrator)('POST', '/v1/people', { email, role });

  it('signs its administrator in with the address that it prints', async () => {
    const reply = await signIn(addressOf(system), codeOf(system));
    expect(reply).toMatchObject({ status: 201, body: { role: 'owner', signedInBy: 'session' } });
    administrator = reply.cookie;
  });

  it('lets agents in as long as they are active, whatever the moment', async () => {
    const url = addressOf(system);
    const admin = caller(url, administrator);
    const invited = await invite('ada@contoso.com', 'agent');
    const { cookie } = await signIn(url, invited.body['code']);
    const ada = caller(url, cookie);
    expect((await ada('GET', '/v1/me')).body).toMatchObject({ id: invited.body['id'], role: 'agent' });
    expect((await invite('ADA@contoso.com', 'agent')).body).toMatchObject({ status: 409, code: 'agent.address-taken' });
    const feed = await fetch(`${url}/v1/events`, { headers: { cookie } });
    // Each change is followed by a request at once.
    for (const active of [false, true, false, true, false]) {
      expect((await admin('PATCH', `/v1/people/${String(invited.body['id'])}`, { active })).status).toBe(200);
      expect((await ada('GET', '/v1/projects')).status).toBe(active ? 200 : 401);
    }
    // Ends, or this never does.
    expect(await feed.text()).toContain('event: ready');
  });

  it('knows people and sessions after a restart, and keeps its last owner', async () => {
    const invited = await invite('eve@contoso.com', 'owner');
    const { cookie } = await signIn(addressOf(system), invited.body['code']);
    await system.stop();
    system = await start(dir);
    const url = addressOf(system);
    // The port is another one now, and the name of the cookie carries it.
    const moved = (value: string): string => value.replace(/^[^=]+/, `pstream-session-${new URL(url).port}`);
    const eve = caller(url, moved(cookie));
    expect((await eve('GET', '/v1/me')).body).toMatchObject({ id: invited.body['id'], role: 'owner' });
    expect((await eve('PATCH', `/v1/people/${String(invited.body['id'])}`, { role: 'viewer' })).body).toMatchObject({
      status: 409,
      code: 'agent.last-owner',
    });
    expect((await caller(url, moved(administrator))('GET', '/v1/people')).body).toMatchObject({ total: 2 });
  });
});
