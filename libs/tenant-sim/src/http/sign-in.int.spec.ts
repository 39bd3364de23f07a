import { createSign, generateKeyPairSync } from 'node:crypto';
import { FakeClock } from '@pstream/testing';
import { Client, start, stopAll } from '../client.fixture.js';
import { AADSTS_NUMBERS } from './entra-errors.js';

afterEach(stopAll);

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

const assertion = (client: Client, key: string, claims: Record<string, unknown> = {}): Record<string, string> => {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const aud = `https://login.microsoftonline.com/${client.sim.tenantId}/oauth2/v2.0/token`;
  const { clientId } = client.sim;
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ aud, iss: clientId, sub: clientId, nbf: now - 10, exp: now + 600, ...claims })}`;
  const signature = createSign('sha256').update(text).sign(key, 'base64url');
  return {
    client_secret: '',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: `${text}.${signature}`,
  };
};

describe('sign-in', () => {
  it('gives a bearer token whose roles claim holds the consented permissions', async () => {
    const client = await start({}, false);
    const answer = await client.signIn();
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
    expect(claimsOf(String(answer.at('access_token')))['roles']).toEqual(
      expect.arrayContaining(['User.Read.All', 'MailboxItem.Export.All']),
    );
  });

  it.each(AADSTS_NUMBERS.map((number) => [number]))('answers AADSTS%i to the credential that is configured for it', async (error) => {
    const client = await start({ credentials: [{ secret: 'good' }, { secret: 'bad', error }] }, false);
    const answer = await client.signIn({ client_secret: 'bad' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.at('error_codes')).toEqual([error]);
    expect(answer.at('error_description')).toMatch(new RegExp(`^AADSTS${error}: `));
    expect((await client.signIn({ client_secret: 'good' })).status).toBe(200);
  });

  it('tells a wrong secret, an unknown app, a wrong tenant, a missing field and a wrong scope apart', async () => {
    const client = await start({}, false);
    const number = async (form: Record<string, string>, tenant?: string): Promise<unknown> =>
      (await client.signIn(form, tenant)).at('error_codes', 0);
    expect(await number({ client_secret: 'no' })).toBe(7000215);
    expect(await number({ client_secret: '' })).toBe(7000216);
    expect(await number({ client_id: '00000000-0000-4000-8000-000000000000' })).toBe(700016);
    expect(await number({}, 'nowhere.test')).toBe(90002);
    expect(await number({}, 'common')).toBe(9001023);
    expect(await number({ scope: 'https://graph.microsoft.com/User.Read' })).toBe(1002012);
    expect(await number({ scope: 'https://other.example/.default' })).toBe(500011);
    expect(await number({}, 'fabrikam.test')).toBeUndefined();
  });

  it('accepts an assertion signed with the configured certificate, and no other', async () => {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const other = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const client = await start({ credentials: [{ certificate: pair.publicKey }] }, false);
    expect((await client.signIn(assertion(client, pair.privateKey))).status).toBe(200);
    expect((await client.call('/v1.0/users')).status).toBe(200);
    expect((await client.signIn(assertion(client, other.privateKey))).at('error_codes', 0)).toBe(700027);
    expect((await client.signIn(assertion(client, pair.privateKey, { exp: 1 }))).at('error_codes', 0)).toBe(700024);
  });

  it('lets a token expire after the configured seconds', async () => {
    const clock = new FakeClock();
    const client = await start({ clock, credentials: [{ secret: 's', expiresInSeconds: 90 }] });
    expect((await client.call('/v1.0/users')).status).toBe(200);
    await clock.advance(89_000);
    expect((await client.call('/v1.0/users')).status).toBe(200);
    await clock.advance(1_000);
    const late = await client.call('/v1.0/users');
    expect([late.status, late.at('error', 'code')]).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('gives a token without roles when nothing was consented, and Graph refuses it', async () => {
    const client = await start({ credentials: [{ secret: 's', roles: [] }] }, false);
    expect(claimsOf(String((await client.signIn()).at('access_token')))['roles']).toEqual([]);
    expect((await client.call('/v1.0/users/user1@fabrikam.test')).at('error', 'code')).toBe('Authorization_RequestDenied');
  });

  it('honours permissions granted through Exchange, which are not in the token', async () => {
    const client = await start({
      credentials: [
        { secret: 's', roles: ['User.Read.All'], exchangeRoles: ['MailboxFolder.Read.All'], mailboxes: ['user1@fabrikam.test'] },
      ],
    });
    expect((await client.call(`${client.mailbox('user1@fabrikam.test')}/folders`)).status).toBe(200);
    const outside = await client.call(`${client.mailbox('user2@fabrikam.test')}/folders`);
    expect([outside.status, outside.at('error', 'code')]).toEqual([403, 'ErrorAccessDenied']);
  });

  it('describes itself at the discovery address, with an issuer under the authority', async () => {
    const client = await start();
    const answer = await client.call(`/${client.sim.tenantId}/v2.0/.well-known/openid-configuration`);
    expect(String(answer.at('issuer'))).toContain(`${client.sim.authorityUrl}/${client.sim.tenantId}`);
    expect(answer.at('token_endpoint')).toBe(`${client.sim.authorityUrl}/${client.sim.tenantId}/oauth2/v2.0/token`);
  });

  it('takes AADSTS errors from rules, for a while', async () => {
    const client = await start({ faults: { rules: [{ on: 'token', effect: 'aadsts', number: 90033, times: 2 }] } }, false);
    expect([(await client.signIn()).status, (await client.signIn()).status, (await client.signIn()).status]).toEqual([503, 503, 200]);
  });
});
