import { Fault, systemClock } from '@pstream/kernel';
import { consumeByKey, type ConsumeByKeyOptions } from './consume-by-key.js';
import { DeadLetters, deadLetterTopic, type DeadLetter } from './dead-letters.js';
import { at, Collector, Condition, text, textOf, type TransportFixture } from './transport.fixture.js';
import type { LogRecord, Subscription, Transport } from './transport.js';

/** What the consumer loop must hold over a message log with `fixture`'s storage. */
export const consumeByKeyContract = (make: () => Promise<TransportFixture>): void => {
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

  const durable = async (base: string, partitions = 1): Promise<string> => {
    const name = fixture.name(base);
    await transport.ensureTopics([{ name, partitions, durability: 'durable' }]);
    return name;
  };

  const letters: DeadLetter[] = [];
  let deadLetters: DeadLetters;
  beforeAll(() => {
    deadLetters = new DeadLetters(transport, { clock: systemClock, written: (letter) => letters.push(letter) });
  });
  const unexpected = (error: unknown): never => {
    throw error;
  };
  const consume = (
    options: Omit<ConsumeByKeyOptions, 'clock' | 'deadLetters' | 'failed'>,
    failed = unexpected as (error: unknown) => void,
  ): Promise<Subscription> => consumeByKey(transport, { clock: systemClock, deadLetters, failed, ...options });

  it('works on different keys side by side and on one key in order', async () => {
    const topic = await durable('keys');
    await transport.send(
      topic,
      ['a1', 'a2', 'b1', 'c1', 'b2'].map((value) => text(value.slice(0, 1), value)),
    );
    const order: string[] = [];
    const changed = new Condition();
    const release = Promise.withResolvers<void>();
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 3,
      handler: async (record) => {
        order.push(`+${textOf(record)}`);
        changed.changed();
        if (textOf(record).endsWith('1')) await release.promise;
        order.push(`-${textOf(record)}`);
        changed.changed();
      },
    });
    await changed.until(() => order.length === 3);
    expect(order).toEqual(['+a1', '+b1', '+c1']);
    release.resolve();
    await changed.until(() => order.length === 10);
    await subscription.close();
    for (const key of ['a', 'b'])
      expect(order.filter((step) => step.includes(key))).toEqual([`+${key}1`, `-${key}1`, `+${key}2`, `-${key}2`]);
  });

  it('handles what must not wait at once: beside the record at work of its key, and beyond the places', async () => {
    const topic = await durable('ahead-of-places');
    await transport.send(topic, [text('a', 'a1'), text('a', 'a!1'), text('a', 'a2'), text('b', 'b!1')]);
    const seen: string[] = [];
    const changed = new Condition();
    const release = Promise.withResolvers<void>();
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 1,
      ahead: (record) => textOf(record).includes('!'),
      handler: async (record) => {
        seen.push(textOf(record));
        changed.changed();
        if (textOf(record) === 'a1') await release.promise;
      },
    });
    await changed.until(() => seen.length === 3);
    expect(seen).toEqual(['a1', 'a!1', 'b!1']);
    release.resolve();
    await changed.until(() => seen.length === 4);
    await subscription.close();
  });

  it('lets another record be handled while one lends its place, and counts it again afterwards', async () => {
    const topic = await durable('lent');
    await transport.send(
      topic,
      ['a', 'b', 'c'].map((value) => text(value, value)),
    );
    const begun: string[] = [];
    const changed = new Condition();
    const release = new Map(['a', 'b', 'c'].map((name) => [name, Promise.withResolvers<void>()]));
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 1,
      handler: async (record, _signal, place) => {
        begun.push(textOf(record));
        changed.changed();
        if (textOf(record) === 'a') place.lend(1);
        await release.get(textOf(record))!.promise;
      },
    });
    await changed.until(() => begun.length === 2);
    expect(begun).toEqual(['a', 'b']);
    release.get('b')!.resolve();
    release.get('a')!.resolve();
    await changed.until(() => begun.length === 3);
    release.get('c')!.resolve();
    await subscription.close();
  });

  it('gives keys that were taken first the next place, where that is wanted', async () => {
    const topic = await durable('oldest');
    await transport.send(
      topic,
      ['a1', 'b1', 'c1', 'b2', 'a2', 'c2', 'a3', 'z!'].map((value) => text(value.slice(0, 1), value)),
    );
    const seen: string[] = [];
    const changed = new Condition();
    const allTaken = Promise.withResolvers<void>();
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 1,
      oldestFirst: true,
      // The last record of all: when it is handled, the others have been taken.
      ahead: (record) => textOf(record) === 'z!',
      handler: async (record) => {
        if (textOf(record) === 'z!') return allTaken.resolve();
        await allTaken.promise;
        seen.push(textOf(record));
        changed.changed();
      },
    });
    await changed.until(() => seen.length === 7);
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1', 'c2']);
    await subscription.close();
  });

  it('keeps the records of one key that must not wait in order, whatever has to be repeated', async () => {
    const topic = await durable('ahead-in-order');
    await transport.send(topic, [text('a', 'a!1'), text('a', 'a!2')]);
    const seen: string[] = [];
    const changed = new Condition();
    let refusals = 1;
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      ahead: () => true,
      handler: (record) => {
        if (refusals-- > 0) throw new Fault('not.yet', { retry: { afterMs: 1 } });
        seen.push(textOf(record));
        changed.changed();
        return Promise.resolve();
      },
    });
    await changed.until(() => seen.length === 2);
    expect(seen).toEqual(['a!1', 'a!2']);
    await subscription.close();
  });

  it('commits the lowest record still at work, so that a restart repeats it and all after it', async () => {
    const topic = await durable('low-water');
    const group = fixture.name('g');
    await transport.send(
      topic,
      ['a', 'b', 'c', 'd'].map((value) => text(value, value)),
    );
    const done = new Condition();
    const finished: string[] = [];
    const first = await consume({
      topics: [topic],
      group,
      handler: async (record, signal) => {
        const value = textOf(record);
        if (value === 'c') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        finished.push(value);
        done.changed();
      },
    });
    await done.until(() => finished.length === 3);
    await first.close();
    expect(finished).toEqual(['a', 'b', 'd']);
    expect((await transport.backlog(topic, group)).records).toBe(2);
    const again: string[] = [];
    const second = await consume({
      topics: [topic],
      group,
      handler: (record) => {
        again.push(textOf(record));
        done.changed();
        return Promise.resolve();
      },
    });
    await done.until(() => again.length === 2);
    await second.close();
    expect(again).toEqual(['c', 'd']);
    expect((await transport.backlog(topic, group)).records).toBe(0);
  });

  it('repeats a record after the delay of its fault without holding up other keys', async () => {
    const topic = await durable('retry');
    await transport.send(topic, [text('a', 'a1'), text('a', 'a2'), text('b', 'b1'), text('b', 'b2')]);
    const seen: string[] = [];
    const changed = new Condition();
    let tries = 0;
    const mayGoOn = Promise.withResolvers<void>();
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 1,
      handler: async (record) => {
        if (textOf(record) === 'a1' && ++tries < 4) {
          if (tries === 3) await mayGoOn.promise;
          throw new Fault('test.busy', { retry: tries === 1 ? 'now' : { afterMs: 2 } });
        }
        seen.push(textOf(record));
        if (textOf(record) === 'b2') mayGoOn.resolve();
        changed.changed();
      },
    });
    // One handler at a time, and the third try holds it until b2 is done: b must have passed while a waited.
    const stuck = changed.until(() => seen.includes('b2'));
    await stuck;
    await changed.until(() => seen.length === 4);
    await subscription.close();
    expect(seen).toEqual(['b1', 'b2', 'a1', 'a2']);
  });

  it('sends what no retry can help to the dead letters, as it came, and goes on', async () => {
    const topic = await durable('dead');
    const group = fixture.name('g');
    await transport.send(topic, [text('k', 'good'), text('k', 'poison', { ce_id: '7' }), text('k', 'next')]);
    const seen = new Collector();
    const changed = new Condition();
    const handled: string[] = [];
    await deadLetters.prepare([topic]);
    const subscription = await consume({
      topics: [topic],
      group,
      handler: (record) => {
        if (textOf(record) === 'poison') return Promise.reject(new Fault('item.unreadable', { retry: 'never', facts: { bytes: 6 } }));
        handled.push(textOf(record));
        changed.changed();
        return Promise.resolve();
      },
    });
    const dead = await transport.subscribe({ topics: [deadLetterTopic(topic)], group: fixture.name('morgue'), handler: seen });
    await seen.until(({ records }) => records.length === 1);
    await changed.until(() => handled.length === 2);
    await Promise.all([subscription.close(), dead.close()]);
    expect(handled).toEqual(['good', 'next']);
    expect(textOf(at(seen.records, 0))).toBe('poison');
    expect(at(seen.records, 0).headers).toEqual({
      ce_id: '7',
      dead_at: expect.any(String),
      dead_code: 'item.unreadable',
      dead_facts: '{"bytes":6}',
      dead_group: group,
      dead_topic: topic,
      dead_partition: '0',
      dead_offset: '1',
    });
    expect(letters).toEqual([{ topic, partition: 0, offset: 1n, key: 'k', group, code: 'item.unreadable', facts: { bytes: 6 } }]);
    expect(deadLetters.counts).toEqual({ [topic]: 1 });
    expect((await transport.backlog(topic, group)).records).toBe(0);
  });

  it('leaves a record in its place whose letter is too large for the log, and says where it is', async () => {
    const topic = await durable('large-dead');
    const value = new Uint8Array(transport.maxRecordBytes);
    const tight: Transport = {
      ...bound(transport),
      send: (to, records) =>
        records.some((record) => record.value.length === value.length && 'dead_code' in (record.headers ?? {}))
          ? Promise.reject(new Fault('transport.record-too-large', { retry: 'never' }))
          : transport.send(to, records),
    };
    const narrow = new DeadLetters(tight, { clock: systemClock, written: () => undefined });
    const record: LogRecord = { topic, partition: 0, offset: 5n, key: 'k', headers: {}, value };
    await narrow.write(record, 'g', new Fault('item.unreadable', { retry: 'never' }), new AbortController().signal);
    const seen = new Collector();
    const dead = await transport.subscribe({ topics: [deadLetterTopic(topic)], group: fixture.name('morgue'), handler: seen });
    await seen.until(({ records }) => records.length === 1);
    await dead.close();
    expect(at(seen.records, 0).value).toHaveLength(0);
    expect(at(seen.records, 0).headers).toMatchObject({ dead_topic: topic, dead_offset: '5', dead_value_bytes: String(value.length) });
  });

  it('ends by our own bug with the record unacknowledged', async () => {
    const topic = await durable('bug');
    const group = fixture.name('g');
    await transport.send(topic, [text('a', 'good'), text('b', 'bug'), text('c', 'later')]);
    const ended = Promise.withResolvers<unknown>();
    const bug = new TypeError('oops');
    const subscription = await consume(
      { topics: [topic], group, concurrency: 1, handler: (record) => (textOf(record) === 'bug' ? Promise.reject(bug) : Promise.resolve()) },
      ended.resolve,
    );
    expect(await ended.promise).toBe(bug);
    await subscription.close();
    expect((await transport.backlog(topic, group)).records).toBe(2);
  });

  it('takes no more bytes than it may while handlers are slow', async () => {
    const topic = await durable('bounded', 2);
    const limit = 400_000;
    await transport.send(
      topic,
      Array.from({ length: 40 }, (_, i) => ({ key: `k${i}`, value: new Uint8Array(50_000) })),
    );
    const held: LogRecord[] = [];
    let most = 0;
    let handled = 0;
    const changed = new Condition();
    let release: (() => void)[] = [];
    const subscription = await consume({
      topics: [topic],
      group: fixture.name('g'),
      concurrency: 100,
      maxInFlightBytes: limit,
      handler: async (record) => {
        held.push(record);
        most = Math.max(
          most,
          held.reduce((sum, { value }) => sum + value.length, 0),
        );
        changed.changed();
        await new Promise<void>((resolve) => release.push(resolve));
        held.splice(held.indexOf(record), 1);
        handled++;
      },
    });
    while (handled < 40) {
      await changed.until(() => held.length === Math.min(7, 40 - handled));
      const all = release;
      release = [];
      for (const go of all) go();
      await systemClock.yield();
    }
    await subscription.close();
    expect(most).toBeLessThanOrEqual(limit);
    expect(most).toBeGreaterThan(limit / 2);
  });
};

/** The methods of a transport on an object of their own, so that one of them can be replaced. */
const bound = (transport: Transport): Transport => ({
  ensureTopics: (topics) => transport.ensureTopics(topics),
  topics: () => transport.topics(),
  send: (topic, records) => transport.send(topic, records),
  subscribe: (options) => transport.subscribe(options),
  backlog: (topic, group) => transport.backlog(topic, group),
  maxRecordBytes: transport.maxRecordBytes,
  close: () => transport.close(),
});
