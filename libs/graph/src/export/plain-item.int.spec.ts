import type { PlainRequest } from '../client.js';
import { connectToFake, faultOf, graphError, startFake, type FakeServer, type Reply, type Seen } from '../fake-graph.fixture.js';

const MAILBOX = { id: 'MBX:a@b', version: 'v1.0' } as const;
const message: PlainRequest = { itemId: 'i=1', folderId: 'f/1', owner: 'ada@contoso.com', kind: 'message', extendedIds: ['String 0x1035'] };
const ITEM = { id: 'i=1', categories: ['Red'], singleValueExtendedProperties: [{ id: 'String 0x1035', value: "<o'1@contoso.com>" }] };

let server: FakeServer | undefined;
afterEach(() => server?.close());

/** Answers by the first path that fits; anything else is 404. */
const serve = async (answers: readonly (readonly [RegExp, Reply | ((seen: Seen) => Reply)])[]): Promise<FakeServer> => {
  server = await startFake((seen) => {
    const answer = answers.find(([path]) => path.test(seen.path))?.[1] ?? graphError(404, 'ErrorItemNotFound');
    return typeof answer === 'function' ? answer(seen) : answer;
  });
  return server;
};
const mime: Reply = { raw: (response) => response.end('Subject: x\r\n\r\nHello') };

describe('an item that is read without its stream', () => {
  it('is a mailboxItem with its properties, a message and its MIME', async () => {
    const { requests, url } = await serve([
      [/\/items\//, { json: ITEM }],
      [/\$value$/, mime],
      [/\/messages\//, { json: { id: 'i=1', isRead: true } }],
    ]);
    const { client } = connectToFake({ url });
    const plain = await client.plainItem(MAILBOX, message);
    expect(plain).toMatchObject({ item: { categories: ['Red'] }, resource: { isRead: true } });
    expect(Buffer.from(plain.mime!).toString()).toBe('Subject: x\r\n\r\nHello');
    expect(requests.map(({ path }) => decodeURIComponent(path.split('?')[0]!))).toEqual([
      '/v1.0/admin/exchange/mailboxes/MBX:a@b/folders/f/1/items/i=1',
      '/v1.0/users/ada@contoso.com/messages/i=1',
      '/v1.0/users/ada@contoso.com/messages/i=1/$value',
    ]);
    expect(requests[0]?.path).toContain('/folders/f%2F1/items/i%3D1?');
    await client.close();
  });

  it('asks for its properties in as many calls as they need, and goes without those that are refused', async () => {
    const asked: string[][] = [];
    const { url } = await serve([
      [
        /\/items\//,
        ({ path }) => {
          const ids = [...decodeURIComponent(path).matchAll(/id eq '([^']*)'/g)].map(([, id]) => id!);
          asked.push(ids);
          if (ids.includes('Integer 0x0003')) return graphError(400, 'ErrorInvalidUrlQuery');
          return { json: { id: 'i', singleValueExtendedProperties: ids.map((id) => ({ id, value: 'v' })) } };
        },
      ],
      [/\/contacts\/[^/]*$/, { json: { displayName: 'Ada' } }],
    ]);
    const { client } = connectToFake({ url });
    const extendedIds = Array.from({ length: 60 }, (_, n) => `Integer 0x${n.toString(16).padStart(4, '0')}`);
    const { item, resource } = await client.plainItem(MAILBOX, { ...message, kind: 'contact', extendedIds });
    expect(asked.map((ids) => ids.length)).toEqual([25, 25, 10]);
    expect((item['singleValueExtendedProperties'] as unknown[]).length).toBe(35);
    expect(resource).toEqual({ displayName: 'Ada' });
    await client.close();
  });

  it('is looked for by its internet message id where the ids of the two interfaces differ', async () => {
    const { requests, url } = await serve([
      [/\/items\//, { json: ITEM }],
      [/\/mailFolders\//, { json: { value: [{ id: 'other' }] } }],
      [/\/messages\/other\/\$value$/, mime],
      [/\/messages\/other/, { json: { id: 'other', isDraft: true } }],
    ]);
    const { client } = connectToFake({ url });
    expect((await client.plainItem(MAILBOX, message)).resource).toEqual({ id: 'other', isDraft: true });
    const search = decodeURIComponent(requests.find(({ path }) => path.includes('mailFolders'))!.path);
    expect(search).toContain("internetMessageId eq '<o''1@contoso.com>'");
    await client.close();
  });

  it('of Recoverable Items is asked of the mail API only', async () => {
    const { requests, url } = await serve([
      [/\$value$/, mime],
      [/\/messages\//, { json: { id: 'i=1' } }],
    ]);
    const { client } = connectToFake({ url });
    expect((await client.plainItem(MAILBOX, { ...message, mailOnly: true })).item).toEqual({});
    expect(requests.every(({ path }) => path.startsWith('/v1.0/users/'))).toBe(true);
    await client.close();
  });

  it.each([0, 2])('is not taken for another message: %i that fit are not the one', async (count) => {
    const { url } = await serve([
      [/\/items\//, { json: ITEM }],
      [/\/mailFolders\//, { json: { value: Array.from({ length: count }, (_, n) => ({ id: `other${n}` })) } }],
    ]);
    const { client } = connectToFake({ url });
    expect(await faultOf(client.plainItem(MAILBOX, message))).toMatchObject({ code: 'graph.no-such-resource', retry: 'never' });
    await client.close();
  });

  it('that is gone is gone', async () => {
    const { url } = await serve([]);
    const { client } = connectToFake({ url });
    expect(await faultOf(client.plainItem(MAILBOX, message))).toMatchObject({ code: 'graph.item-gone' });
    await client.close();
  });

  it.each([
    ['message', 'Mail.Read'],
    ['contact', 'Contacts.Read'],
    ['event', 'Calendars.Read'],
    ['task', 'Tasks.Read.All'],
  ] as const)('as a %s needs %s, and says so', async (kind, permission) => {
    const { url } = await serve([
      [/\/items\//, { json: ITEM }],
      [/\/users\//, graphError(403, 'ErrorAccessDenied')],
    ]);
    const { client } = connectToFake({ url });
    const fault = await faultOf(client.plainItem(MAILBOX, { ...message, kind }));
    expect(fault).toMatchObject({ code: 'graph.mailbox-forbidden', facts: { permission } });
    expect(JSON.stringify(fault)).not.toContain('ada@contoso.com');
    await client.close();
  });

  it('waits with its mailbox: the calls are under the limits of the same one', async () => {
    let throttled = 0;
    const { url } = await serve([
      [/\/items\//, { json: ITEM }],
      [/\/contacts\/[^/]*$/, () => (throttled++ === 0 ? graphError(429, 'ApplicationThrottled') : { json: {} })],
    ]);
    const { client, ledger } = connectToFake({ url });
    await client.plainItem(MAILBOX, { ...message, kind: 'contact' });
    expect(ledger.map(({ mailbox }) => mailbox)).toEqual([MAILBOX.id]);
    await client.close();
  });
});
