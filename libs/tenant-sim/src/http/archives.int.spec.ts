import { generatedTenant } from '../generated/generated-tenant.js';
import { start, stopAll, type Client, type Entity } from '../client.fixture.js';
import type { ArchiveOptions } from './context.js';
import type { FaultRule } from '../fault-script.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';

const startArchive = (archives: ArchiveOptions = {}, rules: readonly FaultRule[] = []): Promise<Client> =>
  start({
    tenant: generatedTenant({ seed: 3, mailboxes: 1, itemsPerMailbox: 10, archives: true, itemsPerArchive: 120, sizeProfile: 'tiny' }),
    archives: { auxiliaries: 2, ...archives },
    faults: { rules },
  });

const folders = (client: Client): Promise<readonly Entity[]> => client.all(`${client.mailbox(BOX, 'archive')}/folders?$top=100`);

/** Follows at most five hops, as clients must. */
const follow = async (client: Client, target: string): Promise<{ status: number; hops: string[]; value: readonly Entity[] }> => {
  const hops: string[] = [];
  let link = target;
  for (;;) {
    const answer = await client.call(link);
    if (answer.status !== 308 || hops.length === 5) return { status: answer.status, hops, value: answer.value };
    link = answer.headers.get('location') ?? '';
    hops.push(link);
  }
};

describe('archive', () => {
  it('is reached through beta only', async () => {
    const client = await startArchive();
    expect((await client.call(`${client.mailbox(BOX, 'archive')}/folders`)).status).toBe(200);
    const old = await client.call(`${client.mailbox(BOX, 'archive', 'v1.0')}/folders`);
    expect([old.status, old.at('error', 'code')]).toEqual([404, 'ErrorInvalidUser']);
  });

  it('shows all folders and tells by parentMailboxUrl in which of three mailboxes each lives', async () => {
    const client = await startArchive();
    const urls = new Set((await folders(client)).map((each) => each['parentMailboxUrl']));
    expect(urls.size).toBe(3);
    for (const url of urls) {
      const own = await client.all(`${String(url)}/folders?$top=100`);
      expect(own.length).toBeGreaterThan(0);
      expect((await client.call(String(url))).status).toBe(200);
    }
  });

  it('answers 308 without body, with a path of another case, for content that lives in an auxiliary', async () => {
    const client = await startArchive();
    const box = client.mailbox(BOX, 'archive');
    const listed = await folders(client);
    const elsewhere = listed.filter((each) => !String(each['parentMailboxUrl']).endsWith(box));
    const moved = elsewhere.find((each) => Number(each['totalItemCount']) > 0);
    const target = `${box}/folders/${String(moved?.['id'])}/items?$top=2`;
    const answer = await client.call(target);
    expect([answer.status, answer.text]).toEqual([308, '']);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/\/beta\/Admin\/Exchange\/mailBoxes\/MBX/);
    expect(location).toContain(`/folders/${String(moved?.['id'])}/items?$top=2`);
    expect(await follow(client, target)).toMatchObject({ status: 200, hops: [location] });
  });

  it('redirects items of an export one by one, with both spellings of the error, to a URL that exports them', async () => {
    const client = await startArchive();
    const box = client.mailbox(BOX, 'archive');
    const ids: string[] = [];
    for (const folder of await folders(client)) {
      const page = await follow(client, `${box}/folders/${String(folder['id'])}/items?$top=3`);
      ids.push(...page.value.map((each) => String(each['id'])));
    }
    const answer = await client.post(`${box}/exportItems`, { itemIds: ids.slice(0, 20) });
    expect(answer.status).toBe(200);
    const errors = answer.value.flatMap(
      (each) => ((each['error'] ?? each['Error']) as { code: string; message: string } | undefined) ?? [],
    );
    expect(answer.value.some((each) => each['error'] !== undefined)).toBe(true);
    expect(answer.value.some((each) => each['Error'] !== undefined)).toBe(true);
    expect(answer.value.some((each) => each['data'] !== undefined)).toBe(true);
    expect(new Set(errors.map((each) => each.code))).toEqual(new Set(['ErrorArchiveFolderMovedPermanently']));
    const moved = answer.value.find((each) => each['error'] !== undefined);
    const url = errors[0]?.message ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/beta\/.*\/exportItems$/i);
    expect((await client.post(url, { itemIds: [moved?.['itemId']] })).value[0]).toHaveProperty('data');
  });

  it('can send a client round in a loop', async () => {
    const client = await startArchive({}, [
      { on: 'folder', kind: 'archive', effect: 'redirect', to: 'auxiliary:1' },
      { on: 'folder', kind: 'auxiliary', effect: 'redirect', to: 'main' },
    ]);
    const [first] = await folders(client);
    const end = await follow(client, `${client.mailbox(BOX, 'archive')}/folders/${String(first?.['id'])}`);
    expect([end.status, end.hops.length]).toEqual([308, 5]);
    const post = await startArchive({}, [{ on: 'exportItems', effect: 'redirect', to: 'self' }]);
    const box = post.mailbox(BOX, 'archive');
    const looped = await post.post(`${box}/exportItems`, { itemIds: ['x'] });
    expect([looped.status, looped.headers.get('location')?.toLowerCase()]).toEqual([
      308,
      `${post.sim.graphUrl}${box}/exportitems`.toLowerCase(),
    ]);
  });

  it('can name a hostile host, in Location and in the error of an item', async () => {
    const client = await startArchive({ auxiliaries: 0 }, [
      { on: 'items', effect: 'redirect', to: 'https://graph.microsoft.com.evil.example' },
      { on: 'exportItems', effect: 'item-moved', to: 'https://evil.example', times: 1, spelling: 'Error' },
    ]);
    const box = client.mailbox(BOX, 'archive');
    const folder = (await folders(client)).find((each) => Number(each['totalItemCount']) > 0);
    const listed = await client.call(`${box}/folders/${String(folder?.['id'])}/items`);
    expect(listed.headers.get('location')).toMatch(/^https:\/\/graph\.microsoft\.com\.evil\.example\/beta\/admin\/exchange\/mailboxes\//);
    const delta = await client.call(`${box}/folders/${String(folder?.['id'])}/items/delta`);
    const exported = await client.post(`${box}/exportItems`, { itemIds: [delta.value[0]?.['id']] });
    expect(exported.value[0]?.['Error']).toMatchObject({
      message: expect.stringMatching(/^https:\/\/evil\.example\/beta\/admin\/exchange\/mailboxes\/.*\/exportItems$/) as unknown,
    });
  });
});
