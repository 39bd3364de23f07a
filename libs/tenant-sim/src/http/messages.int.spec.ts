import { start, stopAll } from '../client.fixture.js';

afterEach(stopAll);

const USER = '/v1.0/users/user1@fabrikam.test';

describe('the mail API, as a fallback', () => {
  it('lists recoverable items, which the mailbox API does not know', async () => {
    const client = await start();
    const listed = await client.call(`${USER}/mailFolders/recoverableitemsroot/childFolders?includeHiddenFolders=true`);
    expect(listed.value.map((each) => each['displayName'])).toEqual(['Deletions', 'Purges', 'Versions', 'DiscoveryHolds']);
    const id = String(listed.value[0]?.['id']);
    expect((await client.call(`${client.mailbox('user1@fabrikam.test')}/folders/${id}`)).at('error', 'code')).toBe('ErrorFolderNotFound');
    const messages = await client.call(`${USER}/mailFolders/${id}/messages?$top=2`);
    expect(messages.value).toHaveLength(2);
    const exported = await client.post(`${client.mailbox('user1@fabrikam.test')}/exportItems`, { itemIds: [messages.value[0]?.['id']] });
    expect(exported.value[0]).toHaveProperty('data');
    const top = await client.all(`${USER}/mailFolders?includeHiddenFolders=true&$top=100`);
    expect(top.map((each) => each['displayName'])).not.toContain('Recoverable Items');
  });

  it('refuses to export recoverable items when configured to', async () => {
    const client = await start({ recoverable: 'refuse' });
    const listed = await client.call(`${USER}/mailFolders/recoverableitemsdeletions/messages?$top=1`);
    const exported = await client.post(`${client.mailbox('user1@fabrikam.test')}/exportItems`, { itemIds: [listed.value[0]?.['id']] });
    expect(exported.value[0]).toHaveProperty('error.code', 'ErrorItemNotFound');
  });

  it('reaches an archive through its mailbox id', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test', 'archive').split('/').at(-1) ?? '';
    expect((await client.call(`/v1.0/users/${box}/mailFolders?$top=50`)).value.length).toBeGreaterThan(2);
  });

  it('gives a message as JSON and as MIME', async () => {
    const client = await start();
    const listed = await client.call(`${USER}/mailFolders/inbox/messages?$top=5`);
    const id = String(listed.value[0]?.['id']);
    const message = await client.call(`${USER}/messages/${id}?$select=subject,isRead,internetMessageId`);
    const mime = await client.call(`${USER}/messages/${id}/$value`);
    expect(mime.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(mime.text).toMatch(/^From: /);
    expect(mime.text).toContain(`Message-ID: ${String(message.at('internetMessageId'))}`);
    expect(
      Buffer.from(/Subject: =\?utf-8\?B\?([^?]+)/.exec(mime.text)?.[1] ?? '', 'base64').toString() || /Subject: (.*)/.exec(mime.text)?.[1],
    ).toContain(String(message.at('subject')).slice(0, 10));
  });

  it('has MIME of messages only', async () => {
    const client = await start();
    const [contact] = await client.ids(client.mailbox('user1@fabrikam.test'), 1, 'contacts');
    expect((await client.call(`${USER}/messages/${contact}/$value`)).at('error', 'code')).toBe('ErrorItemNotFound');
    expect((await client.call(`${USER}/messages/short/$value`)).at('error', 'code')).toBe('ErrorInvalidIdMalformed');
  });
});
