import { eventually } from '../support/eventually.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
let projectId: string;
let other: string;
beforeAll(async () => {
  gateway = await startGateway();
  ({ projectId } = await projectIn(gateway));
  other = (await projectIn(gateway)).projectId;
});
afterAll(() => gateway.close());

describe('a link to a report', () => {
  it('shows that report to whoever has it, until it is revoked', async () => {
    const made = await gateway.call('POST', `/v1/projects/${projectId}/report-links`, { days: 3 });
    expect(made.status).toBe(201);
    const { path, linkId } = made.body as { path: string; linkId: string };
    const response = await fetch(`${gateway.url}${path}`);
    expect([response.status, response.headers.get('content-type'), response.headers.get('set-cookie')]).toEqual([
      200,
      'text/html; charset=utf-8',
      null,
    ]);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect([response.headers.get('cache-control'), response.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
    expect(await response.text()).toContain('<h1>Leavers</h1>');
    const listed = await gateway.call('GET', `/v1/projects/${projectId}/report-links`);
    expect(listed.body['items']).toMatchObject([{ linkId }]);
    expect(JSON.stringify(listed.body)).not.toContain(path.split('/').at(-1));
    expect((await gateway.call('DELETE', `/v1/projects/${other}/report-links/${linkId}`)).body).toMatchObject({
      code: 'report-link.unknown',
    });
    expect((await gateway.call('DELETE', `/v1/projects/${projectId}/report-links/${linkId}`)).status).toBe(204);
    expect((await gateway.bare('GET', path)).body).toMatchObject({ status: 404, code: 'report-link.unknown' });
  });

  it('is on record when it is made, opened and revoked, by its id and never by its secret', async () => {
    const made = await gateway.call('POST', `/v1/projects/${projectId}/report-links`, {});
    const { path, linkId } = made.body as { path: string; linkId: string };
    await (await fetch(`${gateway.url}${path}`, { headers: { 'user-agent': 'stranger' } })).text();
    await gateway.call('DELETE', `/v1/projects/${projectId}/report-links/${linkId}`);
    const records = await eventually(
      async () => (await gateway.call('GET', '/v1/audit?limit=3')).body['items'] as Record<string, unknown>[],
      ([newest]) => newest?.['action'] === 'revokeReportLink' && newest['outcome'] === 'done',
    );
    expect(records).toMatchObject([
      { action: 'revokeReportLink', ids: { projectId, linkId } },
      {
        action: 'openReportLink',
        outcome: 'viewed',
        who: null,
        from: { userAgent: 'stranger' },
        object: { kind: 'project', id: projectId, name: 'Leavers' },
        ids: { projectId, linkId },
      },
      { action: 'createReportLink', outcome: 'done', objectId: linkId, ids: { projectId } },
    ]);
    expect(JSON.stringify(records)).not.toContain(path.split('/').at(-1));
  });

  it('opens nothing else, and no other secret opens it', async () => {
    const { path } = (await gateway.call('POST', `/v1/projects/${projectId}/report-links`, {})).body as { path: string };
    const secret = path.split('/').at(-1)!;
    for (const address of [`/v1/projects/${projectId}`, `/v1/projects/${projectId}/report`, '/v1/me', '/v1/customers'])
      expect([address, (await gateway.bare('GET', address, undefined, { authorization: `Bearer ${secret}` })).status]).toEqual([
        address,
        401,
      ]);
    for (const wrong of ['x', `${secret}x`, secret.slice(0, -1)])
      expect((await gateway.bare('GET', `/v1/shared-reports/${wrong}`)).body).toMatchObject({ status: 404, code: 'report-link.unknown' });
  });

  it('ends no later than the token that it was made with', async () => {
    const lent = (await gateway.call('POST', '/v1/tokens', { name: 'lent', expiresInDays: 2 })).body;
    const make = (days: number): Promise<Reply> =>
      gateway.call('POST', `/v1/projects/${projectId}/report-links`, { days }, { authorization: `Bearer ${String(lent['token'])}` });
    expect((await make(30)).body['expiresAt']).toBe(lent['expiresAt']);
    expect(String((await make(1)).body['expiresAt']) < String(lent['expiresAt'])).toBe(true);
  });

  it('is made for a project that is there, for at most 90 days', async () => {
    expect((await gateway.call('POST', '/v1/projects/nobody/report-links', {})).body).toMatchObject({ code: 'project.unknown' });
    expect((await gateway.call('POST', `/v1/projects/${projectId}/report-links`, { days: 91 })).body).toMatchObject({ status: 400 });
  });
});
