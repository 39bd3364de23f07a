import { start, stopAll, type Client } from '../client.fixture.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';

const inboxOf = async (client: Client): Promise<string> => {
  const box = client.mailbox(BOX);
  return `${box}/folders/${String((await client.call(`${box}/folders/inbox`)).at('id'))}`;
};

const round = async (client: Client, link: string): Promise<{ ids: string[]; deltaLink: string; pages: number; removed: string[] }> => {
  const out = { ids: [] as string[], deltaLink: '', pages: 0, removed: [] as string[] };
  for (let next = link; next !== ''; ) {
    const page = await client.call(next, { headers: { prefer: 'odata.maxpagesize=5' } });
    expect(page.status).toBe(200);
    out.pages++;
    for (const each of page.value) (each['@removed'] === undefined ? out.ids : out.removed).push(String(each['id']));
    next = (page.at('@odata.nextLink') as string | undefined) ?? '';
    out.deltaLink = (page.at('@odata.deltaLink') as string | undefined) ?? '';
  }
  return out;
};

const mailboxOf = (client: Client): NonNullable<ReturnType<typeof client.sim.contents.mailbox>> => {
  const user = client.sim.contents.user(BOX);
  const mailbox = user === undefined ? undefined : client.sim.contents.primary(user);
  if (mailbox === undefined) throw new Error('no mailbox');
  return mailbox;
};

describe('items/delta', () => {
  it('gives each item once and ends in a delta link that has nothing more to say', async () => {
    const client = await start();
    const inbox = await inboxOf(client);
    const first = await round(client, `${inbox}/items/delta`);
    const total = Number((await client.call(inbox)).at('totalItemCount'));
    expect(first.ids).toHaveLength(total);
    expect(new Set(first.ids).size).toBe(total);
    expect(first.pages).toBe(Math.ceil(total / 5));
    expect(await round(client, first.deltaLink)).toMatchObject({ ids: [], removed: [], pages: 1 });
  });

  it('tells what changed, went and came since, upserts and @removed', async () => {
    const client = await start();
    const inbox = await inboxOf(client);
    const first = await round(client, `${inbox}/items/delta`);
    const { state } = mailboxOf(client);
    const [a, b] = await Promise.all(first.ids.slice(0, 2).map((id) => state.find(id)));
    if (a?.is !== 'item' || b?.is !== 'item') throw new Error('no items');
    state.change(a.item);
    state.delete(b.item);
    const home = state.folder(a.item.folderId);
    const arrived = home === undefined ? undefined : await state.arrive(home);
    const second = await round(client, first.deltaLink);
    expect(new Set(second.ids)).toEqual(new Set([a.item.id, arrived?.id]));
    expect(second.removed).toEqual([b.item.id]);
    expect(await round(client, second.deltaLink)).toMatchObject({ ids: [], removed: [] });
  });

  it('reports deletions that happen during the first round in the next one', async () => {
    const client = await start();
    const inbox = await inboxOf(client);
    const page = await client.call(`${inbox}/items/delta`, { headers: { prefer: 'odata.maxpagesize=5' } });
    const { state } = mailboxOf(client);
    const gone = await state.find(String(page.value[0]?.['id']));
    if (gone.is === 'item') state.delete(gone.item);
    const rest = await round(client, String(page.at('@odata.nextLink')));
    expect((await round(client, rest.deltaLink)).removed).toEqual([page.value[0]?.['id']]);
  });

  it('has empty pages with a next link, repeats and @removed in the first round when a script says so', async () => {
    const rules = [
      { on: 'itemsDelta', effect: 'empty-page', nth: 2, times: 1 },
      { on: 'itemsDelta', effect: 'repeat', count: 2, nth: 3, times: 1 },
      { on: 'itemsDelta', effect: 'removed', count: 1, nth: 1, times: 1 },
    ] as const;
    const client = await start({ faults: { rules } });
    const inbox = await inboxOf(client);
    const total = Number((await client.call(inbox)).at('totalItemCount'));
    const first = await round(client, `${inbox}/items/delta`);
    expect(first.pages).toBe(Math.ceil(total / 5) + 1);
    expect(first.ids).toHaveLength(total + 2);
    expect(new Set(first.ids).size).toBe(total);
    expect(first.removed).toHaveLength(1);
  });

  it('answers 410 to a dead token, with the code of the script, and to one that was tampered with', async () => {
    const client = await start({ faults: { rules: [{ on: 'itemsDelta', effect: 'dead-token', code: 'resyncRequired', times: 1 }] } });
    const inbox = await inboxOf(client);
    const page = await client.call(`${inbox}/items/delta`, { headers: { prefer: 'odata.maxpagesize=5' } });
    const next = String(page.at('@odata.nextLink'));
    const dead = await client.call(next);
    expect([dead.status, dead.at('error', 'code')]).toEqual([410, 'resyncRequired']);
    expect((await client.call(next)).status).toBe(200);
    expect((await client.call(`${next.slice(0, -4)}AAAA`)).status).toBe(410);
    expect((await client.call(next.replace('/v1.0/', '/beta/'))).status).toBe(200);
  });

  it('outlives a restart with its tokens, but not when they point behind what is known', async () => {
    const client = await start();
    const first = await round(client, `${await inboxOf(client)}/items/delta`);
    const { state } = mailboxOf(client);
    const found = await state.find(first.ids[0] ?? '');
    if (found.is === 'item') state.change(found.item);
    const changed = await round(client, first.deltaLink);
    const again = await start();
    const moved = (link: string): string => link.replace(client.sim.graphUrl, again.sim.graphUrl);
    expect((await again.call(moved(first.deltaLink))).status).toBe(200);
    expect((await again.call(moved(changed.deltaLink))).status).toBe(410);
  });

  it('takes the filters and the order that are documented, and refuses others', async () => {
    const client = await start();
    const inbox = await inboxOf(client);
    const all = await round(client, `${inbox}/items/delta`);
    const newest = await round(client, `${inbox}/items/delta?$orderby=receivedDateTime desc`);
    expect(newest.ids).toEqual(all.ids.toReversed());
    const since = await round(client, `${inbox}/items/delta?$filter=receivedDateTime ge 2020-01-01T00:00:00Z`);
    expect(since.ids.length).toBeGreaterThan(0);
    expect(since.ids.length).toBeLessThan(all.ids.length);
    for (const query of ["$filter=type eq 'IPM.Note'", '$orderby=size', '$skip=1', '$search=x'])
      expect((await client.call(`${inbox}/items/delta?${query}`)).status).toBe(400);
    expect(Object.keys((await client.call(`${inbox}/items/delta?$select=size`)).value[0] ?? {}).toSorted()).toEqual([
      '@odata.etag',
      'id',
      'size',
    ]);
  });
});
