import { apiDocument } from '@pstream/api';
import { VIEWS, type Role } from '@pstream/contracts';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
/** Ids of what the first workgroup has, by the names of parameters. */
let ours: Readonly<Record<string, string>>;
type Call = (method: string, path: string, body?: unknown) => Promise<Reply>;
const call: Call = (...given) => gateway.call(...given);
const theirs = new Map<Role, Call>();
const MAILBOX = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';

const withCookie =
  (cookie: string): Call =>
  (method, path, body) =>
    gateway.bare(method, path, body, { cookie, 'x-pstream-csrf': '1' });
const signedIn = async (code: unknown): Promise<Call> => {
  const reply = await gateway.bare('POST', '/v1/sessions', { code });
  return withCookie((reply.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '');
};
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

beforeAll(async () => {
  gateway = await startGateway();
  const { customerId, projectId } = await projectIn(gateway);
  const [endpointId = ''] = items(await call('GET', `/v1/customers/${customerId}/endpoints`)).map((one) => String(one['endpointId']));
  await gateway.put(VIEWS.mailboxes, MAILBOX, { ...newMailbox(MAILBOX, projectId, 'ada@contoso.com', 'ada.pst'), customerId });
  const operation = await call('POST', `/v1/customers/${customerId}/bundles`, { users: ['ada@contoso.com'] });
  const order = await call('POST', '/v1/orders', { quantity: 1, payment: 'card' });
  const agent = await call('POST', '/v1/people', { email: 'ada@contoso.com', role: 'agent' });
  const subscription = await call('POST', '/v1/notices/subscriptions', {
    name: 'Ours',
    kinds: ['pass.failed'],
    channel: { kind: 'mail', to: ['ada@contoso.com'] },
  });
  const token = await call('POST', '/v1/tokens', { name: 'ours' });
  ours = {
    customerId,
    projectId,
    endpointId,
    mailboxJobId: MAILBOX,
    operationId: String(operation.body['operationId']),
    orderId: String(order.body['id']),
    agentId: String(agent.body['id']),
    subscriptionId: String(subscription.body['id']),
    tokenId: String(token.body['tokenId']),
  };
  const created = await call('POST', '/v1/workgroups', { name: 'Other', ownerEmail: 'eve@contoso.com' });
  const owner = await signedIn(created.body['code']);
  theirs.set('owner', owner);
  for (const role of ['admin', 'agent', 'viewer', 'finance'] as const) {
    const invited = await owner('POST', '/v1/people', { email: `${role}@other.example`, role });
    theirs.set(role, await signedIn(invited.body['code']));
  }
}, 60_000);
afterAll(() => gateway.close());

const them = (role: Role): Call => theirs.get(role) ?? call;

/** Something that the schema of a body takes, for operations that read it before they look anything up. */
const BODIES: Readonly<Record<string, unknown>> = {
  editSubscription: { active: false },
  renameCustomer: { name: 'Taken over' },
  editEndpoint: { name: 'Taken over' },
  rotateEndpointSecret: { value: 'another' },
  addEndpoint: { kind: 'folder', name: 'Mine', path: '/mine' },
  applyBundles: { users: ['eve@contoso.com'] },
  recordPayment: { reference: 'paid' },
  renewOrder: { payment: 'card' },
  planProject: { maxMailboxes: 1 },
  planEndpoint: { maxMailboxes: 1 },
  editProject: { name: 'Taken over' },
  beginDiscoveryRun: { computer: 'pc7', destination: '/mnt/imports', plan: { rows: 1, toUpload: 1, bytes: 1 } },
  reportDiscoveredFiles: {
    report: 1,
    files: [{ path: '/a.pst', name: 'a.pst', owner: '', kind: 'pst', bytes: 1, state: 'uploaded', reason: '', sha256: null }],
  },
  endDiscoveryRun: { stoppedBy: null },
  replaceProjectOptions: { folderFilter: ['^Inbox'] },
  previewProjectOptions: {},
  addMailboxes: { items: [{ source: 'eve@contoso.com', destination: 'eve.pst' }] },
  editMailbox: { destination: 'eve.pst' },
  removeMailboxes: { mailboxes: 'all' },
  acknowledgeMailboxErrors: { errors: 'all', reason: 'mine' },
  startPasses: { kind: 'verify', mailboxes: 'all' },
  stopPasses: { mailboxes: 'all' },
  resumePasses: { mailboxes: 'all' },
  editAgent: { active: false },
  editNoticeTemplate: { subject: 'Taken over' },
  previewNotice: {},
};

const ROLES = ['owner', 'admin', 'agent', 'viewer', 'finance'] as const;

const operations = Object.entries(apiDocument('0').paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: String(operation['operationId']),
    method: method.toUpperCase(),
    path,
    /** Everybody's, where nobody has to sign in: what is there is for whoever has its secret. */
    roles: (operation['x-roles'] as readonly Role[] | undefined) ?? ROLES,
    isOfInstallation: ['system', 'workgroups.create'].includes(String(operation['x-right'])),
    names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  })),
);
/** Those whose path names something that a workgroup has. */
const owned = operations.filter(({ names, isOfInstallation }) => names.length > 0 && !isOfInstallation);
const ofInstallation = operations.filter((one) => one.isOfInstallation);
const pathTo = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => ours[name] ?? 'x');

/** All that the API shows to the first workgroup as JSON, also of the read models: how many documents they have. */
const everything = async (): Promise<string> => {
  const all: Record<string, unknown> = {};
  for (const { path, method } of operations) {
    const reads = method === 'GET' && !/events$|throughput|drift$|superseded$|\.html$|\.csv$|audit|tokens|version|health/.test(path);
    // When a report and its estimate were made is all that is different from one to the next.
    if (reads) all[path] = { ...(await call(method, pathTo(path))).body, generatedAt: '' };
  }
  // What is looked at here goes on record.
  const compared = (key: string, value: unknown): unknown => {
    if ((value as { name?: string } | null)?.name === VIEWS.audit) return undefined;
    return key === 'estimate' ? { ...(value as object), at: '' } : value;
  };
  return JSON.stringify(all, compared);
};

describe('what another workgroup has', () => {
  it('is named by most operations, and the others answer for the caller alone', () => {
    expect(owned.length).toBeGreaterThan(45);
    const rest = operations.filter((one) => !owned.includes(one) && !one.isOfInstallation).map(({ id }) => id);
    // Each of these is shown below not to show or to change anything of others, or creates something of one's own.
    expect(rest).toEqual(
      expect.arrayContaining([
        'listCustomers',
        'listProjects',
        'listOperations',
        'getOverview',
        'getLicences',
        'listPeople',
        'listTokens',
        'listSubscriptions',
      ]),
    );
    expect(rest.length).toBeLessThanOrEqual(33);
  });

  it.each(ROLES)('is not there for a foreign %s, whatever the operation', async (role) => {
    for (const { id, method, path, roles } of owned) {
      const { status, body } = await them(role)(method, pathTo(path), BODIES[id]);
      const isAllowed = roles.includes(role);
      expect([id, status, String(body['code']).endsWith(isAllowed ? '.unknown' : 'right.missing')]).toEqual([
        id,
        isAllowed ? 404 : 403,
        true,
      ]);
    }
  });

  it.each(ROLES)('does not run the installation as %s', async (role) => {
    expect(ofInstallation.length).toBeGreaterThan(10);
    for (const { id, method, path } of ofInstallation)
      expect([id, (await them(role)(method, pathTo(path), BODIES[id])).status]).toEqual([id, 403]);
  });

  it('is as it was after all of that', async () => {
    const before = await everything();
    for (const { id, method, path } of owned) await them('owner')(method, pathTo(path), BODIES[id]);
    expect(await everything()).toBe(before);
  });

  it('is on the record of those who tried by no more than what they typed', async () => {
    await them('owner')('DELETE', `/v1/tokens/${ours['tokenId'] ?? ''}`);
    const records = await eventually(
      async () => items(await them('owner')('GET', '/v1/audit?limit=1000')),
      ([newest]) => newest?.['action'] === 'revokeToken' && newest['outcome'] === 'refused',
    );
    const ofOthers = records.filter(({ object }) => Object.values(ours).includes((object as { id?: string } | null)?.id ?? ''));
    expect(ofOthers.length).toBeGreaterThan(10);
    for (const { action, object, changes } of ofOthers)
      expect([action, object, changes]).toEqual([
        action,
        expect.objectContaining({ name: null }),
        (changes as { new: unknown }[]).map((change) => ({ ...change, old: null })),
      ]);
    for (const known of ['"Ours"', '"ours"', 'ada@contoso.com']) expect(JSON.stringify(records)).not.toContain(known);
  });

  it('is in no list and in no sum', async () => {
    const owner = them('owner');
    for (const path of ['/v1/customers', '/v1/projects', '/v1/operations']) {
      expect([path, (await owner('GET', path)).body]).toEqual([path, expect.objectContaining({ items: [], total: 0 })]);
      expect([path, items(await call('GET', path)).length > 0]).toEqual([path, true]);
    }
    expect((await owner('GET', '/v1/overview')).body).toMatchObject({ sums: { mailboxes: 0 } });
    expect((await call('GET', '/v1/overview')).body).toMatchObject({ sums: { mailboxes: 1 } });
    expect((await owner('GET', '/v1/licences')).body).toMatchObject({ released: 0, orders: [] });
    expect((await owner('GET', '/v1/tokens')).body).toEqual({ items: [] });
    expect(JSON.stringify((await owner('GET', '/v1/people')).body)).not.toContain(ours['agentId']);
    expect((await owner('GET', `/v1/operations?project=${ours['projectId'] ?? ''}`)).body).toMatchObject({ total: 0 });
  });

  it('is not what somebody can wait for, to learn how far it is', async () => {
    const { customerId = '', projectId = '', operationId = '' } = ours;
    for (const [path, stream] of [
      ['/v1/licences', 'licence-pool:default'],
      ['/v1/people', 'workgroup:default'],
      ['/v1/customers', `customer:${customerId}`],
      ['/v1/projects', `project:${projectId}`],
      ['/v1/operations', `operation:${operationId}`],
    ] as const) {
      expect([stream, (await call('GET', `${path}?atLeast=${stream}:1`)).status]).toEqual([stream, 200]);
      expect((await them('owner')('GET', `${path}?atLeast=${stream}:1`)).body).toMatchObject({ status: 400, code: 'request.at-least' });
    }
  });

  it('is not where mailboxes can be moved to', async () => {
    const owner = them('owner');
    const mine = await owner('POST', '/v1/customers', { name: 'Mine' });
    const below = `/v1/customers/${String(mine.body['id'])}`;
    const credential = { kind: 'secret', value: 's' };
    const tenant = await owner('POST', `${below}/endpoints`, {
      name: 't',
      kind: 'microsoft-365',
      tenantId: 't',
      clientId: 'c',
      credential,
    });
    const disk = await owner('POST', `${below}/endpoints`, { name: 'd', kind: 'folder', path: '/mine' });
    const ends = { sourceEndpointId: tenant.body['id'], destinationEndpointId: disk.body['id'] };
    const project = await owner('POST', `${below}/projects`, { name: 'Mine', type: 'mailbox', ...ends });
    const moved = await owner('POST', `/v1/projects/${String(project.body['id'])}/move`, {
      mailboxes: 'all',
      toProjectId: ours['projectId'],
    });
    expect(moved.body).toMatchObject({ status: 404, code: 'project.unknown' });
    const foreign = { ...ends, sourceEndpointId: ours['endpointId'] };
    expect((await owner('POST', `${below}/projects`, { name: 'Theirs', type: 'mailbox', ...foreign })).body).toMatchObject({
      status: 404,
      code: 'endpoint.unknown',
    });
    expect((await owner('PATCH', `${below}/endpoints/${ours['endpointId'] ?? ''}`, { name: 'Taken over' })).body).toMatchObject({
      status: 404,
      code: 'endpoint.unknown',
    });
    // What is one's own is there.
    expect(items(await owner('GET', '/v1/projects')).map((one) => one['name'])).toEqual(['Mine']);
    expect(JSON.stringify((await call('GET', '/v1/customers')).body)).not.toContain('"Mine"');
    expect((await call('GET', below)).body).toMatchObject({ status: 404, code: 'customer.unknown' });
  });

  it('may have the same names', async () => {
    expect((await them('agent')('POST', '/v1/customers', { name: 'Fixture 1' })).status).toBe(201);
  });

  it('does not look after the installation', async () => {
    for (const [method, path] of [
      ['GET', '/v1/admin/dead-letters'],
      ['GET', '/v1/admin/views'],
      ['POST', '/v1/workgroups'],
    ] as const)
      expect([
        path,
        (await them('owner')(method, path, method === 'GET' ? undefined : { name: 'x', ownerEmail: 'x@x.example' })).body['code'],
      ]).toEqual([path, 'right.missing']);
  });
});
