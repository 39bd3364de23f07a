import { VIEWS, type Role } from '@pstream/contracts';
import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

type Call = (method: string, path: string, body?: unknown) => Promise<Reply>;
const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const redeem = (code: unknown): Promise<Reply> => gateway.bare('POST', '/v1/sessions', { code });
const cookieOf = ({ headers }: Reply): string => (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
const withCookie =
  (cookie: string): Call =>
  (method, path, body) =>
    gateway.bare(method, path, body, { cookie, 'x-pstream-csrf': '1' });
const withToken =
  (token: unknown): Call =>
  (method, path, body) =>
    gateway.call(method, path, body, { authorization: `Bearer ${String(token)}` });

let people = 0;
/** Invites somebody, who signs in. */
const agent = async (role: Role): Promise<{ readonly agentId: string; readonly call: Call; readonly cookie: string }> => {
  const invited = await call('POST', '/v1/people', { email: `agent${++people}@contoso.com`, role });
  const cookie = cookieOf(await redeem(invited.body['code']));
  return { agentId: String(invited.body['id']), call: withCookie(cookie), cookie };
};
const edit = (agentId: string, change: object): Promise<Reply> => call('PATCH', `/v1/people/${agentId}`, change);

describe('an invited agent', () => {
  it('is listed, and signs in with the code of the invitation, once', async () => {
    const invited = await call('POST', '/v1/people', { email: 'Ada@contoso.com', name: 'Ada Lovelace', role: 'agent' });
    expect(invited).toMatchObject({ status: 201, body: { path: `/#code=${String(invited.body['code'])}` } });
    const agentId = String(invited.body['id']);
    expect((await call('GET', `/v1/people/${agentId}`)).body).toMatchObject({
      status: 'invited',
      email: 'Ada@contoso.com',
      acceptedAt: null,
    });
    const reply = await redeem(invited.body['code']);
    expect(reply.body).toMatchObject({ id: agentId, name: 'Ada Lovelace', role: 'agent', signedInBy: 'session' });
    expect((await call('GET', `/v1/people/${agentId}`)).body).toMatchObject({ status: 'active' });
    expect((await redeem(invited.body['code'])).status).toBe(401);
    expect((await call('GET', '/v1/people')).body['items']).toEqual(expect.arrayContaining([expect.objectContaining({ agentId })]));
  });

  it('who was deactivated or removed meanwhile does not', async () => {
    for (const end of [(id: string) => edit(id, { active: false }), (id: string) => call('DELETE', `/v1/people/${id}`)]) {
      const invited = await call('POST', '/v1/people', { email: `x${++people}@contoso.com`, role: 'agent' });
      expect((await end(String(invited.body['id']))).status).toBe(200);
      const reply = await redeem(invited.body['code']);
      expect(reply.body).toMatchObject({ status: 401, code: 'sign-in.code-invalid' });
      expect(reply.headers.get('set-cookie')).toBeNull();
    }
  });

  it('is recorded as who does what they do', async () => {
    const ada = await agent('agent');
    expect((await ada.call('POST', '/v1/customers', { name: 'By Ada' })).status).toBe(201);
    expect(gateway.messages.at(-1)).toContain(`"by":"${ada.agentId}"`);
  });
});

describe('another role, and being let in no more', () => {
  it('hold from the next request on, for the session and for tokens', async () => {
    const ada = await agent('agent');
    const token = withToken((await ada.call('POST', '/v1/tokens', { name: 'of ada' })).body['token']);
    expect((await token('POST', '/v1/customers', { name: 'One' })).status).toBe(201);
    await edit(ada.agentId, { role: 'viewer' });
    for (const as of [ada.call, token]) {
      expect((await as('POST', '/v1/customers', { name: 'Two' })).body).toMatchObject({ status: 403, code: 'right.missing' });
      expect((await as('GET', '/v1/customers')).status).toBe(200);
    }
    // A token says no more of itself than it may do, and what it makes is as small.
    expect((await token('GET', '/v1/me')).body).toMatchObject({ role: 'viewer', rights: (await ada.call('GET', '/v1/me')).body['rights'] });
    expect((await token('POST', '/v1/tokens', { name: 'of the token' })).body).toMatchObject({ role: 'viewer' });
    await edit(ada.agentId, { active: false });
    for (const as of [ada.call, token]) expect((await as('GET', '/v1/me')).status).toBe(401);
    await edit(ada.agentId, { active: true });
    for (const as of [ada.call, token]) expect((await as('GET', '/v1/me')).status).toBe(200);
    await call('DELETE', `/v1/people/${ada.agentId}`);
    for (const as of [ada.call, token]) expect((await as('GET', '/v1/me')).status).toBe(401);
  });

  it('never give a token more than it was made with', async () => {
    const ada = await agent('viewer');
    const token = withToken((await ada.call('POST', '/v1/tokens', { name: 'looks on' })).body['token']);
    await edit(ada.agentId, { role: 'admin' });
    expect((await token('GET', '/v1/me')).body['rights']).not.toContain('exports.run');
    await edit(ada.agentId, { role: 'finance' });
    const rights = (await token('GET', '/v1/me')).body['rights'] as string[];
    expect(rights).toEqual(['self', 'customers.view', 'licences.view', 'people.view']);
  });

  it('are given only to whom they were seen to be, whatever became of others meanwhile', async () => {
    const [ada, eve] = [await agent('agent'), await agent('agent')];
    const seen = (path: string): Promise<Record<string, string>> =>
      call('GET', path).then(({ headers }) => ({ 'if-match': headers.get('etag') ?? '' }));
    const change = async (path: string, body: object, headers: Record<string, string>): Promise<number> =>
      (await call('PATCH', path, body, headers)).status;
    const [path, workgroup] = [`/v1/people/${ada.agentId}`, '/v1/workgroup'];
    const [asAda, asWorkgroup] = [await seen(path), await seen(workgroup)];
    await edit(eve.agentId, { role: 'viewer' });
    expect(await change(path, { role: 'viewer' }, asAda)).toBe(200);
    expect(await change(path, { role: 'admin' }, asAda)).toBe(412);
    expect((await call('DELETE', path, undefined, asAda)).status).toBe(412);
    expect(await change(workgroup, { shareProjects: false }, asWorkgroup)).toBe(200);
    expect(await change(workgroup, { shareProjects: true }, asWorkgroup)).toBe(412);
    expect(await change(workgroup, { shareProjects: true }, await seen(workgroup))).toBe(200);
  });

  it('leave service accounts as they are', async () => {
    const ada = await agent('admin');
    const service = withToken((await ada.call('POST', '/v1/tokens', { name: 'ci', role: 'agent', service: true })).body['token']);
    await edit(ada.agentId, { active: false });
    expect((await service('GET', '/v1/me')).body).toMatchObject({ name: 'ci', role: 'agent' });
    const eve = await agent('agent');
    expect((await eve.call('POST', '/v1/tokens', { name: 'no', service: true })).body).toMatchObject({
      status: 403,
      code: 'right.missing',
    });
  });

  it('end open event streams within five seconds, also those of a token', async () => {
    const ada = await agent('agent');
    const token = String((await ada.call('POST', '/v1/tokens', { name: 'listens' })).body['token']);
    const feeds = await Promise.all(
      [{ cookie: ada.cookie }, { authorization: `Bearer ${token}` }].map((headers) => fetch(`${gateway.url}/v1/events`, { headers })),
    );
    expect(feeds.map(({ status }) => status)).toEqual([200, 200]);
    await edit(ada.agentId, { role: 'finance' });
    // They end, or this never does.
    for (const feed of feeds) expect(await feed.text()).toContain('event: ready');
    expect((await ada.call('GET', '/v1/me')).body).toMatchObject({ role: 'finance' });
  });
});

describe('who manages people', () => {
  it('gives no role above their own, and changes nobody above themselves', async () => {
    const admin = await agent('admin');
    const owner = await agent('owner');
    const above = { status: 403, code: 'role.above-own' };
    expect((await admin.call('POST', '/v1/people', { email: 'up@contoso.com', role: 'owner' })).body).toMatchObject(above);
    expect((await admin.call('PATCH', `/v1/people/${owner.agentId}`, { active: false })).body).toMatchObject(above);
    expect((await admin.call('DELETE', `/v1/people/${owner.agentId}`)).body).toMatchObject(above);
    expect((await admin.call('POST', `/v1/people/${owner.agentId}/link`)).body).toMatchObject(above);
    expect((await admin.call('PATCH', `/v1/people/${admin.agentId}`, { role: 'owner' })).body).toMatchObject(above);
    expect((await owner.call('PATCH', `/v1/people/${admin.agentId}`, { role: 'owner' })).status).toBe(200);
  });

  it('gets no address by a repeated invitation once the agent has come, or may do more', async () => {
    const admin = await agent('admin');
    const invite = (): Promise<Reply> =>
      gateway.bare(
        'POST',
        '/v1/people',
        { email: 'again@contoso.com', role: 'agent' },
        { cookie: admin.cookie, 'x-pstream-csrf': '1', 'idempotency-key': 'invite' },
      );
    const [first, second] = [await invite(), await invite()];
    expect(second).toMatchObject({ status: 201, body: { id: first.body['id'] } });
    expect((await redeem(first.body['code'])).status).toBe(401);
    const agentId = String(first.body['id']);
    await edit(agentId, { role: 'owner' });
    // Neither the address that the admin has, nor another one.
    expect((await redeem(second.body['code'])).status).toBe(401);
    expect((await invite()).body).toMatchObject({ status: 403, code: 'role.above-own' });
    await edit(agentId, { role: 'agent' });
    expect((await redeem((await invite()).body['code'])).status).toBe(201);
    expect((await invite()).body).toMatchObject({ status: 409, code: 'agent.invitation-over' });
  });

  it('gets in by no address that was made for another role, whenever it was made', async () => {
    const admin = await agent('admin');
    const ada = await agent('agent');
    const { code } = (await admin.call('POST', `/v1/people/${ada.agentId}/link`)).body;
    // As if the link was made at the moment of the change, after it was looked whose addresses are to be forgotten.
    const known = (await call('GET', `/v1/people/${ada.agentId}`)).body;
    await gateway.put(VIEWS.agents, ada.agentId, { ...known, role: 'owner' });
    expect((await redeem(code)).body).toMatchObject({ status: 401, code: 'sign-in.code-invalid' });
  });

  it('creates a workgroup, and cannot come in as its owner once there is one', async () => {
    const body = { name: 'Another', ownerEmail: 'owner@another.example' };
    const create = (): Promise<Reply> => gateway.call('POST', '/v1/workgroups', body, { 'idempotency-key': 'workgroup' });
    const created = await create();
    expect((await redeem(created.body['code'])).status).toBe(201);
    expect((await create()).body).toMatchObject({ status: 409, code: 'agent.invitation-over' });
  });

  it('hands out a link to an agent who lost theirs, but to nobody inactive', async () => {
    const ada = await agent('agent');
    const lost = await call('POST', `/v1/people/${ada.agentId}/link`);
    const link = await call('POST', `/v1/people/${ada.agentId}/link`);
    expect((await redeem(lost.body['code'])).status).toBe(401);
    expect((await redeem(link.body['code'])).body).toMatchObject({ id: ada.agentId });
    await edit(ada.agentId, { active: false });
    const refused = { status: 409, code: 'agent.invitation-over' };
    expect((await call('POST', `/v1/people/${ada.agentId}/link`)).body).toMatchObject(refused);
    // Nor to somebody who did not come in time: the address would not let them in.
    const late = (await call('POST', '/v1/people', { email: 'late@contoso.com', role: 'agent' })).body;
    const known = (await call('GET', `/v1/people/${String(late['id'])}`)).body;
    await gateway.put(VIEWS.agents, String(late['id']), { ...known, invitedAt: '2026-01-01T00:00:00.000Z' });
    expect((await call('POST', `/v1/people/${String(late['id'])}/link`)).body).toMatchObject(refused);
  });

  it('sees nobody of another workgroup', async () => {
    const ada = await agent('agent');
    const known = (await call('GET', `/v1/people/${ada.agentId}`)).body;
    await gateway.put(VIEWS.agents, ada.agentId, { ...known, workgroupId: 'another' });
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { role: 'viewer' }],
      ['DELETE', '', undefined],
      ['POST', '/link', undefined],
    ] as const)
      expect((await call(method, `/v1/people/${ada.agentId}${path}`, body)).body).toMatchObject({ status: 404, code: 'agent.unknown' });
    expect(JSON.stringify((await call('GET', '/v1/people')).body)).not.toContain(ada.agentId);
  });

  it('names what is to be changed', async () => {
    const ada = await agent('agent');
    expect((await edit(ada.agentId, {})).body).toMatchObject({ status: 400, code: 'request.invalid' });
    expect((await call('POST', '/v1/people', { email: 'nobody', role: 'boss' })).body['errors']).toMatchObject([
      { column: 'email' },
      { column: 'role' },
    ]);
    expect((await call('PATCH', '/v1/workgroup', { name: 'Night shift' })).body).toMatchObject({ id: 'default' });
    expect((await call('GET', '/v1/workgroup')).body).toEqual({ workgroupId: 'default', name: 'Night shift', shareProjects: true });
  });
});

describe('a session made from a token', () => {
  it('does no more than the token, and ends with it', async () => {
    const made = await call('POST', '/v1/tokens', { name: 'small', role: 'viewer' });
    const token = withToken(made.body['token']);
    const session = withCookie(cookieOf(await redeem((await token('POST', '/v1/sign-in-codes')).body['code'])));
    expect((await session('GET', '/v1/me')).body).toMatchObject({ role: 'viewer', signedInBy: 'session', name: 'small' });
    expect((await session('POST', '/v1/customers', { name: 'x' })).body).toMatchObject({ status: 403, code: 'right.missing' });
    // Nor does one made from the session.
    const again = withCookie(cookieOf(await redeem((await session('POST', '/v1/sign-in-codes')).body['code'])));
    expect((await again('GET', '/v1/me')).body).toMatchObject({ role: 'viewer' });
    await call('DELETE', `/v1/tokens/${String(made.body['tokenId'])}`);
    for (const as of [session, again]) expect((await as('GET', '/v1/me')).status).toBe(401);
  });

  it('of a small token of an owner is as small', async () => {
    const owner = await agent('owner');
    const token = withToken((await owner.call('POST', '/v1/tokens', { name: 'owner looks on', role: 'viewer' })).body['token']);
    const session = withCookie(cookieOf(await redeem((await token('POST', '/v1/sign-in-codes')).body['code'])));
    expect((await session('GET', '/v1/me')).body['rights']).not.toContain('exports.run');
    const more = await session('POST', '/v1/tokens', { name: 'more', role: 'owner' });
    expect(more.body).toMatchObject({ status: 403, code: 'role.above-own' });
  });
});

describe('projects that are not shared', () => {
  afterAll(() => call('PATCH', '/v1/workgroup', { shareProjects: true }));

  /** Creates a project as somebody, with a mailbox in it. */
  const project = async (as: Call, customer: string, name: string) => {
    const credential = { kind: 'secret', value: 's' };
    const below = `/v1/customers/${customer}`;
    const tenant = await as('POST', `${below}/endpoints`, { name, kind: 'microsoft-365', tenantId: 't', clientId: 'c', credential });
    const disk = await as('POST', `${below}/endpoints`, { name: `${name} out`, kind: 'folder', path: `/${name}` });
    const ends = { sourceEndpointId: tenant.body['id'], destinationEndpointId: disk.body['id'] };
    const projectId = String((await as('POST', `${below}/projects`, { name, type: 'mailbox', container: name, ...ends })).body['id']);
    await as('POST', `/v1/projects/${projectId}/mailboxes`, { items: [{ source: `${name}@contoso.com`, destination: `${name}.pst` }] });
    const { items: mailboxes } = (await as('GET', `/v1/projects/${projectId}/mailboxes`)).body as { items: { mailboxJobId: string }[] };
    const operation = await as('POST', `/v1/projects/${projectId}/stop`, { mailboxes: 'all' });
    return { projectId, mailboxJobId: mailboxes[0]?.mailboxJobId ?? '', operationId: String(operation.body['operationId']) };
  };
  const itemsOf = async (as: Call, path: string): Promise<unknown[]> => (await as('GET', path)).body['items'] as unknown[];

  it('are there for who created them, for owners and admins, and for no other agent', async () => {
    const [ada, eve, viewer, admin] = [await agent('agent'), await agent('agent'), await agent('viewer'), await agent('admin')];
    const customer = String((await ada.call('POST', '/v1/customers', { name: 'Shared' })).body['id']);
    const hers = await project(ada.call, customer, 'ada');
    const his = await project(eve.call, customer, 'eve');
    const paths = [`/v1/projects/${hers.projectId}`, `/v1/mailboxes/${hers.mailboxJobId}`, `/v1/operations/${hers.operationId}`];
    const feed = await fetch(`${gateway.url}/v1/events`, { headers: { cookie: eve.cookie } });
    for (const path of paths) expect([path, (await eve.call('GET', path)).status]).toEqual([path, 200]);

    await call('PATCH', '/v1/workgroup', { shareProjects: false });
    for (const path of paths) {
      for (const { call: as } of [ada, admin]) expect([path, (await as('GET', path)).status]).toEqual([path, 200]);
      for (const { call: as } of [eve, viewer]) expect([path, (await as('GET', path)).status]).toEqual([path, 404]);
    }
    for (const [method, path, body] of [
      ['PATCH', paths[0] ?? '', { name: 'Taken over' }],
      ['DELETE', paths[0] ?? '', undefined],
      ['POST', `${paths[0] ?? ''}/passes`, { kind: 'verify', mailboxes: 'all' }],
      ['DELETE', paths[1] ?? '', undefined],
      ['POST', `/v1/projects/${his.projectId}/move`, { mailboxes: 'all', toProjectId: hers.projectId }],
    ] as const)
      expect([path, (await eve.call(method, path, body)).status]).toEqual([path, 404]);

    const sees = async (as: Call): Promise<unknown> => [
      (await itemsOf(as, `/v1/customers/${customer}/projects`)).length,
      (await itemsOf(as, '/v1/projects')).filter((one) => (one as { customerId: string }).customerId === customer).length,
      (await itemsOf(as, `/v1/operations?project=${hers.projectId}`)).length,
      ((await as('GET', `/v1/customers/${customer}`)).body['sums'] as { mailboxes: number }).mailboxes,
    ];
    expect(await sees(ada.call)).toEqual([1, 1, 1, 1]);
    expect(await sees(admin.call)).toEqual([2, 2, 1, 2]);
    expect(await sees(eve.call)).toEqual([1, 1, 0, 1]);
    expect(await sees(viewer.call)).toEqual([0, 0, 0, 0]);
    expect((await viewer.call('GET', '/v1/overview')).body).toMatchObject({ sums: { mailboxes: 0 } });

    // What belongs to the customer is there for all who see the customer, also what stands behind hidden projects; of these only that they are.
    const gone = await eve.call('DELETE', `/v1/customers/${customer}`);
    expect(gone.body).toMatchObject({ status: 409, code: 'customer.not-empty', facts: { projects: 1, endpoints: 4, hidden: true } });
    expect((await admin.call('DELETE', `/v1/customers/${customer}`)).body['facts']).toEqual({ projects: 2, endpoints: 4 });
    const ends = (await itemsOf(admin.call, `/v1/customers/${customer}/endpoints`)) as { endpointId: string; name: string }[];
    const endpoint = `/v1/customers/${customer}/endpoints/${ends.find(({ name }) => name === 'ada')?.endpointId ?? ''}`;
    expect((await eve.call('DELETE', endpoint)).body).toMatchObject({ code: 'endpoint.in-use', facts: { projects: 0, hidden: true } });
    expect((await ada.call('DELETE', endpoint)).body['facts']).toEqual({ projects: 1 });
    await call('POST', '/v1/orders', { quantity: 2, payment: 'card' });
    await ada.call('POST', `/v1/customers/${customer}/bundles`, { users: ['ada@contoso.com'] });
    const usersOf = async (as: Call): Promise<unknown[]> =>
      (await itemsOf(as, `/v1/customers/${customer}/bundles`)).map((one) => (one as { user: string }).user);
    await eventually(
      () => usersOf(ada.call),
      (users) => users.length === 1,
    );
    for (const { call: as } of [eve, viewer, admin]) expect(await usersOf(as)).toEqual(['ada@contoso.com']);
    expect(JSON.stringify((await eve.call('GET', '/v1/operations')).body)).not.toContain(hers.projectId);

    // From the reset on, nothing of hers is in the feed.
    const reader = feed.body?.getReader();
    let text = '';
    const until = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    };
    await until('event: reset');
    text = '';
    await ada.call('PATCH', paths[0] ?? '', { name: 'ada 2' });
    await eve.call('PATCH', `/v1/projects/${his.projectId}`, { name: 'eve 2' });
    await until(`"id":"${his.projectId}"`);
    expect(text).not.toContain(hers.projectId);
    await reader?.cancel();
  }, 60_000);
});

describe('the event stream of an agent, where there are several workgroups', () => {
  it('has what happens in their own, nothing of another, and ends when they are let in no more', async () => {
    const other = await call('POST', '/v1/workgroups', { name: 'Other', ownerEmail: 'owner@other.example' });
    const owner = withCookie(cookieOf(await redeem(other.body['code'])));
    const invited = await owner('POST', '/v1/people', { email: 'agent@other.example', role: 'agent' });
    const cookie = cookieOf(await redeem(invited.body['code']));
    const ours = await agent('agent');
    const listen = async (of: string) => {
      const feed = await fetch(`${gateway.url}/v1/events`, { headers: { cookie: of } });
      const reader = feed.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      const read = async (isEnough: () => boolean): Promise<string> => {
        for (;;) {
          if (isEnough()) return text;
          const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
          if (done) return `${text}END`;
          text += value;
        }
      };
      return { until: (wanted: string) => read(() => text.includes(wanted)), toItsEnd: () => read(() => false) };
    };
    const [theirs, mine] = [await listen(cookie), await listen(ours.cookie)];
    await Promise.all([theirs.until('event: ready'), mine.until('event: ready')]);
    /** One of each kind of thing that a workgroup has. */
    const things = async (as: Call, name: string): Promise<{ readonly first: string; readonly ids: readonly string[] }> => {
      const customer = String((await as('POST', '/v1/customers', { name })).body['id']);
      const endpoint = String(
        (await as('POST', `/v1/customers/${customer}/endpoints`, { name, kind: 'folder', path: `/${name}` })).body['id'],
      );
      const bundles = await as('POST', `/v1/customers/${customer}/bundles`, { users: [`ada@${name}.example`] });
      return { first: customer, ids: [customer, endpoint, String(bundles.body['operationId']), `ada@${name}.example`] };
    };
    const first = await things(call, 'ours');
    await call('POST', '/v1/orders', { quantity: 1, payment: 'card' });
    await call('POST', '/v1/notices/subscriptions', { name: 'x', kinds: ['pass.failed'], channel: { kind: 'mail', to: ['a@b.example'] } });
    await call('POST', '/v1/people', { email: 'new@contoso.com', role: 'viewer' });
    const second = await things(owner, 'theirs');
    // Within seconds, each stream says that there is more for it, and carries it from then on.
    await Promise.all([theirs.until('event: reset'), mine.until('event: reset')]);
    await call('PATCH', `/v1/customers/${first.first}`, { name: 'ours 2' });
    await owner('PATCH', `/v1/customers/${second.first}`, { name: 'theirs 2' });
    await owner('PATCH', '/v1/workgroup', { name: 'Another name' });
    const heard = await theirs.until(`"view":"customers","id":"${second.first}"`).then(() => theirs.until('"view":"workgroups"'));
    for (const id of [...first.ids, 'default']) expect(heard).not.toContain(`"${id}"`);
    const others = await mine.until(`"view":"customers","id":"${first.first}"`);
    for (const id of second.ids) expect(others).not.toContain(`"${id}"`);
    await owner('PATCH', `/v1/people/${String(invited.body['id'])}`, { active: false });
    // It ends, or this never does.
    expect(await theirs.toItsEnd()).toMatch(/END$/);
    expect((await fetch(`${gateway.url}/v1/events`, { headers: { cookie } })).status).toBe(401);
  }, 60_000);
});
