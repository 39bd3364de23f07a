import { VIEWS, type Role } from '@pstream/contracts';
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
    expect((await fetch(`${gateway.url}/v1/events`, { headers: { cookie: ada.cookie } })).status).toBe(403);
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

  it('hands out a link to an agent who lost theirs, but to nobody inactive', async () => {
    const ada = await agent('agent');
    const link = await call('POST', `/v1/people/${ada.agentId}/link`);
    expect((await redeem(link.body['code'])).body).toMatchObject({ id: ada.agentId });
    await edit(ada.agentId, { active: false });
    expect((await call('POST', `/v1/people/${ada.agentId}/link`)).body).toMatchObject({ status: 409, code: 'agent.invitation-over' });
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
    expect((await call('GET', '/v1/workgroup')).body).toEqual({ workgroupId: 'default', name: 'Night shift' });
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
