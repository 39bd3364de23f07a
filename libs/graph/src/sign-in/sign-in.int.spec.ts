import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { inspect } from 'node:util';
import { FakeClock, waitFor } from '@pstream/testing';
import type { TenantConnection } from '../client.js';
import {
  connectToFake,
  faultOf,
  graphError,
  ROLES,
  SECRET,
  startFake,
  TENANT,
  tokenReply,
  type FakeServer,
  type Reply,
} from '../fake-graph.fixture.js';

const USER = { id: 'u-1', userPrincipalName: 'a@contoso.example', mail: null };
let server: FakeServer;
afterEach(() => server.close());

describe('sign-in', () => {
  it('sends one token request and asks the cache from then on', async () => {
    server = await startFake(() => ({ json: USER }));
    const { client } = connectToFake(server);
    const signedIn = await client.signIn();
    await Promise.all([1, 2, 3].map(() => client.findUser('a@contoso.example')));
    expect(signedIn.roles).toEqual(ROLES);
    expect(signedIn.expiresInS).toBeGreaterThan(3500);
    expect(server.tokenRequests).toHaveLength(1);
    expect(server.tokenRequests[0]?.path.split('?')[0]).toBe(`/${TENANT}/oauth2/v2.0/token`);
    const form = new URLSearchParams(server.tokenRequests[0]?.body);
    expect(Object.fromEntries(form)).toMatchObject({ grant_type: 'client_credentials', client_secret: SECRET });
    expect(form.get('scope')?.split(' ')).toContain('https://graph.microsoft.com/.default');
    expect(new Set(server.requests.map((seen) => seen.headers.authorization)).size).toBe(1);
    await client.close();
  });

  it('asks once however many calls wait for the token', async () => {
    server = await startFake(() => ({ json: USER }));
    const { client } = connectToFake(server);
    await Promise.all([1, 2, 3, 4, 5].map(() => client.findUser('a@contoso.example')));
    expect(server.tokenRequests).toHaveLength(1);
    await client.close();
  });

  it('renews a token that Graph refuses, once', async () => {
    server = await startFake((seen) =>
      seen.headers.authorization?.endsWith('sig-1') === true ? graphError(401, 'InvalidAuthenticationToken') : { json: USER },
    );
    const { client } = connectToFake(server);
    await Promise.all([client.findUser('a'), client.findUser('b'), client.findUser('c')]);
    expect(server.tokenRequests).toHaveLength(2);
    expect(server.requests.filter((seen) => seen.headers.authorization?.endsWith('sig-2'))).toHaveLength(3);
    await client.close();
  });

  it('gives up when the new token is refused too', async () => {
    server = await startFake(() => graphError(401, 'InvalidAuthenticationToken'));
    const { client } = connectToFake(server);
    const fault = await faultOf(client.findUser('a'));
    expect(fault).toMatchObject({ code: 'graph.token-refused', retry: 'never' });
    expect([server.requests.length, server.tokenRequests.length]).toEqual([2, 2]);
    await client.close();
  });

  it('signs an assertion with a certificate and sends no secret', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    server = await startFake(() => ({ json: USER }));
    const { client } = connectToFake(server, {
      connection: { credential: { kind: 'certificate', thumbprintSha256: 'ab'.repeat(32), privateKeyPem } },
    });
    await client.signIn();
    const form = new URLSearchParams(server.tokenRequests[0]?.body);
    expect(form.get('client_secret')).toBeNull();
    expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    const [head = '', body = '', signature = ''] = (form.get('client_assertion') ?? '').split('.');
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, string>;
    const options = { key: createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })), padding: 6, saltLength: 32 };
    expect(header['alg']).toBe('PS256');
    expect(Buffer.from(header['x5t#S256'] ?? '', 'base64url').toString('hex')).toBe('ab'.repeat(32));
    expect(verify('sha256', Buffer.from(`${head}.${body}`), options, Buffer.from(signature, 'base64url'))).toBe(true);
    await client.close();
  });

  it('names what Entra refused and shows neither secret nor description', async () => {
    const refused: Reply = {
      status: 401,
      json: {
        error: 'invalid_client',
        error_description: `AADSTS7000215: Invalid secret ${SECRET} for app`,
        error_codes: [7000215],
        trace_id: 'trace-1',
      },
    };
    server = await startFake(
      () => ({}),
      () => refused,
    );
    const { client } = connectToFake(server);
    const fault = await faultOf(client.signIn());
    expect(fault).toMatchObject({ code: 'entra.secret-wrong', retry: 'never', facts: { aadsts: ['7000215'], traceId: 'trace-1' } });
    expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain(SECRET);
    expect(server.requests).toHaveLength(0);
    await client.close();
  });

  it('asks again after a refusal: neither it nor a busy service is remembered', async () => {
    server = await startFake(
      () => ({}),
      (_, nth) =>
        nth === 1
          ? { status: 429, headers: { 'retry-after': '77' }, json: { error: 'temporarily_unavailable', error_codes: [90055] } }
          : nth === 2
            ? { status: 400, json: { error: 'invalid_client', error_codes: [7000222] } }
            : { json: tokenReply(nth) },
    );
    const { client } = connectToFake(server);
    expect(await faultOf(client.signIn())).toMatchObject({ code: 'entra.busy', retry: { afterMs: 77_000 } });
    expect(await faultOf(client.signIn())).toMatchObject({ code: 'entra.secret-expired' });
    expect((await client.signIn()).roles).toEqual(ROLES);
    await client.close();
  });

  it('does not follow a redirect of the sign-in service', async () => {
    const evil = await startFake(() => ({ json: {} }));
    server = await startFake(
      () => ({}),
      () => ({ status: 307, headers: { location: `${evil.url}/x/oauth2/v2.0/token` } }),
    );
    const { client } = connectToFake(server);
    expect(await faultOf(client.signIn())).toMatchObject({ code: 'entra.unreachable' });
    expect([...evil.requests, ...evil.tokenRequests]).toHaveLength(0);
    await client.close();
    await evil.close();
  });

  it('ends after a minute without an answer', async () => {
    const clock = new FakeClock();
    server = await startFake(
      () => ({}),
      () => ({ raw: () => undefined }),
    );
    const { client } = connectToFake(server, { clock });
    const ended = faultOf(client.signIn());
    await waitFor(() => server.tokenRequests.length === 1);
    await clock.advance(60_000);
    expect(await ended).toMatchObject({ code: 'entra.unreachable', facts: { because: 'no answer in time' } });
    await client.close();
  });

  it('lets one caller leave without taking the token from the others', async () => {
    const gate = Promise.withResolvers<void>();
    server = await startFake(
      () => ({ json: USER }),
      (_, nth) => ({
        raw: (response) =>
          void gate.promise.then(() =>
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokenReply(nth))),
          ),
      }),
    );
    const { client } = connectToFake(server);
    const stop = new AbortController();
    const leaves = client.signIn(stop.signal);
    const stays = client.signIn();
    await waitFor(() => server.tokenRequests.length === 1);
    stop.abort(new Error('enough'));
    await expect(leaves).rejects.toThrow('enough');
    gate.resolve();
    expect((await stays).roles).toEqual(ROLES);
    expect(server.tokenRequests).toHaveLength(1);
    await client.close();
  });
});

describe('a connection that cannot work', () => {
  const refusal = (connection: Partial<TenantConnection>): unknown => {
    try {
      connectToFake(server, { connection });
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'accepted';
  };

  it.each([
    ['a US government authority', { authorityUrl: 'https://login.microsoftonline.us' }, 'entra.sovereign-cloud'],
    ['a Chinese authority', { authorityUrl: 'https://login.partner.microsoftonline.cn' }, 'entra.sovereign-cloud'],
    ['a US government Graph', { graphUrl: 'https://graph.microsoft.us' }, 'entra.sovereign-cloud'],
    ['a US defence Graph', { graphUrl: 'https://dod-graph.microsoft.us' }, 'entra.sovereign-cloud'],
    ['a Chinese Graph', { graphUrl: 'https://microsoftgraph.chinacloudapi.cn' }, 'entra.sovereign-cloud'],
    ['plain http elsewhere', { authorityUrl: 'http://login.example' }, 'graph.bad-origin'],
    ['the tenant common', { tenantId: 'common' }, 'entra.tenant-required'],
    ['the tenant consumers', { tenantId: 'Consumers' }, 'entra.tenant-required'],
    ['a tenant with a path in it', { tenantId: 'a/../b' }, 'entra.tenant-required'],
    [
      'a broken key',
      { credential: { kind: 'certificate' as const, thumbprintSha256: 'x', privateKeyPem: 'no key' } },
      'entra.credential-unusable',
    ],
  ])('is refused for %s', async (_, connection, expected) => {
    server = await startFake(() => ({}));
    const early = refusal(connection);
    if (early !== 'accepted') expect(early).toBe(expected);
    else {
      const { client } = connectToFake(server, { connection });
      const fault = await faultOf(client.signIn());
      expect(fault.code).toBe(expected);
      expect(inspect(fault, { depth: 10 })).not.toContain('no key');
    }
  });
});
