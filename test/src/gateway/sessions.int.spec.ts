import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newAccessSecret } from '@pstream/contracts';
import { systemRandom } from '@pstream/kernel';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

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
    const attributes = async (proto: string): Promise<string | null> =>
      (await redeem(await code(), { 'x-forwarded-proto': proto })).headers.get('set-cookie');
    for (const proto of ['https', 'https, http', 'HTTPS'])
      expect([proto, await attributes(proto)]).toEqual([proto, expect.stringMatching(/; Secure$/)]);
    expect(await attributes('http, https')).not.toMatch(/Secure/);
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
