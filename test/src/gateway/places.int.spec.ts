import { waitFor } from '@pstream/testing';
import { startGateway, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

describe('the place of a mailbox in the queue', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway(1);
  });
  afterAll(() => gateway.close());

  it('is shown in the list, and with the mailbox; only those that wait have one', async () => {
    const { customerId, projectId } = await projectIn(gateway);
    const users = ['u0', 'u1', 'u2', 'u3'].map((name) => `${name}@contoso.com`);
    const path = `/v1/projects/${projectId}`;
    const wait = { prefer: 'wait=20' };
    await gateway.call('POST', `${path}/mailboxes`, { items: users.map((source, n) => ({ source, destination: `u${n}.pst` })) });
    await gateway.call('POST', '/v1/orders', { quantity: 3, payment: 'card' });
    await gateway.call('POST', `/v1/customers/${customerId}/bundles`, { users: users.slice(0, 3) }, wait);
    const start = (kind: string, ...mailboxes: (string | undefined)[]) => gateway.call('POST', `${path}/passes`, { kind, mailboxes }, wait);
    for (const user of [users[0], users[2], users[1]]) expect((await start('full', user)).body).toMatchObject({ accepted: 1 });
    await start('verify', users[3]);

    const { body } = await gateway.call('GET', `${path}/mailboxes?sort=source`);
    const rows = body['items'] as { readonly mailboxJobId: string; readonly place: number | null }[];
    expect(rows.map(({ place }) => place)).toEqual([null, 2, 1, null]);
    expect((await gateway.call('GET', `/v1/mailboxes/${rows[1]?.mailboxJobId}`)).body['place']).toBe(2);

    const stopListening = new AbortController();
    const feed = await fetch(`${gateway.url}/v1/events?project=${projectId}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
      signal: stopListening.signal,
    });
    let heard = '';
    const listening = (async () => {
      for await (const chunk of feed.body ?? []) heard += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    const plan = { paused: { reason: 'The disk is full' } };
    expect((await gateway.call('PATCH', `${path}/plan`, plan)).body).toMatchObject({ id: projectId, stream: 'admission' });
    const held = {
      kind: 'plan',
      code: 'plan.project-paused',
      until: null,
      advice: expect.stringMatching(/^The disk is full\. Nothing new/),
    };
    const after = (await gateway.call('GET', `${path}/mailboxes?sort=source`)).body['items'] as { readonly held: object | null }[];
    expect(after.map((row) => row.held)).toEqual([null, expect.objectContaining(held), expect.objectContaining(held), null]);
    expect((await gateway.call('GET', path)).body).toMatchObject({ sums: { held: { 'plan.project-paused': 2 } } });
    const listed = (await gateway.call('GET', '/v1/plans')).body;
    expect(listed).toMatchObject({ paused: null, items: [{ projectId, name: 'Leavers', running: 1, waiting: 2, ...plan }] });

    // Whoever listens to the project hears of its pause, and of one of all projects.
    await waitFor(() =>
      heard.includes(`{"view":"plans","id":"${projectId}","projectId":"${projectId}","customerId":"${customerId}","gone":false}`),
    );
    await gateway.call('PATCH', '/v1/admin/plan', { paused: { reason: 'Moving' } });
    await waitFor(() => heard.includes('{"view":"plans","id":"all","projectId":null,"customerId":null,"gone":false}'));
    await gateway.call('PATCH', `${path}/plan`, { paused: null });
    expect((await gateway.call('GET', path)).body).toMatchObject({ sums: { held: { 'plan.paused': 2 } } });
    await gateway.call('PATCH', '/v1/admin/plan', { paused: null });
    expect((await gateway.call('GET', path)).body).toMatchObject({ sums: { held: {} } });
    stopListening.abort();
    await listening;
    const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
    const window = { from: '00:00', to: '00:00', zone: 'Europe/Berlin', days: week };
    await gateway.call('PATCH', `${path}/plan`, { window, maxMailboxes: 4 });
    expect(await gateway.call('PATCH', '/v1/workgroup/plan', { maxMailboxes: 9 })).toMatchObject({ status: 200, body: { id: 'default' } });
    const { sourceEndpointId, destinationEndpointId } = (await gateway.call('GET', path)).body as Record<string, string>;
    const limit = (endpointId = '', customer = customerId): ReturnType<RunningGateway['call']> =>
      gateway.call('PATCH', `/v1/customers/${customer}/endpoints/${endpointId}/plan`, { maxMailboxes: 5 });
    expect(await limit(sourceEndpointId)).toMatchObject({ status: 200, body: { id: sourceEndpointId, stream: 'admission' } });
    expect(await limit(destinationEndpointId)).toMatchObject({ status: 409, body: { code: 'endpoint.not-a-source' } });
    expect(await limit('01J8ZQ4N5W9K7C1B2D3E4F5G6A')).toMatchObject({ status: 404, body: { code: 'endpoint.unknown' } });
    const bound = (await gateway.call('GET', '/v1/plans')).body;
    expect(bound).toMatchObject({ items: [{ window, maxMailboxes: 4, endpointLimit: 5, heldBy: null, opensAt: null }] });
    const seen = await gateway.call('GET', `${path}/plan`);
    expect(seen.body).toMatchObject({ projectId, name: 'Leavers', window, maxMailboxes: 4, endpointLimit: 5, running: 1, waiting: 2 });
    const ifMatch = { 'if-match': seen.headers.get('etag') ?? '' };
    // The queue moves on, and other plans change; this one does not.
    await gateway.call('PATCH', '/v1/workgroup/plan', { maxMailboxes: 8 });
    await gateway.call('POST', `${path}/stop`, { mailboxes: [users[1]] }, wait);
    expect((await gateway.call('PATCH', `${path}/plan`, { maxMailboxes: 3 }, ifMatch)).status).toBe(200);
    expect((await gateway.call('PATCH', `${path}/plan`, { maxMailboxes: 2 }, ifMatch)).status).toBe(412);
    const badZone = await gateway.call('PATCH', `${path}/plan`, { window: { ...window, zone: 'Mars/Base' } });
    expect([badZone.status, JSON.stringify(badZone.body)]).toEqual([400, expect.stringContaining('such as Europe/Berlin')]);
    expect((await gateway.call('PATCH', `${path}/plan`, {})).status).toBe(400);
    const unknown = await gateway.call('PATCH', '/v1/projects/01J8ZQ4N5W9K7C1B2D3E4F5G6A/plan', plan);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'project.unknown' } });
  });
});
