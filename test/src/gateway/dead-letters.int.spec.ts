import { eventTopic, ITEMS_TOPIC, WORK_TOPIC } from '@pstream/contracts';
import { Fault, systemClock } from '@pstream/kernel';
import { DeadLetters, type LogRecord, type Transport } from '@pstream/transport';
import { waitFor } from '@pstream/testing';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';

const KEY = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';
const UNREADABLE = new Fault('work-unit.unreadable', { retry: 'never', facts: { fields: ['kind: Invalid input'] } });

let gateway: RunningGateway;
let transport: Transport;
let letters: DeadLetters;
let buried = 0;
beforeAll(async () => {
  gateway = await startGateway();
  transport = gateway.transport;
  letters = new DeadLetters(transport, { clock: systemClock, written: () => undefined });
});
afterAll(() => gateway.close());

/** Buries a record of a topic; returns the id of its letter. */
const bury = async (topic: string, value = 'junk', fault = UNREADABLE): Promise<string> => {
  const offset = BigInt(buried++);
  const record: LogRecord = { topic, partition: 0, offset, key: KEY, headers: { a: 'b' }, value: new TextEncoder().encode(value) };
  await letters.write(record, 'a-group', fault, new AbortController().signal);
  const found = (await list('?state=all&limit=1000')).find((letter) => letter['offset'] === String(offset));
  return String(found?.['id']);
};
const call = (method: string, path: string): Promise<Reply> => gateway.call(method, `/v1/admin/dead-letters${path}`);
const list = async (query = ''): Promise<Record<string, unknown>[]> =>
  (await call('GET', query)).body['items'] as Record<string, unknown>[];
const show = async (id: string): Promise<Reply['body']> => (await call('GET', `/${id}`)).body;

describe('dead letters', () => {
  it('are listed with place and cause, newest first, page by page', async () => {
    const ids = [await bury(WORK_TOPIC), await bury(ITEMS_TOPIC), await bury(WORK_TOPIC)];
    expect((await list()).map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await list())[0]).toEqual({
      id: ids[2],
      topic: WORK_TOPIC,
      partition: 0,
      offset: '2',
      group: 'a-group',
      code: 'work-unit.unreadable',
      facts: { fields: ['kind: Invalid input'] },
      at: expect.stringMatching(/^\d{4}-/),
      key: KEY,
      bytes: 4,
      whole: true,
      state: 'open',
      settled: null,
    });
    const first = await call('GET', '?limit=2');
    expect(first.body).toMatchObject({ total: 3, limit: 2, next: expect.any(String) });
    expect((await list(`?limit=2&cursor=${String(first.body['next'])}`)).map(({ id }) => id)).toEqual([ids[0]]);
    expect((await list(`?topic=${ITEMS_TOPIC}`)).map(({ id }) => id)).toEqual([ids[1]]);
    expect((await call('GET', '?cursor=nonsense')).body).toMatchObject({ status: 400, code: 'request.bad-cursor' });
  });

  it('show the first bytes of what steers the system, and nothing of what may hold mail', async () => {
    const poison = `{"kind":"hologram"}\n\u0000${'x'.repeat(1_000)}`;
    const preview = (await show(await bury(WORK_TOPIC, poison)))['preview'] as { hex: string; text: string };
    expect(preview.text).toBe(`{"kind":"hologram"}..${'x'.repeat(235)}`);
    expect(Buffer.from(preview.hex, 'hex').toString()).toBe(poison.slice(0, 256));
    const ofMail = await show(await bury(ITEMS_TOPIC, 'Subject: secret'));
    expect(ofMail['preview']).toBeNull();
    expect([JSON.stringify(ofMail), ...gateway.logged].join()).not.toContain('secret');
  });

  it('are counted in the overview and in the health while they are open', async () => {
    const topic = eventTopic('licensing');
    const id = await bury(topic);
    const counted = async (path: string): Promise<unknown> =>
      ((await gateway.call('GET', path)).body['openDeadLetters'] as Record<string, number>)[topic];
    expect([await counted('/v1/overview'), await counted('/v1/health')]).toEqual([1, 1]);
    await call('POST', `/${id}/drop`);
    expect([await counted('/v1/overview'), await counted('/v1/health')]).toEqual([undefined, undefined]);
  });

  it('are replayed once: the record is on its topic again, as it was', async () => {
    const id = await bury(WORK_TOPIC, 'mended');
    const seen: LogRecord[] = [];
    const subscription = await transport.subscribe({
      group: 'seen',
      topics: [WORK_TOPIC],
      handler: { batch: async (_partition, records) => void seen.push(...records), failed: (error) => gateway.logged.push(String(error)) },
    });
    const replayed = await call('POST', `/${id}/replay`);
    expect(replayed).toMatchObject({ status: 200, body: { id, state: 'replayed', settled: { by: expect.any(String) } } });
    expect((await call('POST', `/${id}/replay`)).body).toEqual(replayed.body);
    expect((await call('POST', `/${id}/drop`)).body).toEqual(replayed.body);
    await waitFor(() => seen.length > 0);
    await subscription.close();
    expect(seen).toEqual([expect.objectContaining({ key: KEY, headers: { a: 'b' } })]);
    expect(new TextDecoder().decode(seen[0]?.value)).toBe('mended');
    expect((await list()).map((letter) => letter['id'])).not.toContain(id);
    expect(gateway.logged.filter((line) => line.includes('dead-letter.replayed') && line.includes(id))).toHaveLength(1);
  });

  it('are dropped for good, and that is on record', async () => {
    const id = await bury(WORK_TOPIC);
    const dropped = await call('POST', `/${id}/drop`);
    expect(dropped).toMatchObject({ status: 200, body: { id, state: 'dropped' } });
    expect((await call('POST', `/${id}/drop`)).body).toEqual(dropped.body);
    expect((await call('POST', `/${id}/replay`)).body).toMatchObject({ status: 409, code: 'dead-letter.dropped' });
    expect((await list('?state=dropped')).map((letter) => letter['id'])).toContain(id);
    expect(gateway.logged.filter((line) => line.includes('dead-letter.dropped') && line.includes(id))).toHaveLength(1);
  });

  it('are refused by name where there is nothing to replay, nowhere to put it, or no such letter', async () => {
    const damaged = await bury(WORK_TOPIC, '', new Fault('transport.damaged', { retry: 'never' }));
    expect((await call('POST', `/${damaged}/replay`)).body).toMatchObject({ status: 409, code: 'dead-letter.not-whole' });
    const orphan = await bury('gateway-1.replies.v1');
    expect((await call('POST', `/${orphan}/replay`)).body).toMatchObject({ status: 409, code: 'dead-letter.topic-gone' });
    for (const [method, path] of [
      ['GET', '/nothing'],
      ['POST', `/${WORK_TOPIC}:9999/replay`],
      ['POST', `/${WORK_TOPIC}:9999/drop`],
    ] as const)
      expect((await call(method, path)).body).toMatchObject({ status: 404, code: 'dead-letter.unknown' });
  });

  it('of topics that are not ours are none of our business', async () => {
    await transport.ensureTopics([{ name: 'orders.dead', partitions: 1, durability: 'durable' }]);
    await transport.send('orders.dead', [{ key: 'k', headers: { dead_code: 'x' }, value: new Uint8Array(1) }]);
    expect((await list('?state=all&limit=1000')).map(({ topic }) => topic)).not.toContain('orders');
  });
});
