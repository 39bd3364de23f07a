import { readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CODES_FOLDER, newAccessSecret } from '@pstream/contracts';
import { seededRandom, systemRandom } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { SessionStore } from './callers/session-store.js';
import { createSignInCode, redeemSignInCode } from './callers/sign-in-codes.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

const HOUR_MS = 3_600_000;

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const anonymous = { authorization: '' };
const csrf = { 'x-pstream-csrf': '1' };
const code = async (): Promise<string> => String((await gateway.call('POST', '/v1/sign-in-codes')).body['code']);
const redeem = (given: string, headers: Record<string, string> = {}): Promise<Reply> =>
  gateway.call('POST', '/v1/sessions', { code: given }, { ...anonymous, ...headers });
const cookieOf = ({ headers }: Reply): string => (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
/** Signs in, and calls with the cookie from then on. */
const signIn = async (): Promise<(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>> => {
  const cookie = cookieOf(await redeem(await code()));
  return (method, path, body, headers = {}) => gateway.bare(method, path, body, { cookie, ...headers });
};

describe('a session', () => {
  it('begins with a code that works once', async () => {
    const one = await code();
    const reply = await redeem(one);
    expect(reply).toMatchObject({ status: 201, body: { role: 'owner', signedInBy: 'session', workgroupId: 'default' } });
    const port = new URL(gateway.url).port;
    expect(reply.headers.get('set-cookie')).toMatch(
      new RegExp(`^pstream-session-${port}=pss_[\\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict$`),
    );
    expect((await redeem(one)).body).toMatchObject({ status: 401, code: 'sign-in.code-invalid' });
    expect((await redeem('psc_wrong')).body).toMatchObject({ status: 401, code: 'sign-in.code-invalid' });
    expect((await redeem('../../tokens')).body).toMatchObject({ status: 401, code: 'sign-in.code-invalid' });
  });

  it('of two requests with one code is given to one', async () => {
    const one = await code();
    const replies = await Promise.all([redeem(one), redeem(one), redeem(one)]);
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 401, 401]);
  });

  it('has a cookie that is secure where the browser came over https', async () => {
    const reply = await redeem(await code(), { 'x-forwarded-proto': 'https' });
    expect(reply.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('says who is signed in, reads, and changes with the header alone', async () => {
    const call = await signIn();
    expect((await call('GET', '/v1/me')).body).toMatchObject({ signedInBy: 'session', rights: expect.arrayContaining(['exports.run']) });
    expect((await call('GET', '/v1/customers')).status).toBe(200);
    expect((await call('POST', '/v1/customers', { name: 'By a page' })).body).toMatchObject({
      status: 403,
      code: 'request.csrf-header-missing',
    });
    expect((await call('POST', '/v1/customers', { name: 'By a page' }, csrf)).status).toBe(201);
  });

  it('does not help pages of another origin, another port, or another site', async () => {
    const call = await signIn();
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null'])
      expect((await call('GET', '/v1/me', undefined, { origin })).body).toMatchObject({ status: 403, code: 'request.foreign-origin' });
    for (const site of ['same-site', 'cross-site'])
      expect((await call('GET', '/v1/me', undefined, { 'sec-fetch-site': site })).body).toMatchObject({
        status: 403,
        code: 'request.foreign-origin',
      });
    for (const site of ['same-origin', 'none'])
      expect((await call('GET', '/v1/me', undefined, { 'sec-fetch-site': site })).status).toBe(200);
  });

  it('is not used for a request with a token that opens nothing', async () => {
    const call = await signIn();
    expect((await call('GET', '/v1/me', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });

  it('ends at the request of the one who is signed in, and with it what listens', async () => {
    const cookie = cookieOf(await redeem(await code()));
    const feed = await fetch(`${gateway.url}/v1/events`, { headers: { cookie } });
    expect(feed.status).toBe(200);
    const ended = await gateway.bare('DELETE', '/v1/sessions', undefined, { cookie, ...csrf });
    expect(ended.status).toBe(204);
    expect(ended.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await gateway.bare('GET', '/v1/me', undefined, { cookie })).body).toMatchObject({ code: 'request.unauthenticated' });
    // Ends when the stream does.
    expect(await feed.text()).toContain('event: ready');
  });

  it('is not what a token has', async () => {
    expect((await gateway.call('DELETE', '/v1/sessions')).body).toMatchObject({ status: 409, code: 'session.none' });
    expect((await gateway.call('GET', '/v1/me')).body).toMatchObject({ name: 'first', signedInBy: 'token', expiresAt: null });
  });
});

describe('sign-in codes', () => {
  const ports = () => ({ clock: new FakeClock(), random: seededRandom(3) });

  it('expire, and leave nothing behind', async () => {
    const dir = tempDir();
    const { clock, random } = ports();
    const { code: old } = await createSignInCode(dir, { clock, random });
    await clock.advance(16 * 60_000);
    expect(await redeemSignInCode(dir, old, clock)).toBeUndefined();
    await createSignInCode(dir, { clock, random });
    await clock.advance(16 * 60_000);
    const { code: fresh } = await createSignInCode(dir, { clock, random });
    expect(readdirSync(join(dir, CODES_FOLDER))).toHaveLength(1);
    expect(await redeemSignInCode(dir, fresh, clock)).toMatchObject({ version: 1 });
    expect(readdirSync(join(dir, CODES_FOLDER))).toEqual([]);
  });

  it('are kept as hashes only, in files for their owner alone', async () => {
    const dir = tempDir();
    const { code: made } = await createSignInCode(dir, ports());
    const [name = ''] = readdirSync(join(dir, CODES_FOLDER));
    expect(statSync(join(dir, CODES_FOLDER, name)).mode & 0o777).toBe(0o600);
    expect(name + readFileSync(join(dir, CODES_FOLDER, name), 'utf8')).not.toContain(made.slice(4));
  });
});

describe('the store of sessions', () => {
  const open = async (dir = tempDir(), clock = new FakeClock()) => ({
    dir,
    clock,
    store: await SessionStore.open(dir, { clock, random: seededRandom(5) }),
  });

  it('ends a session that nobody uses for twelve hours, and each after seven days', async () => {
    const { clock, store } = await open();
    const idle = await store.start(undefined);
    const used = await store.start(undefined);
    await clock.advance(11 * HOUR_MS);
    expect(store.check(used.cookie)?.sessionId).toBe(used.session.sessionId);
    await clock.advance(2 * HOUR_MS);
    expect(store.check(idle.cookie)).toBeUndefined();
    for (let hours = 13; hours < 7 * 24; hours += 6) {
      expect(store.isOpen(used.session.sessionId)).toBe(true);
      await clock.advance(6 * HOUR_MS);
    }
    expect(store.check(used.cookie)).toBeUndefined();
  });

  it('knows them after a restart, by their hashes', async () => {
    const { dir, clock, store } = await open();
    const { cookie } = await store.start('agent');
    await store.close();
    expect(readFileSync(join(dir, 'sessions.json'), 'utf8')).not.toContain(cookie);
    const again = await open(dir, clock);
    expect(again.store.check(cookie)).toMatchObject({ agentId: 'agent' });
    await again.store.end(again.store.check(cookie)?.sessionId ?? '');
    expect((await open(dir, clock)).store.check(cookie)).toBeUndefined();
  });
});

describe('a token that was left on the machine', () => {
  it('opens the running gateway, once and for all', async () => {
    const { value, sha256 } = newAccessSecret('token', systemRandom);
    const folder = join(gateway.tokensDir, 'added');
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, `${sha256}.json`), JSON.stringify({ version: 1, name: 'again', createdAt: '2026-01-01T00:00:00.000Z' }));
    writeFileSync(join(folder, `${'0'.repeat(64)}.json`), 'not ours');
    const call = (): Promise<Reply> => gateway.call('GET', '/v1/me', undefined, { authorization: `Bearer ${value}` });
    expect((await call()).body).toMatchObject({ name: 'again', role: 'owner' });
    expect(readdirSync(folder)).toEqual([`${'0'.repeat(64)}.json`]);
    expect((await call()).status).toBe(200);
  });
});
