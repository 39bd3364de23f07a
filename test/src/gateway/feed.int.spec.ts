import { addressOf, routeOf, rolesWith, type OperationId } from '@pstream/api';
import { ROLES, type Role } from '@pstream/contracts';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

/** An operation by which somebody reads the documents of each view that changes here. Whoever may call it hears of them. */
const READ_BY: Readonly<Record<string, OperationId>> = {
  customers: 'getCustomer',
  endpoints: 'listEndpoints',
  projects: 'getProject',
  operations: 'getOperation',
  bundles: 'listBundles',
  licences: 'getLicences',
  agents: 'listPeople',
  workgroups: 'getWorkgroup',
  subscriptions: 'listSubscriptions',
  notices: 'listNotices',
  noticeTemplates: 'listNoticeTemplates',
  audit: 'listAudit',
  plans: 'listPlans',
};

let gateway: RunningGateway;
let stop: AbortController;
/** The owner of another workgroup. */
let asEve: (method: string, path: string, body?: unknown) => Promise<Reply>;
const feeds = new Map<string, { text: string; readonly headers: Record<string, string> }>();

const listen = async (name: string, headers: Record<string, string>): Promise<void> => {
  const heard = { text: '', headers };
  feeds.set(name, heard);
  const { body } = await fetch(`${gateway.url}/v1/events`, { headers, signal: stop.signal });
  void (async () => {
    const text = new TextDecoder();
    for await (const piece of body!) heard.text += text.decode(piece as Uint8Array, { stream: true });
  })().catch(() => undefined);
  await eventually(
    () => Promise.resolve(heard.text),
    (text) => text.includes('event: ready'),
  );
};

/** Ids of the tokens that whoever listens sees in their list. */
const tokensOf = async (name: string): Promise<readonly string[]> => {
  const { body } = await gateway.bare('GET', '/v1/tokens', undefined, feeds.get(name)?.headers);
  return (body['items'] as readonly { readonly tokenId: string }[]).map(({ tokenId }) => tokenId);
};

type Heard = { readonly view: string; readonly id: string };
const heardBy = (name: string): readonly Heard[] =>
  [...(feeds.get(name)?.text ?? '').matchAll(/event: changed\ndata: (.*)\n/g)].map(([, data = '']) => JSON.parse(data) as Heard);

const post = async (path: string, body?: object, method = 'POST'): Promise<Readonly<Record<string, unknown>>> => {
  const reply = await gateway.call(method, path, body);
  expect([method, path, reply.status < 300]).toEqual([method, path, true]);
  return reply.body;
};

/** What is changed in the first workgroup, as its owner. */
const changeEverything = async (customerId: string): Promise<string> => {
  const at = `/v1/customers/${customerId}`;
  await post(at, { name: 'Contoso Ltd' }, 'PATCH');
  const source = await post(`${at}/endpoints`, {
    kind: 'microsoft-365',
    name: 'Tenant',
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '6f0d5c1e-6a4e-4f8c-9a53-0d8f6f0f3a11',
    credential: { kind: 'secret', value: 'hunter2' },
  });
  const target = await post(`${at}/endpoints`, { kind: 'folder', name: 'Disk', path: '/srv/psts' });
  const project = await post(`${at}/projects`, {
    name: 'Leavers',
    type: 'mailbox',
    sourceEndpointId: source['id'],
    destinationEndpointId: target['id'],
    container: 'leavers',
    partBytes: 10_737_418_240,
  });
  await post(`/v1/projects/${String(project['id'])}/plan`, { maxMailboxes: 2 }, 'PATCH');
  await post('/v1/orders', { quantity: 2, payment: 'card' });
  await post(`${at}/bundles`, { users: ['ada@contoso.com'] });
  await post('/v1/workgroup', { name: 'Ours' }, 'PATCH');
  await post('/v1/people', { email: 'ada@contoso.com', role: 'viewer' });
  const channel = { kind: 'mail', to: ['ada@contoso.com'] };
  const subscription = await post('/v1/notices/subscriptions', { name: 'Ops', kinds: ['pass.failed'], channel });
  await post(`/v1/notices/subscriptions/${String(subscription['id'])}/test`);
  await post('/v1/notices/templates/pass.failed', { subject: 'Look' }, 'PATCH');
  return String((await post('/v1/tokens', { name: 'new', role: 'viewer' }))['tokenId']);
};

describe('the feed of each role', () => {
  let customerId: string;
  let tokenId: string;
  beforeAll(async () => {
    gateway = await startGateway();
    stop = new AbortController();
    customerId = String((await post('/v1/customers', { name: 'Contoso' }))['id']);
    const created = await post('/v1/workgroups', { name: 'Other', ownerEmail: 'eve@contoso.com' });
    const session = await gateway.bare('POST', '/v1/sessions', { code: created['code'] });
    const cookie = (session.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    asEve = (method, path, body) => gateway.bare(method, path, body, { cookie, 'x-pstream-csrf': '1' });
    for (const role of ROLES) {
      const own = await post('/v1/tokens', { name: role, role });
      const other = await asEve('POST', '/v1/tokens', { name: role, role });
      await listen(role, { authorization: `Bearer ${String(own['token'])}` });
      await listen(`other ${role}`, { authorization: `Bearer ${String(other.body['token'])}` });
    }
    tokenId = await changeEverything(customerId);
    await eventually(
      () => Promise.resolve(heardBy('owner')),
      (heard) => ['tokens', ...Object.keys(READ_BY)].every((view) => heard.some((one) => one.view === view)),
    );
  }, 90_000);
  afterAll(async () => {
    stop.abort();
    await gateway.close();
  });

  it.each(ROLES)('brings %s what they may read, and nothing else', async (role: Role) => {
    const expected = Object.entries(READ_BY).flatMap(([view, operation]) => {
      const { right } = routeOf(operation);
      expect(addressOf(operation).method).toBe('GET');
      return right !== undefined && rolesWith(right).includes(role) ? [view] : [];
    });
    if ((await tokensOf(role)).includes(tokenId)) expected.push('tokens');
    expect(expected.includes('tokens')).toBe(role === 'owner' || role === 'admin');
    const views = (): Set<string> => new Set(heardBy(role).map(({ view }) => view));
    await eventually(
      () => Promise.resolve(views()),
      (heard) => expected.every((view) => heard.has(view)),
    );
    expect([...views()].toSorted()).toEqual(expected.toSorted());
  });

  it.each(ROLES)('brings %s of another workgroup nothing of it', async (role: Role) => {
    // Something of their own comes after all of it.
    const own = await asEve('POST', '/v1/tokens', { name: `last of ${role}`, role });
    const heard = (): readonly Heard[] => heardBy(`other ${role}`);
    await asEve('PATCH', '/v1/workgroup', { name: `Renamed for ${role}` });
    await eventually(
      () => Promise.resolve(heard()),
      (all) => all.filter(({ view }) => view === 'workgroups').length === ROLES.indexOf(role) + 1,
    );
    const ids = heard().map(({ id }) => id);
    expect([customerId, tokenId, 'default'].filter((id) => ids.includes(id))).toEqual([]);
    expect(ids.includes(String(own.body['tokenId']))).toBe((await tokensOf(`other ${role}`)).includes(String(own.body['tokenId'])));
    const views = [...new Set(heard().map(({ view }) => view))].filter((view) => view !== 'tokens');
    expect(views.toSorted()).toEqual(role === 'owner' || role === 'admin' ? ['audit', 'workgroups'] : ['workgroups']);
  });
});
