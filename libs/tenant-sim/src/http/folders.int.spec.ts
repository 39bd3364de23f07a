import { start, stopAll, type Client, type Entity } from '../client.fixture.js';

afterEach(stopAll);

const tree = async (
  client: Client,
  box: string,
  path = `${box}/folders?$top=200&includeHiddenFolders=true`,
): Promise<readonly Entity[]> => {
  const level = await client.all(path);
  const below = await Promise.all(
    level.map((each) => tree(client, box, `${box}/folders/${String(each['id'])}/childFolders?$top=200&includeHiddenFolders=true`)),
  );
  return [...level, ...below.flat()];
};

describe('folders', () => {
  it('come ten to a page with a next link that carries $skip', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    const first = await client.call(`${box}/folders`);
    expect(first.value).toHaveLength(10);
    expect(first.at('@odata.nextLink')).toMatch(/\$skip=10/);
    const all = await client.all(`${box}/folders`);
    expect(new Set(all.map((each) => each['id'])).size).toBe(all.length);
    expect((await client.call(`${box}/folders?$top=3`)).value).toHaveLength(3);
  });

  it('have names in the language of the mailbox, and null as well-known name where users made them', async () => {
    const client = await start();
    const german = await client.all(`${client.mailbox('user1@fabrikam.test')}/folders`);
    const inbox = german.find((each) => each['wellKnownName'] === 'inbox');
    expect(inbox?.['displayName']).toBe('Posteingang');
    expect(german.filter((each) => each['wellKnownName'] === null).length).toBeGreaterThan(0);
  });

  it('leave wellKnownName out altogether when the service is of an older kind', async () => {
    const client = await start({ wellKnownNames: false });
    expect((await client.call(`${client.mailbox('user1@fabrikam.test')}/folders`)).value[0]).not.toHaveProperty('wellKnownName');
  });

  it('are hidden unless asked for, search folders always shown and told by PR_FOLDER_TYPE', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    const expand = "&$expand=singleValueExtendedProperties($filter=id eq 'Integer 0x3601')";
    const shown = await client.all(`${box}/folders?$top=100`);
    const all = await client.all(`${box}/folders?$top=100&includeHiddenFolders=true${expand}`);
    expect(all.length).toBeGreaterThan(shown.length);
    expect(shown.map((each) => each['displayName'])).not.toContain('Quick Step Settings');
    const search = all.filter(
      (each) => JSON.stringify(each['singleValueExtendedProperties']) === JSON.stringify([{ id: 'Integer 0x3601', value: '2' }]),
    );
    expect(search.map((each) => each['displayName'])).toEqual(['Ungelesene Nachrichten']);
    expect(shown.map((each) => each['displayName'])).toContain('Ungelesene Nachrichten');
    const inbox = all.find((each) => each['wellKnownName'] === 'inbox');
    expect(search[0]?.['totalItemCount']).toBe(inbox?.['totalItemCount']);
  });

  it('hold exactly the items of the mailbox, search folders aside', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    const folders = (await tree(client, box)).filter((each) => each['displayName'] !== 'Ungelesene Nachrichten');
    expect(folders.reduce((sum, each) => sum + Number(each['totalItemCount']), 0)).toBe(60);
    expect(Math.max(...folders.map((each) => Number(each['childFolderCount'])))).toBeGreaterThan(2);
  });

  it('can be selected, filtered, sorted, counted and skipped', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    const answer = await client.call(
      `${box}/folders?$select=displayName&$filter=totalItemCount gt 0&$orderby=totalItemCount desc&$count=true&$top=2&$skip=1`,
    );
    expect(Object.keys(answer.value[0] ?? {}).toSorted()).toEqual(['displayName', 'id']);
    expect(answer.at('@odata.count')).toBeGreaterThan(3);
    expect(answer.value).toHaveLength(2);
  });

  it('are found by id and, in primary mailboxes only, by well-known name', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    expect((await client.call(`${box}/folders/Inbox`)).at('wellKnownName')).toBe('inbox');
    const archive = await client.call(`${client.mailbox('user1@fabrikam.test', 'archive')}/folders/inbox`);
    expect([archive.status, archive.at('error', 'code')]).toEqual([400, 'ErrorInvalidIdMalformed']);
  });

  it('come as a whole tree from delta, in which hidden ones are missing', async () => {
    const client = await start();
    const box = client.mailbox('user1@fabrikam.test');
    const flat = await client.all(`${box}/folders/delta`, { prefer: 'odata.maxpagesize=7' });
    const visible = (await tree(client, box)).filter(
      (each) => each['displayName'] !== 'Quick Step Settings' && each['displayName'] !== 'Conversation Action Settings',
    );
    expect(new Set(flat.map((each) => each['id']))).toEqual(new Set(visible.map((each) => each['id'])));
  });
});
