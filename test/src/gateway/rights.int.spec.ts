import { apiDocument, type ApiDocument } from '@pstream/api';
import { ROLES, type Role } from '@pstream/contracts';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

let gateway: RunningGateway;
const tokens = new Map<Role, string>();
const as = (role: Role, method: string, path: string, body?: unknown): Promise<Reply> =>
  gateway.call(method, path, body, { authorization: `Bearer ${tokens.get(role) ?? ''}` });

beforeAll(async () => {
  gateway = await startGateway();
  for (const role of ROLES) tokens.set(role, String((await gateway.call('POST', '/v1/tokens', { name: role, role })).body['token']));
});
afterAll(() => gateway.close());

/** Every operation of the document, with something in place of its parameters. */
const operations = (document: ApiDocument) =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, 'x'),
      roles: operation['x-roles'] as readonly Role[] | undefined,
    })),
  );

describe('every operation of the API', () => {
  const all = operations(apiDocument('0')).filter(({ roles }) => roles !== undefined);

  it('is one that asks for a right, or one that anybody may call', () => {
    expect(operations(apiDocument('0')).length - all.length).toBe(4);
    expect(all.length).toBeGreaterThan(60);
  });

  it.each(ROLES)('is refused to or taken from %s as the document says', async (role) => {
    for (const { method, path, roles = [] } of all) {
      // The feed does not end by itself. Everybody may listen; what reaches whom is shown where there are several workgroups.
      if (path === '/v1/events') continue;
      const { status, body } = await as(role, method, path);
      const isRefused = status === 403 && body['code'] === 'right.missing';
      expect([method, path, isRefused]).toEqual([method, path, !roles.includes(role)]);
      if (isRefused) expect(body['detail']).toContain(`the role ${role} does not have it`);
    }
  });

  it('that answers with content of mail is on record', () => {
    const content = Object.values(apiDocument('0').paths)
      .flatMap((methods) => Object.values(methods))
      .filter(({ tags }) => (tags as readonly string[]).includes('Content'));
    expect(content.length).toBe(6);
    expect(content.filter((operation) => operation['x-recorded'] !== true)).toEqual([]);
  });

  it('is refused before its body is read', async () => {
    const long = 'x'.repeat(40 * 1024 * 1024);
    expect((await as('viewer', 'POST', '/v1/projects/x/mailboxes', long)).body).toMatchObject({ status: 403, code: 'right.missing' });
  });

  it('is refused whatever the case of its address', async () => {
    for (const path of ['/V1/Customers', '/v1/customers/'])
      expect((await as('viewer', 'POST', path, { name: 'x' })).body).toMatchObject({ status: 403, code: 'right.missing' });
  });
});

describe('a token', () => {
  it('has a role that is not above its maker’s', async () => {
    expect((await as('agent', 'POST', '/v1/tokens', { name: 'up', role: 'admin' })).body).toMatchObject({
      status: 403,
      code: 'role.above-own',
    });
    expect((await as('viewer', 'POST', '/v1/tokens', { name: 'up', role: 'finance' })).body).toMatchObject({ status: 403 });
    const down = await as('agent', 'POST', '/v1/tokens', { name: 'down', role: 'viewer' });
    expect(down).toMatchObject({ status: 201, body: { role: 'viewer', workgroupId: 'default' } });
    const same = await as('agent', 'POST', '/v1/tokens', { name: 'same' });
    expect(same.body['role']).toBe('agent');
  });

  it('that was made with one that expires does not outlive it', async () => {
    const maker = (await as('agent', 'POST', '/v1/tokens', { name: 'lent', expiresInDays: 2 })).body;
    const lent = (name: string, expiresInDays?: number): Promise<Reply> =>
      gateway.call('POST', '/v1/tokens', { name, expiresInDays }, { authorization: `Bearer ${String(maker['token'])}` });
    expect((await lent('kept')).body['expiresAt']).toBe(maker['expiresAt']);
    expect((await lent('kept for long', 30)).body['expiresAt']).toBe(maker['expiresAt']);
    expect(String((await lent('short', 1)).body['expiresAt']) < String(maker['expiresAt'])).toBe(true);
  });

  it('is seen and revoked by its maker and by whoever manages people, and by no one else', async () => {
    const made = await as('viewer', 'POST', '/v1/tokens', { name: 'mine' });
    const tokenId = String(made.body['tokenId']);
    const names = async (role: Role): Promise<unknown[]> =>
      ((await as(role, 'GET', '/v1/tokens')).body['items'] as { name: string }[]).map(({ name }) => name);
    expect(await names('viewer')).toEqual(['viewer', 'mine']);
    expect(await names('finance')).toEqual(['finance']);
    expect(await names('admin')).toEqual(expect.arrayContaining(['mine', 'agent']));
    expect(await names('admin')).not.toContain('first');
    expect((await as('agent', 'DELETE', `/v1/tokens/${tokenId}`)).body).toMatchObject({ status: 404, code: 'token.unknown' });
    expect((await as('viewer', 'DELETE', `/v1/tokens/${tokenId}`)).status).toBe(204);
  });
});
