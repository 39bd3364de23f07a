import { describeShared, GraphContract } from '@pstream/testing';
import { start, stopAll } from './client.fixture.js';

afterEach(stopAll);

describeShared('answers fit the API description', (shared) => {
  const contract = new GraphContract(shared);
  const BOX = 'user1@fabrikam.test';
  const USER = `/users/${BOX}`;
  const M = '/admin/exchange/mailboxes/{mailbox-id}';
  const F = `${M}/folders/{mailboxFolder-id}`;

  const gets = [
    ['/users', '/users', 200],
    ['/users/{user-id}', USER, 200],
    ['/users/{user-id}', '/users/nobody', 404],
    ['/users/{user-id}/settings/exchange', `${USER}/settings/exchange`, 200],
    ['/users/{user-id}/mailboxSettings', `${USER}/mailboxSettings`, 200],
    ['/users/{user-id}/mailFolders', `${USER}/mailFolders`, 200],
    ['/users/{user-id}/mailFolders/{mailFolder-id}/messages', `${USER}/mailFolders/inbox/messages`, 200],
    [M, '{box}', 200],
    [`${M}/folders`, '{box}/folders?includeHiddenFolders=true&$count=true', 200],
    [`${M}/folders`, '{box}/folders?$search=x', 400],
    [`${M}/folders/delta`, '{box}/folders/delta', 200],
    [F, '{box}/folders/{inbox}', 200],
    [F, '{box}/folders/short', 400],
    [`${F}/childFolders`, '{box}/folders/{inbox}/childFolders', 200],
    [`${F}/childFolders/delta`, '{box}/folders/{inbox}/childFolders/delta', 200],
    [`${F}/items`, "{box}/folders/{inbox}/items?$expand=singleValueExtendedProperties($filter=id eq 'String 0x0037')", 200],
    [`${F}/items/delta`, '{box}/folders/{inbox}/items/delta', 200],
    [`${F}/items/{mailboxItem-id}`, '{box}/folders/{inbox}/items/{item}', 200],
  ] as const;

  it.each(['v1.0', 'beta'] as const)('of every GET on %s', async (version) => {
    const client = await start();
    const box = client.mailbox(BOX, 'primary', version);
    const inbox = String((await client.call(`${box}/folders/inbox`)).at('id'));
    const [item = ''] = await client.ids(box, 1);
    for (const [path, target, status] of gets) {
      const template = `/${version}${path}`;
      if (version === 'beta' && path.startsWith('/users') && !path.endsWith('/exchange')) continue;
      const url = target.startsWith('{box}')
        ? target.replace('{box}', box).replace('{inbox}', inbox).replace('{item}', item)
        : `/${version}${target}`;
      const answer = await client.call(url);
      expect([target, answer.status, contract.complaints(template, 'get', answer.status, answer.json)]).toEqual([target, status, []]);
    }
  });

  it('of exports, batches and sign-in, good and bad', async () => {
    const client = await start({
      faults: {
        rules: [
          { on: 'exportItems', itemIndex: 1, effect: 'item-error', code: 'ErrorItemCorrupt', spelling: 'Error' },
          { on: 'exportItems', nth: 2, effect: 'throttle' },
        ],
      },
    });
    const box = client.mailbox(BOX);
    const exported = await client.post(`${box}/exportItems`, { itemIds: [...(await client.ids(box, 3)), 'short'] });
    const path = `/v1.0${M}/exportItems`;
    expect(contract.complaints(path, 'post', 200, exported.json)).toEqual([]);
    const throttled = await client.post(`${box}/exportItems`, { itemIds: ['x'] });
    expect([throttled.status, contract.complaints(path, 'post', 429, throttled.json)]).toEqual([429, []]);
    const batch = await client.post('/v1.0/$batch', { requests: [{ id: '1', method: 'GET', url: '/users' }] });
    expect(contract.complaints('/v1.0/$batch', 'post', 200, batch.json)).toEqual([]);
    expect(contract.complaints('/{tenant}/oauth2/v2.0/token', 'post', 200, (await client.signIn()).json)).toEqual([]);
    const refused = await client.signIn({ client_secret: 'no' });
    expect([refused.status, contract.complaints('/{tenant}/oauth2/v2.0/token', 'post', 401, refused.json)]).toEqual([401, []]);
  });

  it('of single messages, events, contacts and tasks, with nothing that is not declared', async () => {
    const client = await start();
    const user = `/v1.0${USER}`;
    const [message, event, contact, task] = await Promise.all(
      ['inbox', 'calendar', 'contacts', 'tasks'].map(async (folder) => (await client.ids(client.mailbox(BOX), 1, folder))[0] ?? ''),
    );
    const list = String((await client.call(`${client.mailbox(BOX)}/folders/tasks`)).at('id'));
    const read = async (target: string): Promise<Readonly<Record<string, unknown>>> => {
      const answer = await client.call(`${user}${target}`);
      expect([target, answer.status]).toEqual([target, 200]);
      return answer.json as Readonly<Record<string, unknown>>;
    };
    const id = '{message-id}';
    const found = await read(`/messages/${message}`);
    expect(contract.complaints(`/v1.0/users/{user-id}/messages/${id}`, 'get', 200, found)).toEqual([]);
    expect(contract.undeclared('microsoft.graph.message', found)).toEqual([]);
    const listed = await read(
      `/mailFolders/inbox/messages?$filter=internetMessageId eq '${String(found['internetMessageId'])}'&$select=id`,
    );
    expect(listed['value']).toEqual([expect.objectContaining({ id: message })]);
    const meeting = await read(`/events/${event}?$expand=attachments`);
    expect(contract.complaints('/v1.0/users/{user-id}/events/{event-id}', 'get', 200, meeting)).toEqual([]);
    expect(contract.undeclared('microsoft.graph.event', meeting)).toEqual([]);
    // Reading one of these is not in the description, but what it answers is.
    const person = await read(`/contacts/${contact}`);
    expect(contract.complaints('/v1.0/users/{user-id}/contacts', 'get', 200, { value: [person] })).toEqual([]);
    expect(contract.undeclared('microsoft.graph.contact', person)).toEqual([]);
    const todo = await read(`/todo/lists/${list}/tasks/${task}`);
    expect(contract.complaints('/v1.0/users/{user-id}/todo/lists/{todoTaskList-id}/tasks', 'get', 200, { value: [todo] })).toEqual([]);
    expect(contract.undeclared('microsoft.graph.todoTask', todo)).toEqual([]);
  });

  it('and would not if they were wrong', () => {
    const path = `/v1.0${M}/folders`;
    expect(contract.complaints(path, 'get', 200, { value: [{ id: 1 }] })).toEqual(['.value[0].id: is not string but 1']);
    expect(contract.complaints(path, 'get', 200, {})).toEqual(['.value: is missing']);
  });

  it('and name nothing that the description does not declare', async () => {
    const client = await start();
    const [old, beta] = [client.mailbox(BOX), client.mailbox(BOX, 'primary', 'beta')];
    expect(contract.undeclared('microsoft.graph.mailboxFolder', (await client.call(`${old}/folders`)).value[0])).toEqual([]);
    expect(contract.undeclared('microsoft.graph.beta.mailboxFolder', (await client.call(`${beta}/folders`)).value[0])).toEqual([]);
    expect(contract.undeclared('microsoft.graph.mailboxItem', (await client.call(`${old}/folders/inbox/items`)).value[0])).toEqual([]);
    expect(contract.undeclared('microsoft.graph.user', (await client.call('/v1.0/users')).value[0])).toEqual([]);
    expect(contract.undeclared('microsoft.graph.message', (await client.call(`/v1.0${USER}/mailFolders/inbox/messages`)).value[0])).toEqual(
      [],
    );
  });
});
