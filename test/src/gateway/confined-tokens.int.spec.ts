import { apiDocument } from '@pstream/api';
import { VIEWS, type Role } from '@pstream/contracts';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';
import { projectIn } from './project.fixture.js';

const OTHERS = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';
const OWN = '01J8ZQ4N5W9K7C1B2D3E4F5G6D';

type Ids = Readonly<Record<string, string>>;
type Call = (method: string, path: string, body?: unknown) => Promise<Reply>;

let gateway: RunningGateway;
/** What the customer of the token has, and what another one of the same workgroup has, by the names of parameters. */
let own: Ids;
let others: Ids;
const confined = new Map<Role, Call>();
const call: Call = (...given) => gateway.call(...given);
const withToken =
  (token: unknown): Call =>
  (method, path, body) =>
    gateway.bare(method, path, body, { authorization: `Bearer ${String(token)}` });
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

const customerWith = async (mailboxJobId: string): Promise<Ids> => {
  const { customerId, projectId } = await projectIn(gateway);
  const [endpointId = ''] = items(await call('GET', `/v1/customers/${customerId}/endpoints`)).map((one) => String(one['endpointId']));
  await gateway.put(VIEWS.mailboxes, mailboxJobId, { ...newMailbox(mailboxJobId, projectId, 'ada@contoso.com', 'ada.pst'), customerId });
  const operation = await call('POST', `/v1/customers/${customerId}/bundles`, { users: ['ada@contoso.com'] });
  return { customerId, projectId, endpointId, mailboxJobId, operationId: String(operation.body['operationId']) };
};

beforeAll(async () => {
  gateway = await startGateway();
  [own, others] = [await customerWith(OWN), await customerWith(OTHERS)];
  for (const role of ['owner', 'admin', 'agent', 'viewer'] as const) {
    const made = await call('POST', '/v1/tokens', { name: `only ${role}`, role, service: true, customerIds: [own['customerId']] });
    expect(made).toMatchObject({ status: 201, body: { role, customerIds: [own['customerId']] } });
    confined.set(role, withToken(made.body['token']));
  }
}, 60_000);
afterAll(() => gateway.close());

const as = (role: Role): Call => confined.get(role) ?? call;
const operations = Object.entries(apiDocument('0').paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: String(operation['operationId']),
    method: method.toUpperCase(),
    path,
    right: String(operation['x-right']),
    roles: operation['x-roles'] as readonly Role[] | undefined,
    names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  })),
);
const OF_CUSTOMERS = ['self', 'customers.view', 'exports.view', 'exports.run', 'content.view', 'content.permit'];
const CUSTOMERS_OWN = ['customerId', 'projectId', 'mailboxJobId', 'operationId'];
const pathTo = (path: string, ids: Ids): string => path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => ids[name] ?? 'x');

describe('a token that is confined to a customer', () => {
  it.each(['owner', 'admin', 'agent', 'viewer'] as const)(
    'does not find what another customer has, as %s, whatever the operation',
    async (role) => {
      const owned = operations.filter(({ names }) => names.some((name) => CUSTOMERS_OWN.includes(name)));
      expect(owned.length).toBeGreaterThan(45);
      for (const { id, method, path, roles = [], right } of owned) {
        const { status, body } = await as(role)(method, pathTo(path, others), method === 'GET' ? undefined : {});
        const isAllowed = roles.includes(role) && OF_CUSTOMERS.includes(right);
        expect([id, status, body['code']]).toEqual([
          id,
          isAllowed ? 404 : 403,
          isAllowed ? expect.stringMatching(/\.unknown$/) : 'right.missing',
        ]);
      }
    },
  );

  it.each(['owner', 'admin', 'agent', 'viewer'] as const)('may do nothing that concerns the workgroup as a whole, as %s', async (role) => {
    const rest = operations.filter(({ right, roles }) => roles !== undefined && !OF_CUSTOMERS.includes(right));
    expect(rest.length).toBeGreaterThan(25);
    for (const { id, method, path } of rest)
      expect([id, (await as(role)(method, pathTo(path, own))).body['code']]).toEqual([id, 'right.missing']);
    expect((await as(role)('POST', '/v1/customers', { name: 'More' })).status).toBe(403);
  });

  it('finds what its own customer has', async () => {
    for (const name of CUSTOMERS_OWN) {
      const one = operations.find(({ method, path, names }) => method === 'GET' && names.length === 1 && path.endsWith(`{${name}}`));
      expect([name, (await as('viewer')('GET', pathTo(one?.path ?? '', own))).status]).toEqual([name, 200]);
    }
    const renamed = await as('agent')('PATCH', `/v1/customers/${own['customerId'] ?? ''}`, { name: 'Renamed by its token' });
    expect(renamed.status).toBe(200);
  });

  it('lists and sums up its own customer alone', async () => {
    const viewer = as('viewer');
    const only = { customerId: own['customerId'] };
    for (const path of ['/v1/customers', '/v1/projects', '/v1/operations']) {
      const found = items(await viewer('GET', path));
      expect([path, found]).toEqual([path, [expect.objectContaining(only)]]);
      expect(items(await call('GET', path)).length).toBe(2);
    }
    expect(items(await viewer('GET', '/v1/plans'))).toEqual([expect.objectContaining({ projectId: own['projectId'] })]);
    expect((await viewer('GET', '/v1/overview')).body).toMatchObject({ sums: { mailboxes: 1 } });
    expect((await call('GET', '/v1/overview')).body).toMatchObject({ sums: { mailboxes: 2 } });
    expect((await viewer('GET', '/v1/me')).body).toMatchObject({
      customerIds: [own['customerId']],
      rights: ['self', 'customers.view', 'exports.view'],
    });
    expect((await call('GET', '/v1/me')).body).toMatchObject({ customerIds: null });
    expect((await viewer('GET', `/v1/projects?atLeast=project:${others['projectId'] ?? ''}:1`)).body).toMatchObject({
      code: 'request.at-least',
    });
  });

  it('moves no mailbox to another customer', async () => {
    const moved = await as('owner')('POST', `/v1/projects/${own['projectId'] ?? ''}/move`, {
      mailboxes: 'all',
      toProjectId: others['projectId'],
    });
    expect(moved.body).toMatchObject({ status: 404, code: 'project.unknown' });
  });

  it('hears of its own customer alone', async () => {
    const made = await call('POST', '/v1/tokens', { name: 'listener', role: 'viewer', customerIds: [own['customerId']] });
    const stop = new AbortController();
    const response = await fetch(`${gateway.url}/v1/events`, {
      headers: { authorization: `Bearer ${String(made.body['token'])}` },
      signal: stop.signal,
    });
    let heard = '';
    const reading = (async () => {
      const text = new TextDecoder();
      for await (const piece of response.body!) heard += text.decode(piece as Uint8Array);
    })().catch(() => undefined);
    await call('PATCH', `/v1/customers/${others['customerId'] ?? ''}`, { name: 'Not for them' });
    await call('PATCH', '/v1/workgroup', { name: 'Not for them either' });
    await call('PATCH', `/v1/customers/${own['customerId'] ?? ''}`, { name: 'For them' });
    await eventually(
      () => Promise.resolve(heard),
      (text) => text.includes(own['customerId'] ?? ''),
    );
    expect(heard).not.toContain(others['customerId']);
    expect(heard).not.toContain('workgroups');
    await call('DELETE', `/v1/tokens/${String(made.body['tokenId'])}`);
    await reading;
    stop.abort();
  });

  it('makes tokens that are confined as it is, and no others', async () => {
    const agent = as('agent');
    const same = await agent('POST', '/v1/tokens', { name: 'child' });
    expect(same).toMatchObject({ status: 201, body: { role: 'agent', customerIds: [own['customerId']] } });
    expect((await withToken(same.body['token'])('GET', `/v1/customers/${others['customerId'] ?? ''}`)).status).toBe(404);
    expect((await agent('POST', '/v1/tokens', { name: 'wider', customerIds: [others['customerId']] })).body).toMatchObject({
      status: 404,
      code: 'customer.unknown',
    });
    expect((await agent('POST', '/v1/tokens', { name: 'up', role: 'owner' })).body).toMatchObject({ code: 'role.above-own' });
    expect((await agent('POST', '/v1/tokens', { name: 'svc', service: true })).body).toMatchObject({ code: 'right.missing' });
    expect(items(await agent('GET', '/v1/tokens')).map((one) => one['name'])).toEqual(['only agent', 'child']);
    const nobody = await call('POST', '/v1/tokens', { name: 'of nobody', customerIds: ['01J8ZQ4N5W9K7C1B2D3E4F5G6Z'] });
    expect(nobody.body).toMatchObject({ status: 404, code: 'customer.unknown' });
  });

  it('signs a browser in that is confined as it is', async () => {
    const { body } = await as('viewer')('POST', '/v1/sign-in-codes');
    const session = await gateway.bare('POST', '/v1/sessions', { code: body['code'] });
    expect(session.body).toMatchObject({ signedInBy: 'session', customerIds: [own['customerId']] });
    const cookie = (session.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    expect((await gateway.bare('GET', `/v1/projects/${others['projectId'] ?? ''}`, undefined, { cookie })).status).toBe(404);
    expect((await gateway.bare('GET', `/v1/projects/${own['projectId'] ?? ''}`, undefined, { cookie })).status).toBe(200);
  });
});
