import { EXPORT_ROLES } from './tokens.js';
import { start, stopAll, type Client } from '../client.fixture.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';
const UNKNOWN_ID = Buffer.alloc(48, 7).toString('base64');

const without = (role: string): Promise<Client> =>
  start({ credentials: [{ secret: 's', roles: EXPORT_ROLES.filter((each) => each !== role) }] });

const outcome = async (client: Client, target: string): Promise<unknown[]> => {
  const answer = await client.call(target);
  return [answer.status, answer.at('error', 'code')];
};

describe('strictness', () => {
  it('refuses each call whose permission is missing, in the words of its service', async () => {
    expect(await outcome(await without('User.Read.All'), `/v1.0/users/${BOX}/settings/exchange`)).toEqual([
      403,
      'Authorization_RequestDenied',
    ]);
    const noFolders = await without('MailboxFolder.Read.All');
    expect(await outcome(noFolders, `${noFolders.mailbox(BOX)}/folders`)).toEqual([403, 'ErrorAccessDenied']);
    const noItems = await without('MailboxItem.Read.All');
    expect(await outcome(noItems, `${noItems.mailbox(BOX)}/folders/inbox/items`)).toEqual([403, 'ErrorAccessDenied']);
    const noExport = await without('MailboxItem.Export.All');
    expect((await noExport.post(`${noExport.mailbox(BOX)}/exportItems`, { itemIds: ['x'] })).status).toBe(403);
    const noMail = await without('Mail.Read');
    expect(await outcome(noMail, `/v1.0/users/${BOX}/mailFolders`)).toEqual([403, 'ErrorAccessDenied']);
  });

  it('refuses calls without a token or with one that it did not give', async () => {
    const client = await start({}, false);
    expect(await outcome(client, '/v1.0/users')).toEqual([401, 'InvalidAuthenticationToken']);
    const forged = await client.call('/v1.0/users', { headers: { authorization: 'Bearer a.b.c' } });
    expect([forged.status, forged.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('tells malformed, unknown and foreign ids apart', async () => {
    const client = await start();
    const box = client.mailbox(BOX);
    expect(await outcome(client, '/v1.0/admin/exchange/mailboxes/nonsense/folders')).toEqual([400, 'ErrorInvalidIdMalformed']);
    const foreign = 'MBX:00000000-0000-4000-8000-000000000000@00000000-0000-4000-8000-000000000000';
    expect(await outcome(client, `/v1.0/admin/exchange/mailboxes/${encodeURIComponent(foreign)}/folders`)).toEqual([
      404,
      'ErrorInvalidUser',
    ]);
    expect(await outcome(client, `${box}/folders/short`)).toEqual([400, 'ErrorInvalidIdMalformed']);
    expect(await outcome(client, `${box}/folders/${UNKNOWN_ID}`)).toEqual([404, 'ErrorFolderNotFound']);
    expect(await outcome(client, `${box}/folders/inbox/items/short`)).toEqual([400, 'ErrorInvalidIdMalformed']);
    expect(await outcome(client, `${box}/folders/inbox/items/${UNKNOWN_ID}`)).toEqual([404, 'ErrorItemNotFound']);
    const [id = ''] = await client.ids(box, 1);
    expect(await outcome(client, `${box}/folders/inbox/items/${id}`)).toEqual([200, undefined]);
    expect(await outcome(client, `${box}/folders/drafts/items/${id}`)).toEqual([404, 'ErrorItemNotFound']);
    expect(await outcome(client, `${box}/folders/inbox/items/${encodeURIComponent(id.toLowerCase())}`)).toEqual([404, 'ErrorItemNotFound']);
  });

  it('refuses unknown segments, methods and query options', async () => {
    const client = await start();
    const box = client.mailbox(BOX);
    expect(await outcome(client, `${box}/nothing`)).toEqual([400, 'BadRequest']);
    expect(await outcome(client, '/v2.0/users')).toEqual([400, 'BadRequest']);
    expect((await client.call(`${box}/folders`, { method: 'DELETE' })).status).toBe(405);
    const refused = [
      '$search=a',
      '$expand=items',
      '$expand=childFolders',
      '$top=x',
      '$top=1001',
      '$skip=-1',
      '$orderby=color',
      '$select=color',
      '$foo=1',
      "$filter=color eq 'red'",
      '$filter=((',
      '$count=maybe',
    ];
    for (const query of refused) expect([query, (await client.call(`${box}/folders?${query}`)).status]).toEqual([query, 400]);
    expect(await outcome(client, `${box}/folders/inbox/items?$filter=type eq 'IPM.Note' and createdDateTime ge 2020-01-01`)).toEqual([
      400,
      'InefficientFilter',
    ]);
  });

  it('lets unknown options and missing permissions pass when it is loose', async () => {
    const client = await start({ strict: false, credentials: [{ secret: 's', roles: [] }] });
    expect(await outcome(client, `${client.mailbox(BOX)}/folders?$foo=1&$select=color`)).toEqual([200, undefined]);
    expect((await client.call(`${client.mailbox(BOX)}/folders?$search=x`)).status).toBe(400);
  });

  it('reads paths without regard to case but for ids', async () => {
    const client = await start();
    const box = client.mailbox(BOX);
    expect((await client.call(box.replace('/admin/exchange/mailboxes/', '/Admin/EXCHANGE/MailBoxes/'))).at('id')).toBe(
      decodeURIComponent(box.split('/').at(-1) ?? ''),
    );
  });
});

describe('item listings', () => {
  it('filter, sort, count, select and page', async () => {
    const client = await start();
    const items = `${client.mailbox(BOX)}/folders/inbox/items`;
    const total = Number((await client.call(`${client.mailbox(BOX)}/folders/inbox`)).at('totalItemCount'));
    expect((await client.call(items)).value).toHaveLength(10);
    expect(await client.all(items)).toHaveLength(total);
    const notes = await client.call(`${items}?$filter=type eq 'IPM.Note'&$count=true&$top=100`);
    expect(notes.at('@odata.count')).toBe(notes.value.length);
    expect(new Set(notes.value.map((each) => each['type']))).toEqual(new Set(['IPM.Note']));
    const recent = await client.all(`${items}?$filter=createdDateTime ge 2021-08-21&$top=100`);
    expect(recent.length).toBeGreaterThan(0);
    for (const each of recent) expect(Date.parse(String(each['createdDateTime']))).toBeGreaterThanOrEqual(Date.parse('2021-08-21'));
    const sizes = (await client.call(`${items}?$orderby=size desc&$select=size&$top=100`)).value.map((each) => Number(each['size']));
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    const ids = (await client.all(`${items}?$orderby=createdDateTime&$top=7`)).map((each) => each['id']);
    expect(new Set(ids).size).toBe(total);
  });

  it('expand extended properties, also named ones', async () => {
    const client = await start();
    const calendar = `${client.mailbox(BOX)}/folders/calendar/items`;
    const wanted = ['String 0x0037', 'SystemTime 0x3007', 'Binary 0x300B', 'SystemTime {00062002-0000-0000-C000-000000000046} Id 0x820D']
      .map((id) => `id eq '${id}'`)
      .join(' or ');
    const [first] = (await client.call(`${calendar}?$top=1&$expand=singleValueExtendedProperties($filter=${wanted})`)).value;
    const found = new Map(
      ((first?.['singleValueExtendedProperties'] ?? []) as readonly { id: string; value: string }[]).map((each) => [each.id, each.value]),
    );
    expect([...found.keys()]).toEqual([
      'String 0x37',
      'SystemTime 0x3007',
      'Binary 0x300b',
      'SystemTime {00062002-0000-0000-c000-000000000046} Id 0x820d',
    ]);
    expect(found.get('SystemTime 0x3007')).toBe(first?.['createdDateTime']);
  });
});
