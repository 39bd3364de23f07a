import { decodeExportStream } from '@pstream/fasttransfer';
import { start, stopAll } from '../client.fixture.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';

describe('a mailbox that moves on during an export', () => {
  it('gives a changed item with another change key and other content', async () => {
    const client = await start({ faults: { rules: [{ on: 'items', itemIndex: 0, effect: 'change', times: 1 }] } });
    const box = client.mailbox(BOX);
    const listed = await client.call(`${box}/folders/inbox/items?$top=1`);
    const fresh = await start();
    const before = (await fresh.post(`${fresh.mailbox(BOX)}/exportItems`, { itemIds: [listed.value[0]?.['id']] })).value[0];
    const after = (await client.post(`${box}/exportItems`, { itemIds: [listed.value[0]?.['id']] })).value[0];
    expect(before?.['changeKey']).toBe(listed.value[0]?.['changeKey']);
    expect(after?.['changeKey']).not.toBe(listed.value[0]?.['changeKey']);
    expect(after?.['data']).not.toBe(before?.['data']);
    expect(decodeExportStream(Buffer.from(String(after?.['data']), 'base64')).properties.length).toBeGreaterThan(5);
  });

  it('no longer has an item that was deleted after the listing, or right before the export', async () => {
    const client = await start({
      faults: {
        rules: [
          { on: 'items', itemIndex: 0, effect: 'delete' },
          { on: 'exportItems', itemIndex: 1, effect: 'delete' },
        ],
      },
    });
    const box = client.mailbox(BOX);
    const total = Number((await client.call(`${box}/folders/inbox`)).at('totalItemCount'));
    const ids = (await client.call(`${box}/folders/inbox/items?$top=3`)).value.map((each) => each['id']);
    const answer = await client.post(`${box}/exportItems`, { itemIds: ids });
    expect(answer.value.map((each) => (each['error'] as { code: string } | undefined)?.code)).toEqual([
      'ErrorItemNotFound',
      'ErrorItemNotFound',
      undefined,
    ]);
    expect((await client.call(`${box}/folders/inbox`)).at('totalItemCount')).toBe(total - 2);
    expect((await client.call(`${box}/folders/inbox/items?$top=1`)).value[0]?.['id']).toBe(ids[2]);
    expect((await client.call(`${box}/folders/inbox/items/${String(ids[0])}`)).status).toBe(404);
  });

  it('finds an item that moved to the archive there, under another id, with the same search key', async () => {
    const client = await start({ faults: { rules: [{ on: 'exportItems', mailbox: BOX, itemIndex: 0, effect: 'move-to-archive' }] } });
    const [box, archive] = [client.mailbox(BOX), client.mailbox(BOX, 'archive')];
    const expand = "$expand=singleValueExtendedProperties($filter=id eq 'Binary 0x300B')";
    const inbox = (await client.call(`${archive}/folders?$top=50`)).value.find((each) => each['wellKnownName'] === 'inbox');
    const items = `${archive}/folders/${String(inbox?.['id'])}/items`;
    const before = await client.all(`${items}?$top=200`);
    const listed = (await client.call(`${box}/folders/inbox/items?$top=1&${expand}`)).value[0];
    expect((await client.post(`${box}/exportItems`, { itemIds: [listed?.['id']] })).value[0]).toHaveProperty(
      'error.code',
      'ErrorItemNotFound',
    );
    const after = await client.all(`${items}?$top=200&${expand}`);
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)?.['singleValueExtendedProperties']).toEqual(listed?.['singleValueExtendedProperties']);
    expect((await client.post(`${archive}/exportItems`, { itemIds: [after.at(-1)?.['id']] })).value[0]).toHaveProperty('data');
  });

  it('receives mail, which exports like any other', async () => {
    const client = await start({ faults: { rules: [{ on: 'items', effect: 'arrive', count: 2, times: 1 }] } });
    const box = client.mailbox(BOX);
    const total = Number((await client.call(`${box}/folders/inbox`)).at('totalItemCount'));
    const { state } = client.sim.contents.mailbox(decodeURIComponent(box.split('/').at(-1) ?? '')) ?? { state: undefined };
    const inboxId = String((await client.call(`${box}/folders/inbox`)).at('id'));
    const items = await client.all(`${box}/folders/${inboxId}/items?$top=200`);
    expect(items).toHaveLength(total + 2);
    expect((await client.post(`${box}/exportItems`, { itemIds: [items.at(-1)?.['id']] })).value[0]).toHaveProperty('data');
    expect(state?.log.map((each) => each.what)).toEqual(['added', 'added']);
  });
});
