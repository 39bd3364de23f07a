import { apiDocument } from '@pstream/api';
import { auditHash, auditStream, ChainCheck, endpointStream, readAuditLine, VIEWS, type AuditRecordView } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';
import { projectIn } from './project.fixture.js';

const MAILBOX = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';
const SECRET = 'hunter2-of-the-tenant';

let gateway: RunningGateway;
let ids: Readonly<Record<string, string>>;
const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const pathTo = (path: string): string => path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => ids[name] ?? 'x');

/** Everything of a chain, once it shows an action that is ended. */
const list = async (query: Readonly<Record<string, string>> = {}): Promise<AuditRecordView[]> => {
  const { body } = await call('GET', `/v1/audit?${new URLSearchParams({ limit: '1000', ...query }).toString()}`);
  return body['items'] as AuditRecordView[];
};
const shown = (
  query: Readonly<Record<string, string>>,
  isShown = (items: AuditRecordView[]): boolean => items.length > 0,
): Promise<AuditRecordView[]> =>
  eventually(
    () => list(query),
    (items) => isShown(items),
  );
/** The newest action of a kind, when its end is on record. */
const lastOf = async (action: string, more: Readonly<Record<string, string>> = {}): Promise<AuditRecordView> => {
  const [last] = await shown({ action, ...more }, ([newest]) => newest !== undefined && newest.outcome !== 'unknown');
  return last!;
};

beforeAll(async () => {
  gateway = await startGateway();
  const { customerId, projectId } = await projectIn(gateway);
  const endpoints = (await call('GET', `/v1/customers/${customerId}/endpoints`)).body['items'] as { endpointId: string; kind: string }[];
  await gateway.put(VIEWS.mailboxes, MAILBOX, { ...newMailbox(MAILBOX, projectId, 'ada@contoso.com', 'ada.pst'), customerId });
  const order = await call('POST', '/v1/orders', { quantity: 1, payment: 'card' });
  const agent = await call('POST', '/v1/people', { email: 'ada@contoso.com', role: 'agent' });
  const token = await call('POST', '/v1/tokens', { name: 'ours' });
  ids = {
    customerId,
    projectId,
    endpointId: endpoints.find(({ kind }) => kind === 'microsoft-365')?.endpointId ?? '',
    mailboxJobId: MAILBOX,
    orderId: String(order.body['id']),
    agentId: String(agent.body['id']),
    tokenId: String(token.body['tokenId']),
    name: VIEWS.customers,
    code: 'NONE-YET',
    kind: 'pass.failed',
  };
}, 60_000);
afterAll(() => gateway.close());

/** What each change takes. A body that is refused for its form does nothing, and is not on record. */
const BODIES: Readonly<Record<string, unknown>> = {
  createSession: { code: 'psc_x' },
  planAll: { paused: null },
  editWorkgroup: { name: 'Night shift' },
  planWorkgroup: { maxMailboxes: 3 },
  createWorkgroup: { name: 'Another', ownerEmail: 'eve@contoso.com' },
  inviteAgent: { email: 'new@contoso.com', role: 'viewer' },
  editAgent: { role: 'viewer' },
  addSubscription: { name: 'Ops', kinds: ['pass.failed'], channel: { kind: 'webhook', url: `https://hooks.example/?sig=${SECRET}` } },
  editSubscription: { active: false },
  editNoticeTemplate: { subject: 'Failed: {mailbox}' },
  previewNotice: {},
  createToken: { name: 'made here' },
  createCustomer: { name: 'Fabrikam' },
  renameCustomer: { name: 'Renamed' },
  addEndpoint: { kind: 'folder', name: 'More', path: '/more' },
  editEndpoint: { name: 'Another name' },
  testEndpoint: {},
  testNewEndpoint: { endpoint: { kind: 'folder', name: 'x', path: '/x' } },
  rotateEndpointSecret: { value: SECRET },
  placeOrder: { quantity: 1, payment: 'card' },
  renewOrder: { payment: 'card' },
  createCoupon: { code: 'SPRING-2027', terms: { kind: 'licences', licences: 1 }, expiresAt: '2099-01-01T00:00:00.000Z' },
  refundOrder: {},
  recordPayment: { reference: 'paid' },
  applyBundles: { users: ['eve@contoso.com'] },
  createProject: { name: 'New', type: 'mailbox', sourceEndpointId: MAILBOX, destinationEndpointId: MAILBOX },
  closeProject: { parts: 'keep', dryRun: true },
  estimateProject: {},
  createReportLink: { days: 7 },
  planProject: { maxMailboxes: 1 },
  planEndpoint: { maxMailboxes: 4 },
  editProject: { name: 'Edited' },
  beginDiscoveryRun: { computer: 'pc7', destination: '/mnt/imports', plan: { rows: 1, toUpload: 1, bytes: 1 } },
  reportDiscoveredFiles: {
    report: 1,
    files: [{ path: '/a.pst', name: 'a.pst', owner: '', kind: 'pst', bytes: 1, state: 'uploaded', reason: '', sha256: null }],
  },
  endDiscoveryRun: { stoppedBy: null },
  replaceProjectOptions: { folderFilter: ['^Inbox'] },
  permitViewing: { allowed: true },
  previewProjectOptions: {},
  addMailboxes: { items: [{ source: 'eve@contoso.com', destination: 'eve.pst' }] },
  editMailbox: { destination: 'eve.pst' },
  removeMailboxes: { mailboxes: 'all' },
  moveMailboxes: { mailboxes: 'all', toProjectId: '01J8ZQ4N5W9K7C1B2D3E4F5G6B' },
  acknowledgeMailboxErrors: { errors: 'all', reason: 'mine' },
  startPasses: { kind: 'verify', mailboxes: 'all' },
  prioritiseMailboxes: { mailboxes: 'all', priority: 1 },
  stopPasses: { mailboxes: 'all' },
  resumePasses: { mailboxes: 'all' },
  startOver: { mailboxes: 'all', parts: 'keep' },
};

/** Those that ask a service which does not run here are given what is not there. */
const OF_NOTHING: ReadonlySet<string> = new Set(['testEndpoint', 'testNewEndpoint']);

const operations = Object.entries(apiDocument('0').paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: String(operation['operationId']),
    method: method.toUpperCase(),
    path,
    takesBody: operation['requestBody'] !== undefined,
    isOpen: (operation['security'] as unknown[]).length === 0,
    isOfInstallation: ['system', 'workgroups.create'].includes(String(operation['x-right'])),
    isRecorded: operation['x-recorded'] as boolean,
    bearsContent: operation['x-bears-content'] === true,
  })),
);
const changes = operations.filter(({ method, isOpen }) => method !== 'GET' && !isOpen);

describe('every change that the API document names', () => {
  it('is one that goes on record', () => {
    expect(changes.filter(({ isRecorded }) => !isRecorded)).toEqual([]);
    expect(changes.filter(({ takesBody, id }) => takesBody && BODIES[id] === undefined)).toEqual([]);
    expect(changes.length).toBeGreaterThan(40);
  });

  it('leaves a record of who, when, from where and what, and of how it ended', async () => {
    // What removes things comes last, and what is known of it by then is gone.
    const inOrder = [...changes].sort((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));
    for (const { id, method, path, isOfInstallation } of inOrder) {
      const of = isOfInstallation ? 'installation' : 'workgroup';
      const requestId = `audit-of-${id}`;
      const address = OF_NOTHING.has(id) ? path.replaceAll(/\{\w+\}/g, 'x') : pathTo(path);
      const { status } = await call(method, address, BODIES[id], { 'x-request-id': requestId, 'user-agent': 'spec/1' });
      const found = await lastOf(id, { of });
      expect([id, found]).toEqual([
        id,
        expect.objectContaining({
          chain: isOfInstallation ? 'installation' : 'default',
          action: id,
          status,
          outcome: status < 400 ? 'done' : status < 500 ? 'refused' : 'failed',
          who: expect.objectContaining({
            name: 'first',
            role: 'owner',
            signedInBy: 'token',
            tokenId: expect.any(String) as string,
          }) as object,
          from: { address: '127.0.0.1', forwardedFor: null, userAgent: 'spec/1', requestId },
          endedAt: expect.any(String) as string,
        }),
      ]);
    }
  }, 120_000);

  it('shows nothing of what is a secret, and all codes are left out', async () => {
    const everything = JSON.stringify([await list(), await list({ of: 'installation' })]);
    for (const secret of [SECRET, 'psc_', 'pss_', 'pstream_', gateway.token]) expect(everything).not.toContain(secret);
    const [rotated] = await list({ action: 'rotateEndpointSecret' });
    expect(rotated?.changes).toEqual([{ field: 'value', old: null, new: null, secret: true }]);
  });

  it('shows no token that somebody gives for its id', async () => {
    const { token } = (await call('POST', '/v1/tokens', { name: 'mistaken' })).body;
    expect((await call('DELETE', `/v1/tokens/${String(token)}`)).status).toBe(404);
    expect(await lastOf('revokeToken', { object: '(api-token)' })).toMatchObject({ outcome: 'refused', object: { id: '(api-token)' } });
    expect(await gateway.download('/v1/audit.jsonl')).not.toContain(String(token));
  });
});

describe('every view that shows single items', () => {
  it('goes on record before it is answered', async () => {
    // What a link opens without signing in is shown with the links.
    const views = operations.filter(({ method, isOpen, isRecorded }) => method === 'GET' && isRecorded && !isOpen);
    expect(operations.filter(({ bearsContent, isRecorded }) => bearsContent && !isRecorded)).toEqual([]);
    expect(views.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['listMailboxErrors', 'listProjectErrors', 'getMailboxDrift', 'listMailboxFolders', 'downloadAuditRecords']),
    );
    for (const { id, path, isOfInstallation } of views) {
      // Asked of a service that does not run here.
      if (id === 'getMailboxDrift' || id === 'listSuperseded') continue;
      await call('GET', pathTo(path));
      expect(await lastOf(id, { of: isOfInstallation ? 'installation' : 'workgroup' })).toMatchObject({
        action: id,
        outcome: 'viewed',
        changes: [],
      });
    }
  });
});

describe('a change on record', () => {
  it('has the values before and after', async () => {
    const made = await call('POST', '/v1/customers', { name: 'Tailspin' });
    const customerId = String(made.body['id']);
    expect(await lastOf('createCustomer')).toMatchObject({
      objectId: customerId,
      changes: [{ field: 'name', old: null, new: 'Tailspin' }],
    });
    await call('PATCH', `/v1/customers/${customerId}`, { name: 'Tailspin Toys' });
    const renamed = await lastOf('renameCustomer', { object: customerId });
    expect(renamed).toMatchObject({
      object: { kind: 'customer', id: customerId, name: 'Tailspin' },
      changes: [{ field: 'name', old: 'Tailspin', new: 'Tailspin Toys' }],
    });
    const credential = { kind: 'secret', value: SECRET };
    const source = { name: 't', kind: 'microsoft-365', tenantId: 'one', clientId: 'c', credential };
    const endpoint = String((await call('POST', `/v1/customers/${customerId}/endpoints`, source)).body['id']);
    const added = await lastOf('addEndpoint', { object: endpoint });
    expect(added.changes).toContainEqual({ field: 'credential.value', old: null, new: null, secret: true });
    expect(added.changes).toContainEqual({ field: 'tenantId', old: null, new: 'one' });
    await call('PATCH', `/v1/customers/${customerId}/endpoints/${endpoint}`, { tenantId: 'two' });
    expect((await lastOf('editEndpoint', { object: endpoint })).changes).toEqual([{ field: 'tenantId', old: 'one', new: 'two' }]);
    expect((await gateway.store.read(endpointStream(endpoint))).length).toBe(2);
    const removed = await call('DELETE', `/v1/customers/${customerId}/endpoints/${endpoint}`);
    expect(removed.status).toBe(200);
    expect(await lastOf('removeEndpoint', { object: endpoint })).toMatchObject({
      object: { kind: 'endpoint', name: 't' },
      outcome: 'done',
    });
  });

  it('is not carried out when it cannot be put on record', async () => {
    const before = (await call('GET', '/v1/customers')).body['total'];
    gateway.failing.append = new Fault('event-store.unavailable', { retry: { afterMs: 10 } });
    expect((await call('POST', '/v1/customers', { name: 'Unrecorded' })).status).toBe(503);
    gateway.failing.append = undefined;
    expect((await call('GET', '/v1/customers')).body['total']).toBe(before);
  });

  it('is found by time, person, action, object and outcome, page by page', async () => {
    const all = await shown({ action: 'createCustomer' }, (items) => items.every(({ outcome }) => outcome !== 'unknown'));
    const [first] = all;
    const by = { action: 'createCustomer', person: first?.person ?? '' };
    expect(await list(by)).toEqual(all);
    expect(await list({ ...by, from: first?.at ?? '' })).toEqual([first]);
    expect(await list({ ...by, before: first?.at ?? '' })).toEqual(all.slice(1));
    expect(await list({ ...by, outcome: 'viewed' })).toEqual([]);
    expect(await list({ ...by, person: 'nobody' })).toEqual([]);
    const page = (await call('GET', '/v1/audit?action=createCustomer&limit=1')).body;
    expect(page['items']).toEqual([first]);
    const next = (await call('GET', `/v1/audit?action=createCustomer&limit=1&cursor=${String(page['next'])}`)).body;
    expect(next['items']).toEqual(all.slice(1, 2));
  });
});

describe('what was refused', () => {
  const counted = async (code: string, of = 'installation'): Promise<AuditRecordView[]> =>
    (await list({ of, outcome: 'refused' })).filter((one) => one.code === code);

  it('is on record at once, and however often it is tried again, in few records', async () => {
    for (let times = 0; times < 40; times++)
      expect((await gateway.bare('GET', '/v1/customers', undefined, { authorization: `Bearer pstream_wrong${times}` })).status).toBe(401);
    const found = await eventually(
      () => counted('request.unauthenticated'),
      (items) => items.length > 0,
    );
    expect(found).toEqual([expect.objectContaining({ who: null, action: 'authenticate', status: 401, count: 1 })]);
    expect(JSON.stringify(found)).not.toContain('pstream_wrong');
  });

  it('is a wrong code, a missing right, and somebody else’s customer; no browser that only asks who it is', async () => {
    await gateway.bare('POST', '/v1/sessions', { code: 'psc_wrong' });
    await gateway.bare('GET', '/v1/me');
    const { token } = (await call('POST', '/v1/tokens', { name: 'looker', role: 'viewer' })).body;
    await gateway.bare('POST', '/v1/customers', { name: 'x' }, { authorization: `Bearer ${String(token)}` });
    const [code] = await eventually(
      () => counted('sign-in.code-invalid'),
      (items) => items.length > 0,
    );
    expect(code).toMatchObject({ who: null, action: 'createSession', status: 401 });
    const [right] = await eventually(
      () => counted('right.missing', 'workgroup'),
      (items) => items.length > 0,
    );
    expect(right).toMatchObject({ who: { name: 'looker' }, action: 'createCustomer', status: 403 });
    expect((await counted('request.unauthenticated')).length).toBe(1);
  });
});

describe('the record', () => {
  const download = async (query = ''): Promise<string[]> => (await gateway.download(`/v1/audit.jsonl${query}`)).trim().split('\n');
  const report = (lines: readonly string[]) => {
    const check = new ChainCheck();
    for (const line of lines) {
      const stored = readAuditLine(line) ?? { record: line, sha256: '' };
      check.add(stored, auditHash(stored.record));
    }
    return check.report();
  };

  it('is a chain, of the workgroup and of the installation', async () => {
    for (const query of ['', '?of=installation']) {
      const lines = await download(query);
      expect(lines.length).toBeGreaterThan(10);
      expect(report(lines)).toMatchObject({ records: lines.length, breaks: [] });
      expect(report(lines.toSpliced(4, 1)).breaks).toContainEqual({ seq: 5, what: 'missing' });
    }
    const events = await gateway.store.read(auditStream('default', 1));
    expect(events.map(({ data }) => data.sha256)).toEqual(
      (await download()).map((line) => readAuditLine(line)?.sha256).slice(0, events.length),
    );
  });

  it('is a table too, whose cells no spreadsheet takes for formulas', async () => {
    await call('POST', '/v1/customers', { name: '=cmd()' });
    await lastOf('createCustomer');
    const lines = (await gateway.download('/v1/audit.csv?action=createCustomer')).split('\r\n');
    expect(lines[0]).toBe(
      '\uFEFFAt,Ended,Person,Name,Role,Token,Session,Address,Forwarded for,Action,Kind,Object,Object name,Outcome,Status,Code,Times,Changes',
    );
    expect(lines[1]).toMatch(/,first,owner,.*,127\.0\.0\.1,,createCustomer,,\w{26},,done,201,,1,"name: null -> ""=cmd\(\)"""$/);
  });

  it('is for owners and admins, each of their own workgroup', async () => {
    const signedIn = async (code: unknown): Promise<(path: string) => Promise<Reply>> => {
      const reply = await gateway.bare('POST', '/v1/sessions', { code });
      const cookie = (reply.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
      return (path) => gateway.bare('GET', path, undefined, { cookie });
    };
    const created = await call('POST', '/v1/workgroups', { name: 'Other', ownerEmail: 'eve@other.example' });
    const eve = await signedIn(created.body['code']);
    const theirs = await eventually(
      async () => (await eve('/v1/audit')).body['items'] as AuditRecordView[],
      (items) => items.length > 0,
    );
    expect(theirs.map(({ action, outcome }) => [action, outcome])).toEqual([['createSession', 'done']]);
    expect(theirs[0]).toMatchObject({
      who: { agentId: created.body['id'], signedInBy: 'session', sessionId: expect.any(String) as string },
    });
    expect((await eve(`/v1/audit?object=${ids['customerId'] ?? ''}`)).body).toMatchObject({ items: [] });
    for (const path of ['/v1/audit?of=installation', '/v1/audit.csv?of=installation', '/v1/audit.jsonl?of=installation'])
      expect([path, (await eve(path)).body]).toEqual([path, expect.objectContaining({ status: 403, code: 'right.missing' })]);
    expect(JSON.stringify((await eve('/v1/audit.jsonl')).body)).not.toContain('first');
  });
});
