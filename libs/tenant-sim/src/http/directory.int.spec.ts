import { start, stopAll } from '../client.fixture.js';

afterEach(stopAll);

describe('users and their mailboxes', () => {
  it('finds a user by id and by name, with $select', async () => {
    const client = await start();
    const byName = await client.call('/v1.0/users/USER1@fabrikam.test');
    expect(byName.at('userPrincipalName')).toBe('user1@fabrikam.test');
    const byId = await client.call(`/v1.0/users/${String(byName.at('id'))}?$select=id,mail`);
    expect(Object.keys(byId.json as object).toSorted()).toEqual(['@odata.context', 'id', 'mail']);
    expect((await client.call('/v1.0/users/nobody@fabrikam.test')).at('error', 'code')).toBe('Request_ResourceNotFound');
    expect((await client.call('/v1.0/users/user1@fabrikam.test?$select=shoeSize')).status).toBe(400);
  });

  it('lists users page by page', async () => {
    const client = await start();
    const first = await client.call('/v1.0/users?$top=1');
    expect(first.value).toHaveLength(1);
    expect((await client.all('/v1.0/users?$top=1')).map((each) => each['userPrincipalName'])).toEqual([
      'user1@fabrikam.test',
      'user2@fabrikam.test',
    ]);
  });

  it('shows the primary mailbox id on v1.0 and the archive too on beta', async () => {
    const client = await start();
    const old = await client.call('/v1.0/users/user1@fabrikam.test/settings/exchange');
    expect(old.at('primaryMailboxId')).toMatch(/^MBX:[0-9a-f-]{36}@[0-9a-f-]{36}$/);
    expect(old.json).not.toHaveProperty('inPlaceArchiveMailboxId');
    expect((await client.call('/beta/users/user1@fabrikam.test/settings/exchange')).at('inPlaceArchiveMailboxId')).toMatch(/^MBX:/);
    expect((await client.call('/beta/users/user2@fabrikam.test/settings/exchange')).at('inPlaceArchiveMailboxId')).toBeNull();
    expect((await client.call('/beta/users/user1@fabrikam.test/settings/exchange?$select=id')).status).toBe(400);
  });

  it('answers 404 MailboxNotEnabledForRESTAPI for users whose mailbox is not in Exchange Online', async () => {
    const client = await start({ usersWithoutMailbox: ['onprem@fabrikam.test'] });
    expect((await client.call('/v1.0/users/onprem@fabrikam.test')).status).toBe(200);
    for (const path of ['settings/exchange', 'mailboxSettings', 'mailFolders']) {
      const answer = await client.call(`/v1.0/users/onprem@fabrikam.test/${path}`);
      expect([answer.status, answer.at('error', 'code')]).toEqual([404, 'MailboxNotEnabledForRESTAPI']);
    }
  });

  it('tells what a mailbox is for', async () => {
    const client = await start();
    expect((await client.call('/v1.0/users/user1@fabrikam.test/mailboxSettings')).at('userPurpose')).toBe('user');
  });

  it('shows apps and the beginnings of their secrets to whoever may read apps', async () => {
    const may = { secret: 'abcdefgh', secretEndsAt: '2026-05-01T00:00:00.000Z', roles: ['Application.Read.All'] };
    const client = await start({ credentials: [may] });
    const path = `/v1.0/applications?$filter=${encodeURIComponent(`appId eq '${client.sim.clientId}'`)}&$select=passwordCredentials`;
    expect((await client.call(path)).value).toMatchObject([
      { passwordCredentials: [{ hint: 'abc', endDateTime: '2026-05-01T00:00:00.000Z', secretText: null }] },
    ]);
    expect((await client.call(`/v1.0/applications?$filter=${encodeURIComponent("appId eq 'another'")}`)).value).toEqual([]);
    const plain = await start();
    const refused = await plain.call('/v1.0/applications');
    expect([refused.status, refused.at('error', 'code')]).toEqual([403, 'Authorization_RequestDenied']);
  });

  it('resolves many users in a batch, with dependencies, each with its own status', async () => {
    const client = await start();
    const requests = [
      { id: '1', method: 'GET', url: '/users/user1@fabrikam.test/settings/exchange' },
      { id: '2', method: 'GET', url: '/users/nobody@fabrikam.test/settings/exchange' },
      { id: '3', method: 'GET', url: '/users/user2@fabrikam.test/settings/exchange', dependsOn: ['2'] },
    ];
    const answer = await client.post('/v1.0/$batch', { requests });
    const byId = new Map((answer.at('responses') as readonly { id: string; status: number }[]).map((each) => [each.id, each.status]));
    expect([byId.get('1'), byId.get('2'), byId.get('3')]).toEqual([200, 404, 424]);
    expect(
      (
        await client.post('/v1.0/$batch', {
          requests: Array.from({ length: 21 }, (_, n) => ({ id: String(n), method: 'GET', url: '/users' })),
        })
      ).status,
    ).toBe(400);
    expect(client.sim.requests.filter((each) => each.batched)).toHaveLength(2);
  });

  it('hides a throttled part of a batch behind an outer 200', async () => {
    const client = await start({ faults: { rules: [{ on: 'settings', effect: 'throttle', retryAfterSeconds: 7, times: 1 }] } });
    const answer = await client.post('/v1.0/$batch', {
      requests: [{ id: '1', method: 'GET', url: '/users/user1@fabrikam.test/settings/exchange' }],
    });
    expect(answer.status).toBe(200);
    expect(answer.at('responses', 0)).toMatchObject({ status: 429, headers: { 'Retry-After': '7' } });
  });
});
