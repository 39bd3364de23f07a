import { Fault, systemClock } from '@pstream/kernel';
import { DeadLetterIndex, type DeadLetterIndexOptions } from './dead-letter-index.js';
import { DeadLetters, deadLetterTopic } from './dead-letters.js';
import { at, Collector, text, textOf, type TransportFixture } from './transport.fixture.js';
import type { LogRecord, Transport } from './transport.js';

const POISON = new Fault('item-record.unreadable', { retry: 'never', facts: { header: 'ps-meta' } });
const KEY = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';

/** What an index of dead letters must hold over every message log. */
export const deadLetterIndexContract = (make: () => Promise<TransportFixture>): void => {
  let fixture: TransportFixture;
  let transport: Transport;
  let run = '';
  const indexes: DeadLetterIndex[] = [];
  const failures: unknown[] = [];

  beforeAll(async () => {
    fixture = await make();
    transport = await fixture.open();
    run = fixture.name('topics');
  });
  afterAll(async () => {
    await Promise.all(indexes.map((index) => index.close()));
    await transport.close();
    await fixture.dispose();
    expect(failures).toEqual([]);
  });

  const indexOf = (topics: readonly string[], options: Partial<DeadLetterIndexOptions> = {}): DeadLetterIndex => {
    const reads = (topic: string): boolean => topics.includes(topic);
    const failed = (error: unknown): void => void failures.push(error);
    const index = new DeadLetterIndex({ transport, clock: systemClock, group: fixture.name('index'), reads, failed, ...options });
    indexes.push(index);
    return index;
  };
  const topicOf = async (base: string): Promise<string> => {
    const name = `${run}.${base}`;
    await transport.ensureTopics([{ name, partitions: 2, durability: 'durable' }]);
    return name;
  };
  const letters = new Map<string, DeadLetters>();
  /** Writes letters of records on a topic, as a consumer that cannot use them would. */
  const bury = async (topic: string, records: readonly Partial<LogRecord>[], fault = POISON): Promise<void> => {
    const writer = letters.get(topic) ?? new DeadLetters(transport, { clock: systemClock, written: () => undefined });
    letters.set(topic, writer);
    for (const record of records) {
      const whole = { topic, partition: 1, offset: 7n, key: KEY, headers: {}, value: new TextEncoder().encode('junk'), ...record };
      await writer.write(whole, 'builder', fault, new AbortController().signal);
    }
  };

  it('shows each letter with its place, its cause and its size, and never with what is in it', async () => {
    const topic = await topicOf('shown');
    await bury(topic, [{ headers: { 'ps-meta': 'secret', dead_facts: 'not ours' } }]);
    await transport.send(deadLetterTopic(topic), [text('k', 'nobody has written this')]);
    const index = indexOf([topic]);
    expect(await index.all()).toEqual([
      {
        id: `${topic}:0`,
        topic,
        partition: 1,
        offset: '7',
        group: 'builder',
        code: 'item-record.unreadable',
        facts: { header: 'ps-meta' },
        at: expect.stringMatching(/^\d{4}-/),
        key: KEY,
        bytes: 4,
        whole: true,
        state: 'open',
        settled: null,
      },
    ]);
    expect(JSON.stringify(await index.all())).not.toContain('secret');
    expect(await index.find(`${topic}:1`)).toBeUndefined();
  });

  it('hears of letters that come later, also on topics that have had none', async () => {
    const [one, other] = [await topicOf('early'), await topicOf('late')];
    await bury(one, [{ offset: 1n }]);
    const index = indexOf([one, other]);
    expect(await index.all()).toHaveLength(1);
    await bury(one, [{ offset: 2n, key: 'ann@contoso.com' }]);
    await bury(other, [{ offset: 3n }]);
    expect((await index.all()).map(({ topic, offset, key }) => [topic, offset, key])).toEqual([
      [one, '1', KEY],
      [one, '2', null],
      [other, '3', KEY],
    ]);
    expect(index.open).toEqual({ [one]: 2, [other]: 1 });
  });

  it('puts a record back on its topic as it came, once', async () => {
    const topic = await topicOf('replayed');
    const value = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
    await bury(topic, [{ headers: { 'ps-meta': '{}' }, value }]);
    const [index, another] = [indexOf([topic]), indexOf([topic])];
    const letter = at(await index.all(), 0);
    const replayed = await index.replay(letter, 'T');
    expect(replayed).toMatchObject({ id: letter.id, state: 'replayed', settled: { by: 'T', at: expect.any(String) } });
    expect(await index.replay(replayed, 'U')).toBe(replayed);
    expect(await index.drop(replayed, 'U')).toBe(replayed);
    expect(await another.find(letter.id)).toEqual(replayed);
    expect(index.open).toEqual({});
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await transport.send(topic, [text(KEY, 'the last')]);
    await seen.until(({ records }) => records.some((record) => textOf(record) === 'the last'));
    await subscription.close();
    expect(seen.records).toHaveLength(2);
    expect(seen.records[0]).toMatchObject({ key: KEY, headers: { 'ps-meta': '{}' } });
    expect(Buffer.from(at(seen.records, 0).value).equals(Buffer.from(value))).toBe(true);
  });

  it('puts a record back once, however many want it at the same time, and whatever they have seen of it', async () => {
    const topic = await topicOf('replayed-at-once');
    await bury(topic, [{}]);
    const [index, another] = [indexOf([topic]), indexOf([topic])];
    const [letter, seenThere] = [at(await index.all(), 0), at(await another.all(), 0)];
    const [first, second, dropped] = await Promise.all([index.replay(letter, 'T'), index.replay(letter, 'U'), index.drop(letter, 'V')]);
    expect([first.state, second, dropped]).toEqual(['replayed', first, first]);
    expect(await another.replay(seenThere, 'W')).toEqual(first);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await transport.send(topic, [text(KEY, 'the last')]);
    await seen.until(({ records }) => records.some((record) => textOf(record) === 'the last'));
    await subscription.close();
    expect(seen.records).toHaveLength(2);
  });

  it('drops a letter for good, and a later process knows it', async () => {
    const topic = await topicOf('dropped');
    await bury(topic, [{ offset: 1n }, { offset: 2n }]);
    const index = indexOf([topic]);
    const dropped = await index.drop(at(await index.all(), 0), 'T');
    expect(dropped).toMatchObject({ state: 'dropped', settled: { by: 'T' } });
    expect(await index.replay(dropped, 'T')).toBe(dropped);
    const later = indexOf([topic]);
    expect((await later.all()).map(({ state }) => state)).toEqual(['dropped', 'open']);
    expect(later.open).toEqual({ [topic]: 1 });
  });

  it('does not put back what it does not have', async () => {
    const topic = await topicOf('lost');
    await bury(topic, [{ value: new Uint8Array(0) }], new Fault('transport.damaged', { retry: 'never' }));
    const index = indexOf([topic]);
    const letter = at(await index.all(), 0);
    expect(letter.whole).toBe(false);
    await expect(index.replay(letter, 'T')).rejects.toMatchObject({ code: 'dead-letters.not-whole', retry: 'never' });
    expect((await index.find(letter.id))?.state).toBe('open');
  });

  it('holds so many letters, counts the rest, and holds them when there is room', async () => {
    const topic = await topicOf('many');
    await bury(
      topic,
      Array.from({ length: 10 }, (_, n) => ({ offset: BigInt(n) })),
    );
    const index = indexOf([topic], { most: 4 });
    expect(await index.all()).toHaveLength(4);
    expect(index.open).toEqual({ [topic]: 10 });
    const dropped: (string | null)[] = [];
    for (;;) {
      const open = (await index.all()).filter(({ state }) => state === 'open');
      expect([open.length <= 4, index.open[topic] ?? 0]).toEqual([true, 10 - dropped.length]);
      const [letter] = open;
      if (letter === undefined) break;
      await index.drop(letter, 'T');
      dropped.push(letter.offset);
    }
    expect(dropped).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });
};
