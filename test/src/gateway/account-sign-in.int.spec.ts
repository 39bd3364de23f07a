import { createHmac, sign, type KeyObject } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { startForgedIssuer, newKey, type ForgedIssuer, type IssuerKey } from './forged-issuer.fixture.js';
import { startGateway, type RunningGateway } from './gateway.fixture.js';

const CLIENT = 'pstream-console';
let issuer: ForgedIssuer;
let key: IssuerKey;
let gateway: RunningGateway;
beforeAll(async () => {
  issuer = await startForgedIssuer();
  key = newKey('first');
  issuer.keys = [key.published];
  gateway = await startGateway(100, { oidc: { issuer: issuer.url, clientId: CLIENT, clientSecret: () => 'canary-of-the-client-secret' } });
  await invite('ada@contoso.com');
});
afterAll(async () => {
  await gateway.close();
  await issuer.close();
});

const invite = async (email: string): Promise<string> => {
  const { body, status } = await gateway.call('POST', '/v1/people', { email, role: 'agent' });
  expect(status).toBe(201);
  return String(body['id']);
};

type Page = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: string;
  readonly cookies: string[];
};
const browse = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Page> => {
  const response = await fetch(`${gateway.url}${path}`, { method, redirect: 'manual', headers });
  const text = await response.text();
  const code = /<code>([\w.-]+)<\/code>/.exec(text)?.[1] ?? '';
  return { status: response.status, headers: response.headers, text, code, cookies: response.headers.getSetCookie() };
};
const valueOf = (cookie = ''): string => cookie.split(';', 1)[0] ?? '';

type Begun = { readonly cookie: string; readonly state: string; readonly nonce: string; readonly url: URL };
const begin = async (): Promise<Begun> => {
  const { headers, cookies } = await browse('/sign-in/account');
  const url = new URL(headers.get('location') ?? '');
  return { cookie: valueOf(cookies[0]), state: url.searchParams.get('state') ?? '', nonce: url.searchParams.get('nonce') ?? '', url };
};
const comeBack = ({ cookie, state }: Begun, query = `code=c&state=${state}`): Promise<Page> =>
  browse(`/sign-in/account/callback?${query}`, { cookie });

type Json = Readonly<Record<string, unknown>>;
const base64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const nowS = (): number => Math.floor(Date.now() / 1_000);
const goodClaims = (nonce: string): Json => ({
  iss: issuer.url,
  sub: 'subject-1',
  aud: CLIENT,
  iat: nowS(),
  exp: nowS() + 300,
  nonce,
  email: 'Ada@contoso.com',
  email_verified: true,
});
const RS256 = { alg: 'RS256', kid: 'first' };
const signed = (header: Json, claims: unknown, by: KeyObject = key.privateKey): string => {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), by).toString('base64url')}`;
};
const signedBySecret = (header: Json, claims: Json, secret: string): string => {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const tokens = (idToken: unknown, more: Json = {}): Json => ({ access_token: 'a', token_type: 'Bearer', id_token: idToken, ...more });

/** Comes back with what the token endpoint makes of good claims. */
const tryWith = async (body: (claims: Json) => unknown): Promise<Page> => {
  const begun = await begin();
  issuer.token = { body: body(goodClaims(begun.nonce)) };
  return comeBack(begun);
};
const without = (claims: Json, name: string): Json => Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name));
const reasonIn = ({ text }: Page): string => /\(([\w]+\.[\w]+)\)/.exec(text)?.[1] ?? '';

describe('an account', () => {
  it('signs its agent in, whose invitation is then accepted', async () => {
    const begun = await begin();
    expect(`${begun.url.origin}${begun.url.pathname}`).toBe(`${issuer.url}/authorize`);
    expect(Object.fromEntries(begun.url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT,
      scope: 'openid email',
      code_challenge_method: 'S256',
      redirect_uri: `${gateway.url}/sign-in/account/callback`,
    });
    issuer.token = { body: tokens(signed(RS256, goodClaims(begun.nonce))) };
    const page = await comeBack(begun);
    expect([page.status, page.headers.get('location')]).toEqual([302, '/']);
    const port = new URL(gateway.url).port;
    expect(page.cookies[0]).toBe(`pstream-oidc-${port}=; Path=/sign-in/account; Max-Age=0; HttpOnly; SameSite=Lax`);
    expect(page.cookies[1]).toMatch(
      new RegExp(`^pstream-session-${port}=pss_[\\w-]{43}; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict$`),
    );
    const me = await gateway.bare('GET', '/v1/me', undefined, { cookie: valueOf(page.cookies[1]) });
    expect(me.body).toMatchObject({ name: 'ada@contoso.com', role: 'agent', signedInBy: 'session', workgroupId: 'default' });
    expect(issuer.asked.at(-1)?.get('code_verifier')).toMatch(/^[\w-]{43}$/);
  });

  it('waits in no queue that strangers can fill: what is too much at once is refused, and the provider is asked for no more', async () => {
    const begun = await begin();
    const free = Promise.withResolvers<void>();
    issuer.until = free.promise;
    const before = issuer.asked.length;
    const coming = Array.from({ length: 40 }, () => comeBack(begun));
    const refused: Page[] = [];
    for (const one of coming) void one.then((page) => refused.push(page));
    await eventually(
      () => Promise.resolve([refused.length, issuer.asked.length - before]),
      ([busy, asked]) => busy === 8 && asked === 32,
    );
    expect(refused.map(({ status, code }) => [status, code])).toEqual(Array(8).fill([503, 'sign-in.busy']));
    issuer.token = { body: {} };
    free.resolve();
    await Promise.all(coming);
    issuer.until = Promise.resolve();
    expect((await tryWith((claims) => tokens(signed(RS256, claims)))).status).toBe(302);
  });

  it('that nobody invited, that is inactive or was removed gets a page that says so', async () => {
    const signIn = (email: string): Promise<Page> => tryWith((claims) => tokens(signed(RS256, { ...claims, email })));
    const inactive = await invite('inactive@contoso.com');
    await gateway.call('PATCH', `/v1/people/${inactive}`, { active: false });
    const removed = await invite('removed@contoso.com');
    await gateway.call('DELETE', `/v1/people/${removed}`);
    for (const email of ['stranger@contoso.com', 'inactive@contoso.com', 'removed@contoso.com', 'ada@contoso.co', 'àda@contoso.com']) {
      const page = await signIn(email);
      expect([email, page.status, page.code]).toEqual([
        email,
        403,
        email.startsWith('à') ? 'sign-in.address-unverified' : 'sign-in.not-let-in',
      ]);
      expect(page.cookies.join()).not.toContain('pstream-session');
      expect(page.text).toContain('Try again');
    }
  });

  it('of an address in several workgroups chooses, and each link works once', async () => {
    await invite('eve@contoso.com');
    await gateway.call('POST', '/v1/workgroups', { name: 'Second <b>&', ownerEmail: 'EVE@contoso.com' });
    const page = await tryWith((claims) => tokens(signed(RS256, { ...claims, email: 'eve@contoso.com' })));
    expect([page.status, page.cookies.join().includes('pstream-session')]).toEqual([200, false]);
    expect(page.text).toContain('Second &lt;b&gt;&amp;');
    const codes = [...page.text.matchAll(/href="\/#code=([\w-]+)"/g)].map(([, code]) => code);
    const roles = new Set<unknown>();
    for (const code of codes) roles.add((await gateway.bare('POST', '/v1/sessions', { code })).body['role']);
    expect(codes).toHaveLength(2);
    expect(roles).toEqual(new Set(['agent', 'owner']));
    expect((await gateway.bare('POST', '/v1/sessions', { code: codes[0] })).body).toMatchObject({ code: 'sign-in.code-invalid' });
  });

  it('is accepted with a key that the issuer has just begun to use, and refused with the old one', async () => {
    const next = newKey('second');
    issuer.keys = [next.published];
    const { status } = await tryWith((claims) => tokens(signed({ ...RS256, kid: 'second' }, claims, next.privateKey)));
    const old = await tryWith((claims) => tokens(signed(RS256, claims)));
    issuer.keys = [key.published];
    expect([status, old.status, reasonIn(old)]).toEqual([302, 403, 'key.unknown']);
  });

  it('is offered only where a provider is configured', async () => {
    expect((await gateway.bare('GET', '/v1/version')).body['signInWith']).toEqual(['code', 'account']);
    const other = await startGateway();
    try {
      expect((await other.bare('GET', '/v1/version')).body['signInWith']).toEqual(['code']);
      const page = await fetch(`${other.url}/sign-in/account`);
      expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('sign-in.not-configured')]);
    } finally {
      await other.close();
    }
  });

  it('comes back over https where the browser went over https', async () => {
    const { headers, cookies } = await browse('/sign-in/account', { 'x-forwarded-proto': 'https' });
    expect(new URL(headers.get('location') ?? '').searchParams.get('redirect_uri')).toMatch(/^https:/);
    expect(cookies[0]).toMatch(/; SameSite=Lax; Secure$/);
  });
});

/** Values that each claim must not have, whatever the claim is. */
const TYPES: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a number', 17],
  ['a text', 'x'],
  ['a list', ['x', 'y']],
  ['an object', { x: 'y' }],
  ['true', true],
];
type Row = readonly [fault: string, body: (claims: Json) => unknown, reason: string];
const claimRow = (name: string, fault: string, value: unknown, reason: string): Row => [
  `${name}: ${fault}`,
  (claims) => tokens(signed(RS256, value === undefined ? without(claims, name) : { ...claims, [name]: value })),
  reason,
];
/** What each claim is refused for, by the kind of value. */
const REASONS: Readonly<Record<string, (kind: string) => string | undefined>> = {
  iss: (kind) => (kind === 'a text' ? 'iss.value' : 'iss.type'),
  aud: (kind) => (kind === 'a text' || kind === 'a list' ? 'aud.value' : 'aud.type'),
  exp: (kind) => (kind === 'a number' ? 'exp.value' : 'exp.type'),
  iat: (kind) => (kind === 'a number' ? undefined : 'iat.type'),
  nbf: (kind) => (kind === 'a number' ? undefined : 'nbf.type'),
  nonce: () => 'nonce.value',
  sub: (kind) => (kind === 'a text' ? undefined : 'sub.type'),
  azp: () => 'azp.value',
};
const headerRow = (fault: string, header: Json, reason: string): Row => [
  `header: ${fault}`,
  (claims) => tokens(signed({ ...RS256, ...header }, claims)),
  reason,
];

const typeRows: readonly Row[] = Object.entries(REASONS).flatMap(([name, reasonOf]) =>
  TYPES.flatMap(([kind, value]) => {
    const reason = reasonOf(kind);
    return reason === undefined ? [] : [claimRow(name, kind, value, reason)];
  }),
);
const missingRows: readonly Row[] = ['iss', 'aud', 'exp', 'iat', 'nonce', 'sub'].map((name) =>
  claimRow(name, 'missing', undefined, `${name}.missing`),
);
const valueRows: readonly Row[] = [
  claimRow('iss', 'another issuer', 'https://other.example', 'iss.value'),
  claimRow('iss', 'empty', '', 'iss.value'),
  claimRow('aud', 'another client', 'other-client', 'aud.value'),
  claimRow('aud', 'an empty list', [], 'aud.value'),
  claimRow('aud', 'another client too', [CLIENT, 'other-client'], 'aud.untrusted'),
  claimRow('azp', 'another client', 'other-client', 'azp.value'),
  claimRow('nonce', 'of another sign-in', 'A'.repeat(43), 'nonce.value'),
  claimRow('nonce', 'empty', '', 'nonce.value'),
  claimRow('sub', 'empty', '', 'sub.value'),
  claimRow('sub', 'too long', 's'.repeat(256), 'sub.value'),
  claimRow('exp', 'an hour ago', nowS() - 3_600, 'exp.value'),
  claimRow('nbf', 'in an hour', nowS() + 3_600, 'nbf.value'),
];
const other = newKey('first');
const tokenRows: readonly Row[] = [
  headerRow('RS512', { alg: 'RS512' }, 'alg.unexpected'),
  headerRow('PS256', { alg: 'PS256' }, 'alg.unexpected'),
  headerRow('ES256', { alg: 'ES256' }, 'alg.unexpected'),
  headerRow('no algorithm', { alg: undefined }, 'alg.unexpected'),
  headerRow('an unknown key', { kid: 'third' }, 'key.unknown'),
  headerRow('critical extensions', { crit: ['x'] }, 'crit.unsupported'),
  ['alg none', (claims) => tokens(`${base64({ alg: 'none' })}.${base64(claims)}.`), 'alg.unexpected'],
  [
    'HS256 with the public key',
    (claims) => tokens(signedBySecret({ ...RS256, alg: 'HS256' }, claims, String(key.publicKey.export({ format: 'pem', type: 'spki' })))),
    'alg.unexpected',
  ],
  [
    'HS256 with the client secret',
    (claims) => tokens(signedBySecret({ alg: 'HS256' }, claims, 'canary-of-the-client-secret')),
    'alg.unexpected',
  ],
  ['signed by another key of the same name', (claims) => tokens(signed(RS256, claims, other.privateKey)), 'signature.invalid'],
  ['no signature', (claims) => tokens(`${base64(RS256)}.${base64(claims)}.`), 'signature.invalid'],
  [
    'claims of one token, signature of another',
    (claims) => tokens([...signed(RS256, claims).split('.').slice(0, 2), signed(RS256, { ...claims, iat: 1 }).split('.')[2]].join('.')),
    'signature.invalid',
  ],
  ['two parts', (claims) => tokens(signed(RS256, claims).split('.').slice(0, 2).join('.')), 'token.malformed'],
  ['four parts', (claims) => tokens(`${signed(RS256, claims)}.x`), 'token.malformed'],
  ['five parts', (claims) => tokens(`${signed(RS256, claims)}.x.y`), 'token.encrypted'],
  ['no JSON', () => tokens(`${base64('x')}.${base64('y')}.z`), 'token.malformed'],
  ['a list for claims', () => tokens(signed(RS256, [])), 'token.malformed'],
  ['text for claims', () => tokens(signed(RS256, '"x"')), 'token.malformed'],
  ['none', (claims) => without(tokens(claims), 'id_token'), 'id_token.invalid'],
  ['a number', () => tokens(17), 'id_token.invalid'],
  ['an empty text', () => tokens(''), 'id_token.invalid'],
  ['no access token', (claims) => without(tokens(signed(RS256, claims)), 'access_token'), 'access_token.invalid'],
  ['another type', (claims) => tokens(signed(RS256, claims), { token_type: 'mac' }), 'token_type.unsupported'],
];
const ROWS = [...typeRows, ...missingRows, ...valueRows, ...tokenRows];

describe('an ID token', () => {
  it('is refused in at least 60 ways', () => {
    expect(new Set(ROWS.map(([fault]) => fault)).size).toBe(ROWS.length);
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
  });

  it.each(ROWS)('is refused: %s', async (_fault, body, reason) => {
    const page = await tryWith(body);
    expect([page.status, page.code, reasonIn(page)]).toEqual([403, 'sign-in.token-refused', reason]);
    expect(page.cookies.join()).not.toContain('pstream-session');
  });

  it.each(['none', 'HS256'])('is refused with %s even if the provider says that it signs so', async (alg) => {
    issuer.metadata = { id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'] };
    const secret = String(key.publicKey.export({ format: 'pem', type: 'spki' }));
    const page = await tryWith((claims) =>
      tokens(alg === 'none' ? `${base64({ alg })}.${base64(claims)}.` : signedBySecret({ alg, kid: 'first' }, claims, secret)),
    );
    issuer.metadata = {};
    expect([page.status, page.code, reasonIn(page)]).toEqual([403, 'sign-in.token-refused', 'alg.unsupported']);
  });

  it.each([
    ['no address', { email: undefined }],
    ['an unverified address', { email_verified: false }],
    ['an address that nobody speaks for', { email_verified: undefined }],
    ['a text for verified', { email_verified: 'true' }],
    ['a number for verified', { email_verified: 1 }],
    ['a domain that is not verified', { email_verified: undefined, xms_edov: false }],
    ['an unverified address of a verified domain', { email_verified: false, xms_edov: true }],
    ['a list of addresses', { email: ['ada@contoso.com'] }],
    ['no mail address', { email: 'ada' }],
    ['an empty address', { email: '' }],
  ])('is refused for its address: %s', async (_fault, change) => {
    const page = await tryWith((claims) => tokens(signed(RS256, { ...claims, ...change })));
    expect([page.status, page.code]).toEqual([403, 'sign-in.address-unverified']);
  });

  it.each([true, 1, '1'])('is accepted with an address of a domain that Entra ID has verified (%p)', async (verified) => {
    const page = await tryWith((claims) => tokens(signed(RS256, { ...claims, email_verified: undefined, xms_edov: verified })));
    expect(page.status).toBe(302);
  });
});

describe('a provider that keeps the address out of the ID token', () => {
  it.each<readonly [string, Json | string, number, string]>([
    ['its address', { sub: 'subject-1', email: 'ada@contoso.com', email_verified: true }, 302, ''],
    ['an unverified address', { sub: 'subject-1', email: 'ada@contoso.com', email_verified: false }, 403, 'sign-in.address-unverified'],
    ['no address', { sub: 'subject-1' }, 403, 'sign-in.address-unverified'],
    ['the address of somebody else', { sub: 'subject-2', email: 'ada@contoso.com', email_verified: true }, 403, 'sign-in.token-refused'],
    ['nobody', { email: 'ada@contoso.com', email_verified: true }, 403, 'sign-in.token-refused'],
    ['a page', '<html>', 503, 'sign-in.provider-unavailable'],
  ])('is asked for it, and answers with %s', async (_answer, about, status, code) => {
    issuer.metadata = { userinfo_endpoint: `${issuer.url}/userinfo` };
    issuer.about = about;
    const page = await tryWith((claims) => tokens(signed(RS256, without(claims, 'email'))));
    issuer.metadata = {};
    expect([page.status, page.code]).toEqual([status, code]);
  });
});

describe('what comes back', () => {
  it.each<readonly [string, (begun: Begun) => Promise<Page>]>([
    ['without the cookie', (begun) => comeBack({ ...begun, cookie: '' })],
    ['with a cookie of another form', (begun) => comeBack({ ...begun, cookie: `${begun.cookie}x` })],
    ['with the cookie of another sign-in', async (begun) => comeBack({ ...begun, cookie: (await begin()).cookie })],
    ['without state', (begun) => comeBack(begun, 'code=c')],
    ['with another state', (begun) => comeBack(begun, `code=c&state=${'A'.repeat(43)}`)],
    ['with two states', (begun) => comeBack(begun, `code=c&state=${begun.state}&state=x`)],
    ['without a code', (begun) => comeBack(begun, `state=${begun.state}`)],
    ['from another issuer', (begun) => comeBack(begun, `code=c&state=${begun.state}&iss=https://other.example`)],
    ['with a token in the address', (begun) => comeBack(begun, `code=c&state=${begun.state}&id_token=x`)],
    ['with an error for another sign-in', (begun) => comeBack(begun, 'error=access_denied&state=x')],
  ])('is refused %s, and no code is redeemed', async (_fault, answer) => {
    const begun = await begin();
    issuer.token = { body: tokens(signed(RS256, goodClaims(begun.nonce))) };
    const asked = issuer.asked.length;
    const page = await answer(begun);
    expect([page.status, page.code]).toEqual([400, 'sign-in.not-begun']);
    expect(page.cookies.join()).not.toContain('pstream-session');
    expect(issuer.asked).toHaveLength(asked);
  });

  it('with an error of the provider is shown by its name alone', async () => {
    const denied = await begin().then((begun) => comeBack(begun, `error=access_denied&state=${begun.state}&error_description=canary-text`));
    expect([denied.status, denied.code]).toEqual([403, 'sign-in.provider-refused']);
    expect(denied.text).toContain('access_denied');
    const markup = await begin().then((begun) => comeBack(begun, `error=%3Cb%3E-canary-text&state=${begun.state}`));
    expect([markup.status, markup.code]).toEqual([403, 'sign-in.provider-refused']);
    expect(denied.text + markup.text + gateway.logged.join()).not.toContain('canary-text');
  });

  it.each<readonly [string, () => void]>([
    ['fails', () => (issuer.token = { status: 500, body: {} })],
    ['answers with a page', () => (issuer.token = { body: '<html>' })],
    ['answers more than anybody reads', () => (issuer.token = { body: JSON.stringify({ x: 'x'.repeat(2_000_000) }) })],
    ['claims to be another issuer', () => (issuer.metadata = { issuer: 'https://other.example' })],
    ['has no token endpoint', () => (issuer.metadata = { token_endpoint: undefined })],
  ])('is refused while the provider %s', async (_fault, breakIt) => {
    const begun = await begin();
    breakIt();
    const page = await comeBack(begun);
    issuer.metadata = {};
    expect([page.status, page.code]).toEqual([503, 'sign-in.provider-unavailable']);
  });

  it('is not asked for by other methods', async () => {
    const page = await browse('/sign-in/account', {}, 'POST');
    expect([page.status, page.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('leaves neither secrets, addresses nor tokens in the log', () => {
    expect(gateway.logged.filter((line) => line.includes('sign-in.refused')).length).toBeGreaterThanOrEqual(ROWS.length);
    expect(gateway.logged.join('\n')).not.toMatch(/canary|contoso|eyJ|pss_|psc_/);
  });
});
