import { Fault } from '@pstream/kernel';
import { at, Collector, Condition, text, textOf, type TransportFixture } from './transport.fixture.js';
import type { LogRecord, Transport } from './transport.js';

const MIB = 1024 * 1024;

const commitAll = async (collector: Collector): Promise<void> => {
  for (const partition of collector.assignments) {
    const own = collector.records.filter((record) => record.partition === partition.partition && record.topic === partition.topic);
    const last = own.at(-1);
    if (last !== undefined) await partition.commit(last.offset + 1n);
  }
};

/** What every message log must hold, on a log with `fixture`'s storage. */
export const transportContract = (make: () => Promise<TransportFixture>): void => {
  let fixture: TransportFixture;
  let transport: Transport;

  beforeAll(async () => {
    fixture = await make();
    transport = await fixture.open();
  });
  afterAll(async () => {
    await transport.close();
    await fixture.dispose();
  });

  const reopen = async (): Promise<void> => {
    await transport.close();
    transport = await fixture.open();
  };
  const durable = async (base: string, partitions = 1): Promise<string> => {
    const name = fixture.name(base);
    await transport.ensureTopics([{ name, partitions, durability: 'durable' }]);
    return name;
  };

  it('delivers key, headers and value as they were sent', async () => {
    const topic = await durable('whole');
    const value = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
    await transport.send(topic, [
      { key: 'kö', headers: { 'content-type': 'x', empty: '' }, value },
      { key: 'k', value: new Uint8Array(0) },
    ]);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ records }) => records.length === 2);
    await subscription.close();
    expect(seen.records.map(({ key, headers, offset }) => ({ key, headers, offset }))).toEqual([
      { key: 'kö', headers: { 'content-type': 'x', empty: '' }, offset: 0n },
      { key: 'k', headers: {}, offset: 1n },
    ]);
    expect(Buffer.from(at(seen.records, 0).value).equals(Buffer.from(value))).toBe(true);
    expect(at(seen.records, 1).value.length).toBe(0);
    expect(seen.revocations).toHaveLength(1);
  });

  it('names its topics', async () => {
    const topic = await durable('named');
    expect(await transport.topics()).toContain(topic);
    await reopen();
    expect(await transport.topics()).toContain(topic);
  });

  it('has no more use of a value once it is sent', async () => {
    const topic = await durable('reused');
    const values = [10, 300_000].map((length) => new Uint8Array(length).fill(7));
    await transport.send(
      topic,
      values.map((value) => ({ key: 'k', value })),
    );
    for (const value of values) value.fill(9);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ records }) => records.length === 2);
    await subscription.close();
    expect(seen.records.map(({ value }) => [value.length, value.every((byte) => byte === 7)])).toEqual([
      [10, true],
      [300_000, true],
    ]);
  });

  it('keeps the order of each key over many partitions and concurrent senders', async () => {
    const topic = await durable('order', 4);
    const keys = Array.from({ length: 10 }, (_, i) => `key-${i}`);
    await Promise.all(
      keys.map(async (key) => {
        for (let n = 0; n < 5; n++) await transport.send(topic, [text(key, `${key}:${2 * n}`), text(key, `${key}:${2 * n + 1}`)]);
      }),
    );
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ records }) => records.length === 100);
    await subscription.close();
    for (const key of keys) {
      expect(seen.records.filter((record) => record.key === key).map(textOf)).toEqual(Array.from({ length: 10 }, (_, n) => `${key}:${n}`));
      expect(new Set(seen.records.filter((record) => record.key === key).map(({ partition }) => partition)).size).toBe(1);
    }
    expect(new Set(seen.records.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  it('delivers again, after a restart, what was not committed', async () => {
    const topic = await durable('again');
    const group = fixture.name('g');
    await transport.send(
      topic,
      ['a', 'b', 'c', 'd'].map((value) => text('k', value)),
    );
    const before = new Collector();
    await transport.subscribe({ topics: [topic], group, handler: before });
    await before.until(({ records }) => records.length === 4);
    expect(before.committed).toEqual([undefined]);
    await at(before.assignments, 0).commit(2n);
    await reopen();
    await transport.send(topic, [text('k', 'e')]);
    const after = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group, handler: after });
    await after.until(({ records }) => records.length === 3);
    await subscription.close();
    expect(after.committed).toEqual([2n]);
    expect(after.texts).toEqual(['c', 'd', 'e']);
  });

  it('goes on where a handler seeks to, when assigned and later', async () => {
    const topic = await durable('seek');
    await transport.send(
      topic,
      ['a', 'b', 'c', 'd', 'e'].map((value) => text('k', value)),
    );
    const seen = new Collector();
    const assigned = seen.assigned.bind(seen);
    seen.assigned = async (partition, committed) => {
      await assigned(partition, committed);
      partition.seek(3n);
    };
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ records }) => records.length === 2);
    expect(seen.texts).toEqual(['d', 'e']);
    at(seen.assignments, 0).seek(1n);
    await seen.until(({ records }) => records.length === 6);
    expect(seen.texts).toEqual(['d', 'e', 'b', 'c', 'd', 'e']);
    expect(at(seen.assignments, 0).logStart).toBe(0n);
    await subscription.close();
  });

  it('shares the partitions among the subscriptions of one group and gives them back', async () => {
    const topic = await durable('share', 4);
    const group = fixture.name('g');
    const first = new Collector();
    const one = await transport.subscribe({ topics: [topic], group, handler: first });
    await first.until(({ assignments }) => assignments.length === 4);
    const second = new Collector();
    const two = await transport.subscribe({ topics: [topic], group, handler: second });
    await second.until(({ assignments }) => assignments.length === 2);
    const both = new Condition();
    for (const collector of [first, second]) {
      const batch = collector.batch.bind(collector);
      collector.batch = async (...given) => {
        await batch(...given);
        both.changed();
      };
    }
    const records = Array.from({ length: 40 }, (_, i) => text(`k${i}`, String(i)));
    await transport.send(topic, records);
    await both.until(() => first.records.length + second.records.length === 40);
    expect(first.records.length).toBeGreaterThan(0);
    expect(second.records.length).toBeGreaterThan(0);
    expect(new Set([...first.records, ...second.records].map(textOf)).size).toBe(40);
    await commitAll(second);
    await two.close();
    expect(second.revocations).toHaveLength(2);
    await first.until(({ assignments, revocations }) => assignments.length - revocations.length === 4);
    await one.close();
    expect(() => at(first.assignments, 0).pause()).toThrow(expect.objectContaining({ code: 'transport.not-owner' }));
    await expect(at(first.assignments, 0).commit(1n)).rejects.toMatchObject({ code: 'transport.not-owner' });
  });

  it('gives every group all records', async () => {
    const topic = await durable('groups', 2);
    await transport.send(
      topic,
      Array.from({ length: 10 }, (_, i) => text(`k${i}`, String(i))),
    );
    const groups = [new Collector(), new Collector()];
    const subscriptions = await Promise.all(
      groups.map((handler, i) => transport.subscribe({ topics: [topic], group: fixture.name(`g${i}`), handler })),
    );
    await Promise.all(groups.map((seen) => seen.until(({ records }) => records.length === 10)));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  });

  it('begins at the end where a new group asks for the latest', async () => {
    const topic = await durable('latest');
    await transport.send(topic, [text('k', 'before')]);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen, from: 'latest' });
    await transport.send(topic, [text('k', 'after')]);
    await seen.until(({ records }) => records.length > 0);
    await subscription.close();
    expect(seen.texts).toEqual(['after']);
  });

  it('holds delivery while a partition is paused', async () => {
    const topic = await durable('pause');
    const marker = await durable('pause-marker');
    await transport.send(topic, [text('k', 'a')]);
    const seen = new Collector((partition) => {
      partition.pause();
      return Promise.resolve();
    });
    const other = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    const others = await transport.subscribe({ topics: [marker], group: fixture.name('g2'), handler: other });
    await seen.until(({ records }) => records.length === 1);
    await transport.send(topic, [text('k', 'b')]);
    for (let i = 0; i < 20; i++) {
      await transport.send(marker, [text('k', String(i))]);
      await other.until(({ records }) => records.length === i + 1);
    }
    expect(seen.texts).toEqual(['a']);
    at(seen.assignments, 0).resume();
    await seen.until(({ records }) => records.length === 2);
    await Promise.all([subscription.close(), others.close()]);
  });

  it('repeats a batch after the delay of a retryable fault, and ends with the error otherwise', async () => {
    const topic = await durable('retry');
    await transport.send(topic, [text('k', 'a'), text('k', 'b')]);
    let tries = 0;
    const flaky = new Collector(() =>
      ++tries < 3 ? Promise.reject(new Fault('test.flaky', { retry: { afterMs: 5 } })) : Promise.resolve(),
    );
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: flaky });
    await flaky.until(({ records }) => records.length === 2);
    expect(flaky.texts).toEqual(['a', 'b']);
    expect(tries).toBeGreaterThanOrEqual(3);
    await subscription.close();
    const poison = new Fault('test.poison', { retry: 'never' });
    const broken = new Collector(() => Promise.reject(poison));
    const ended = await transport.subscribe({ topics: [topic], group: fixture.name('g2'), handler: broken });
    await broken.until(({ errors }) => errors.length === 1);
    expect(broken.errors).toEqual([poison]);
    expect(broken.batches).toBe(1);
    await broken.until(({ revocations }) => revocations.length === 1);
    await ended.close();
  });

  it('counts what a group has not committed', async () => {
    const topic = await durable('backlog', 2);
    const group = fixture.name('g');
    await transport.send(
      topic,
      Array.from({ length: 6 }, (_, i) => ({ key: `k${i}`, value: new Uint8Array(1000) })),
    );
    expect(await transport.backlog(topic, group)).toMatchObject({ records: 6 });
    expect((await transport.backlog(topic, group)).bytes).toBeGreaterThan(0);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group, handler: seen });
    await seen.until(({ records }) => records.length === 6);
    await commitAll(seen);
    expect(await transport.backlog(topic, group)).toEqual({ records: 0, bytes: 0 });
    await subscription.close();
  });

  it('takes records up to its limit, refuses larger ones, and hands over no more than asked for', async () => {
    const topic = await durable('large');
    const large = (byte: number): Uint8Array => new Uint8Array(transport.maxRecordBytes).fill(byte);
    await expect(transport.send(topic, [{ key: 'k', value: new Uint8Array(transport.maxRecordBytes + 1) }])).rejects.toMatchObject({
      code: 'transport.record-too-large',
      retry: 'never',
      facts: { bytes: transport.maxRecordBytes + 1, limit: transport.maxRecordBytes },
    });
    await transport.send(topic, [{ key: 'k', value: large(1) }]);
    await transport.send(
      topic,
      Array.from({ length: 8 }, () => ({ key: 'k', value: new Uint8Array(MIB / 4).fill(2) })),
    );
    await transport.send(topic, [{ key: 'k', value: large(3) }]);
    let biggest = 0;
    const seen: LogRecord[] = [];
    const handler = new Collector((_, records) => {
      const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
      if (records.length > 1) biggest = Math.max(biggest, bytes);
      seen.push(...records);
      return Promise.resolve();
    });
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler, maxBatchBytes: MIB });
    await handler.until(({ records }) => records.length === 10);
    await subscription.close();
    expect(biggest).toBeLessThanOrEqual(MIB);
    expect(Buffer.from(at(seen, 0).value).equals(Buffer.from(large(1)))).toBe(true);
    expect(Buffer.from(at(seen, 9).value).equals(Buffer.from(large(3)))).toBe(true);
  });

  it('asks for no further batch while a handler is busy, and aborts its signal when it closes', async () => {
    const topic = await durable('slow');
    await transport.send(
      topic,
      Array.from({ length: 16 }, () => ({ key: 'k', value: new Uint8Array(MIB / 4) })),
    );
    let inFlight = 0;
    let most = 0;
    const slow = new Collector(async (_, records, signal) => {
      inFlight += records.reduce((sum, { value }) => sum + value.length, 0);
      most = Math.max(most, inFlight);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve());
      });
    });
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: slow, maxBatchBytes: MIB });
    await slow.until(({ batches }) => batches === 1);
    await transport.send(topic, [text('k', 'more')]);
    await subscription.close();
    expect(slow.batches).toBe(1);
    expect(most).toBeLessThanOrEqual(MIB);
  });

  it('keeps the partitions of a topic that exists, and knows no other topic', async () => {
    const topic = await durable('twice', 3);
    await transport.ensureTopics([{ name: topic, partitions: 7, durability: 'durable' }]);
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ assignments }) => assignments.length === 3);
    await subscription.close();
    expect(new Set(seen.assignments.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
    const unknown = { code: 'transport.topic-unknown', retry: 'never' };
    await expect(transport.send(fixture.name('nowhere'), [text('k', 'v')])).rejects.toMatchObject(unknown);
    await expect(transport.subscribe({ topics: [fixture.name('nowhere')], group: 'g', handler: seen })).rejects.toMatchObject(unknown);
  });

  it('carries volatile topics within a session', async () => {
    const topic = fixture.name('volatile');
    await transport.ensureTopics([{ name: topic, partitions: 1, durability: 'volatile' }]);
    const seen = new Collector((partition, records) => partition.commit(records.at(-1)!.offset + 1n));
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    for (let i = 0; i < 20; i++) await transport.send(topic, [text('k', String(i))]);
    await seen.until(({ records }) => records.length === 20);
    await subscription.close();
  });

  it('goes on with what is there where what a slow group was to read next is forgotten', async () => {
    const [topic, keeper] = [fixture.name('forgotten'), fixture.name('keeper')];
    await transport.ensureTopics([{ name: topic, partitions: 1, durability: 'durable', retainFor: [keeper] }]);
    const held = Promise.withResolvers<void>();
    const slow = new Collector(() => held.promise);
    const reading = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: slow });
    await transport.send(topic, [text('k', 'a')]);
    await slow.until(({ batches }) => batches === 1);
    await transport.send(topic, [text('k', 'b'), text('k', 'c')]);
    const kept = new Collector((partition, records) => partition.commit(records.at(-1)!.offset + 1n));
    const keeping = await transport.subscribe({ topics: [topic], group: keeper, handler: kept });
    await kept.until(({ records }) => records.length === 3);
    held.resolve();
    await slow.until(({ records }) => records.length > 0);
    await transport.send(topic, [text('k', 'd')]);
    await slow.until(({ texts }) => texts.includes('d'));
    expect([slow.texts.at(0), slow.texts.at(-1)]).toEqual(['a', 'd']);
    await Promise.all([reading.close(), keeping.close()]);
  });

  it('keeps everything over a restart', async () => {
    const topic = await durable('restart', 2);
    await transport.send(
      topic,
      Array.from({ length: 50 }, (_, i) => text(`k${i % 5}`, String(i))),
    );
    await reopen();
    const seen = new Collector();
    const subscription = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: seen });
    await seen.until(({ records }) => records.length === 50);
    await subscription.close();
    expect(seen.texts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
};
