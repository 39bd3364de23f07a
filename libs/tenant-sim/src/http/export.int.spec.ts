import { createHash } from 'node:crypto';
import { decodeExportStream } from '@pstream/fasttransfer';
import type { MapiItem } from '@pstream/mapi';
import { generatedTenant } from '../generated/generated-tenant.js';
import { start, stopAll, type Client } from '../client.fixture.js';
import type { FaultRule } from '../fault-script.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';

const startWith = async (...rules: readonly FaultRule[]): Promise<{ client: Client; url: string; ids: readonly string[] }> => {
  const client = await start({ faults: { rules } });
  const box = client.mailbox(BOX);
  return { client, url: `${box}/exportItems`, ids: await client.ids(box, 10) };
};

const bytes = (data: unknown): Buffer => Buffer.from(String(data), 'base64');

describe('exportItems', () => {
  it('returns each item with its change key and a stream that decodes', async () => {
    const { client, url, ids } = await startWith();
    const answer = await client.post(url, { itemIds: ids });
    expect(answer.value.map((each) => each['itemId'])).toEqual(ids);
    for (const entry of answer.value) expect(decodeExportStream(bytes(entry['data'])).properties.length).toBeGreaterThan(5);
    expect((await client.post(url, { ItemIds: ids.slice(0, 1) })).value).toHaveLength(1);
  });

  it('gives the same bytes again, from another start with the same seed too', async () => {
    const [one, two] = [await startWith(), await startWith()];
    const hash = async (each: typeof one): Promise<string> =>
      createHash('sha256')
        .update(JSON.stringify((await each.client.post(each.url, { itemIds: each.ids })).value))
        .digest('hex');
    expect([await hash(one), await hash(one)]).toEqual([await hash(two), await hash(two)]);
  });

  it('takes 1 to 20 ids as JSON and refuses everything else', async () => {
    const { client, url, ids } = await startWith();
    const id = ids[0] ?? '';
    expect((await client.post(url, { itemIds: Array.from({ length: 20 }, () => id) })).status).toBe(200);
    for (const body of [{ itemIds: Array.from({ length: 21 }, () => id) }, { itemIds: [] }, { itemIds: id }, { itemIds: [1] }, {}, null])
      expect((await client.post(url, body)).status).toBe(400);
    expect((await client.call(url, { method: 'POST', body: '{"itemIds":', headers: { 'content-type': 'application/json' } })).status).toBe(
      400,
    );
    expect((await client.call(url, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await client.call(url)).status).toBe(405);
  });

  it('reports malformed, unknown and foreign ids per item', async () => {
    const { client, url, ids } = await startWith();
    const foreign = (await client.call(`${client.mailbox(BOX, 'archive')}/folders?$top=50`)).value.find(
      (each) => Number(each['totalItemCount']) > 0,
    );
    const archived = (await client.call(`${client.mailbox(BOX, 'archive')}/folders/${String(foreign?.['id'])}/items?$top=1`)).value[0]?.[
      'id'
    ];
    const unknown = Buffer.alloc(48, 9).toString('base64');
    const answer = await client.post(url, { itemIds: [ids[0], 'short', unknown, archived, (ids[0] ?? '').toLowerCase()] });
    expect(answer.value.map((each) => (each['error'] as { code: string } | undefined)?.code)).toEqual([
      undefined,
      'ErrorInvalidIdMalformed',
      'ErrorItemNotFound',
      'ErrorInvalidId',
      'ErrorItemNotFound',
    ]);
  });

  it('can fail an item for good, or the first times only', async () => {
    const { client, url, ids } = await startWith(
      { on: 'exportItems', mailbox: BOX, itemIndex: 0, effect: 'item-error', code: 'ErrorItemCorrupt' },
      { on: 'exportItems', mailbox: BOX, itemIndex: 1, effect: 'item-error', code: 'ErrorServerBusy', times: 2, spelling: 'Error' },
    );
    const codes = async (): Promise<unknown[]> =>
      (await client.post(url, { itemIds: ids.slice(0, 3) })).value.map(
        (each) => ((each['error'] ?? each['Error']) as { code: string } | undefined)?.code,
      );
    expect([await codes(), await codes(), await codes()]).toEqual([
      ['ErrorItemCorrupt', 'ErrorServerBusy', undefined],
      ['ErrorItemCorrupt', 'ErrorServerBusy', undefined],
      ['ErrorItemCorrupt', undefined, undefined],
    ]);
    expect(client.sim.faultsFired()).toEqual([3, 2]);
  });

  it('can leave entries out, or leave their data out', async () => {
    const { client, url, ids } = await startWith(
      { on: 'exportItems', itemIndex: 1, effect: 'item-missing', times: 1 },
      { on: 'exportItems', itemIndex: 2, effect: 'item-without-data', times: 1 },
    );
    const answer = await client.post(url, { itemIds: ids.slice(0, 3) });
    expect(answer.value.map((each) => each['itemId'])).toEqual([ids[0], ids[2]]);
    expect(answer.value[1]).not.toHaveProperty('data');
    expect((await client.post(url, { itemIds: ids.slice(0, 3) })).value).toHaveLength(3);
  });

  it('can make a stream forty times as large as the listing says, still well-formed', async () => {
    const { client, url, ids } = await startWith({ on: 'exportItems', itemIndex: 0, effect: 'item-inflated' });
    const size = Number((await client.call(`${client.mailbox(BOX)}/folders/inbox/items?$top=1`)).value[0]?.['size']);
    const stream = bytes((await client.post(url, { itemIds: ids.slice(0, 1) })).value[0]?.['data']);
    expect(stream.length / size).toBeGreaterThan(39);
    expect(decodeExportStream(stream).attachments.at(-1)?.properties.length).toBeGreaterThanOrEqual(4);
  });

  it('streams an item of 100 MB without holding it', async () => {
    const { client, url, ids } = await startWith({ on: 'exportItems', itemIndex: 0, effect: 'item-inflated', bytes: 100_000_000 });
    const token = await client.signIn();
    const response = await fetch(`${client.sim.graphUrl}${url}`, {
      method: 'POST',
      body: JSON.stringify({ itemIds: ids.slice(0, 1) }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${String(token.at('access_token'))}` },
    });
    let total = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) total += chunk.length;
    expect(total).toBeGreaterThan(133_000_000);
  });

  it('can cut the JSON, after value or anywhere, under a 200', async () => {
    const { client, url, ids } = await startWith(
      { on: 'exportItems', effect: 'truncate', times: 1 },
      { on: 'exportItems', effect: 'truncate', afterBytes: 1000, nth: 2, times: 1 },
    );
    const first = await client.post(url, { itemIds: ids });
    expect([first.status, first.json, first.text.endsWith('"value":[')]).toEqual([200, undefined, true]);
    const second = await client.post(url, { itemIds: ids });
    expect([second.status, second.json, second.text.length]).toEqual([200, undefined, 1000]);
    expect((await client.post(url, { itemIds: ids })).value).toHaveLength(ids.length);
  });

  it('can break the connection in the middle, before the answer, or never answer', async () => {
    const { client, url, ids } = await startWith(
      { on: 'exportItems', effect: 'cut', afterBytes: 500, times: 1 },
      { on: 'exportItems', effect: 'reset', nth: 2, times: 1 },
      { on: 'exportItems', effect: 'hang', nth: 3, times: 1 },
    );
    await expect(client.post(url, { itemIds: ids })).rejects.toThrow();
    await expect(client.post(url, { itemIds: ids })).rejects.toThrow();
    const patience = new AbortController();
    const waiting = client.call(url, {
      method: 'POST',
      body: JSON.stringify({ itemIds: ids }),
      headers: { 'content-type': 'application/json' },
      signal: patience.signal,
    });
    while (client.sim.requests.filter((each) => each.operation === 'exportItems').length < 3)
      await new Promise((resolve) => setImmediate(resolve));
    patience.abort();
    await expect(waiting).rejects.toThrow();
    expect((await client.post(url, { itemIds: ids })).status).toBe(200);
  });

  it('can end an item with the truncation text, in the base64 or in the bytes, and cut or damage a stream', async () => {
    const { client, url, ids } = await startWith(
      { on: 'exportItems', itemIndex: 0, effect: 'item-truncated-text' },
      { on: 'exportItems', itemIndex: 1, effect: 'item-truncated-text', place: 'bytes' },
      { on: 'exportItems', itemIndex: 2, effect: 'item-cut', atBytes: 100 },
      { on: 'exportItems', itemIndex: 3, effect: 'item-damaged', atBytes: 0 },
    );
    const { value } = await client.post(url, { itemIds: ids.slice(0, 4) });
    expect(String(value[0]?.['data']).endsWith('=== Truncated Data ===')).toBe(true);
    expect(bytes(value[1]?.['data']).toString('latin1').endsWith('=== Truncated Data ===')).toBe(true);
    expect(bytes(value[2]?.['data'])).toHaveLength(100);
    for (const entry of value.slice(1)) expect(() => decodeExportStream(bytes(entry['data']))).toThrow();
  });

  it('can leave attachments out of a stream that stays well-formed and promises them', async () => {
    const { client, url, ids } = await startWith({ on: 'exportItems', effect: 'item-shortened', times: 10 });
    const exported = async (): Promise<MapiItem[]> => {
      const { value } = await client.post(url, { itemIds: ids });
      return value.map((entry) => decodeExportStream(bytes(entry['data'])));
    };
    const [short, whole] = [await exported(), await exported()];
    expect(whole.some(({ attachments }) => attachments.length > 0)).toBe(true);
    expect(short).toEqual(whole.map((item) => ({ ...item, attachments: [] })));
  });

  it('can be slow, by the clock', async () => {
    const { client, url, ids } = await startWith({ on: 'exportItems', effect: 'slow', bytesPerSecond: 400_000, times: 1 });
    const answer = await client.post(url, { itemIds: ids.slice(0, 2) });
    expect(answer.value).toHaveLength(2);
    const record = client.sim.requests.find((each) => each.operation === 'exportItems');
    expect(record?.milliseconds).toBeGreaterThan(50);
  });

  it('fails large batches only, so that halving them helps', async () => {
    const { client, url, ids } = await startWith({ on: 'exportItems', minItems: 5, effect: 'timeout' });
    expect((await client.post(url, { itemIds: ids })).status).toBe(504);
    expect((await client.post(url, { itemIds: ids.slice(0, 4) })).status).toBe(200);
  });

  it('exports the large items of the large profile in pieces', async () => {
    const tenant = generatedTenant({
      seed: 5,
      mailboxes: 1,
      itemsPerMailbox: 40,
      sizeProfile: { averageBytes: 2_000_000, largestBytes: 8_000_000 },
    });
    const client = await start({ tenant });
    const box = client.mailbox(BOX);
    const listed = await client.call(`${box}/folders/inbox/items?$orderby=size desc&$top=1`);
    const answer = await client.post(`${box}/exportItems`, { itemIds: [listed.value[0]?.['id']] });
    const stream = bytes(answer.value[0]?.['data']);
    expect(stream.length).toBeGreaterThan(1_500_000);
    expect(decodeExportStream(stream).properties.length).toBeGreaterThan(10);
  });
});
