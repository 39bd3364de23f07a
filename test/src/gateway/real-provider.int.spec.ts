import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { startGateway, type RunningGateway } from './gateway.fixture.js';

const CLIENT = 'pstream-console';
const SECRET = 'a-client-secret-of-a-test';
let server: Server;
let gateway: RunningGateway;
let answer: RequestListener;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gateway = await startGateway(100, { oidc: { issuer, clientId: CLIENT, clientSecret: () => SECRET } });
  await gateway.call('POST', '/v1/people', { email: 'ada@contoso.com', role: 'viewer' });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        redirect_uris: [`${gateway.url}/sign-in/account/callback`],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    cookies: { keys: ['of-a-test'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, email: `${accountId}@contoso.com`, email_verified: true }),
    }),
  });
  answer = provider.callback();
});
afterAll(async () => {
  await gateway.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A browser as far as signing in needs one: it keeps cookies by name and port, follows redirects, and fills in forms. */
class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  cookiesFor(url: URL): string {
    return [...(this.#cookies.get(url.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Follows redirects until a page comes, or the address that `stopAt` says. */
  async open(
    url: URL,
    form?: Readonly<Record<string, string>>,
    stopAt?: string,
  ): Promise<{ readonly url: URL; readonly text: string; readonly status: number }> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: this.cookiesFor(url) },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    const jar = this.#cookies.get(url.host) ?? new Map<string, string>();
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    this.#cookies.set(url.host, jar);
    const text = await response.text();
    const location = response.headers.get('location');
    if (location === null) return { url, text, status: response.status };
    const next = new URL(location, url);
    return next.pathname === stopAt ? { url: next, text, status: response.status } : this.open(next, undefined, stopAt);
  }
}

const formIn = (text: string): string => /<form[^>]* action="([^"]+)"/.exec(text)?.[1] ?? '';

/** Signs in at the provider, and stops before the browser comes back with the code. */
const untilCallback = async (browser: Browser, login: string): Promise<URL> => {
  const asked = await browser.open(new URL('/sign-in/account', gateway.url));
  const consent = await browser.open(new URL(formIn(asked.text), asked.url), { prompt: 'login', login, password: 'any' });
  const { url } = await browser.open(new URL(formIn(consent.text), consent.url), { prompt: 'consent' }, '/sign-in/account/callback');
  return url;
};

describe('an OpenID Connect provider', () => {
  it('signs an agent in, with a code that works once', async () => {
    const browser = new Browser();
    const callback = await untilCallback(browser, 'ada');
    const attempt = browser.cookiesFor(callback);
    expect((await browser.open(callback, undefined, '/')).status).toBe(302);
    const me = await gateway.bare('GET', '/v1/me', undefined, { cookie: browser.cookiesFor(callback) });
    expect(me.body).toMatchObject({ name: 'ada@contoso.com', role: 'viewer', signedInBy: 'session' });

    // The browser has forgotten the sign-in; whoever has kept its cookie is refused by the provider.
    expect((await browser.open(callback)).text).toContain('sign-in.not-begun');
    const replayed = await fetch(callback, { headers: { cookie: attempt }, redirect: 'manual' });
    expect([replayed.status, await replayed.text()]).toEqual([403, expect.stringContaining('invalid_grant')]);
  });

  it('does not redeem a code for whoever began another sign-in', async () => {
    const [one, other] = [new Browser(), new Browser()];
    const callback = await untilCallback(one, 'ada');
    const own = await untilCallback(other, 'ada');
    // With the state of its own sign-in, but the code of the other one: its verifier does not fit.
    own.searchParams.set('code', callback.searchParams.get('code') ?? '');
    const page = await other.open(own);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('invalid_grant')]);
  });

  it('does not let a stranger in', async () => {
    const browser = new Browser();
    const page = await browser.open(await untilCallback(browser, 'mallory'));
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('sign-in.not-let-in')]);
  });
});
