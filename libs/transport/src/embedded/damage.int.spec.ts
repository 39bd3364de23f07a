import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isFault, systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { consumeByKey } from '../consume-by-key.js';
import { DeadLetters, deadLetterTopic } from '../dead-letters.js';
import { Collector, text, textOf } from '../transport.fixture.js';
import type { DamagedRecord, OutgoingRecord, PartitionConsumer } from '../transport.js';
import { flipBitNear } from './damage.fixture.js';
import { openIn } from './embedded.fixture.js';

/** Notes damaged records beside the whole ones. */
class DamageCollector extends Collector {
  readonly damage: DamagedRecord[] = [];

  damaged(_: PartitionConsumer, record: DamagedRecord): Promise<void> {
    this.damage.push(record);
    // Wakes whoever waits for the records.
    return this.batch(_, [], new AbortController().signal);
  }
}

const filled = async (records: readonly OutgoingRecord[], partitions = 1): Promise<string> => {
  const dir = tempDir();
  const transport = await openIn(dir);
  await transport.ensureTopics([{ name: 'items', partitions, durability: 'durable' }]);
  for (const record of records) await transport.send('items', [record]);
  await transport.close();
  return dir;
};

describe('a damaged record of the embedded log', () => {
  it('is reported in its turn with place, cause and what was found, and delivery goes on behind it', async () => {
    const dir = await filled(['a', 'b', 'c'].map((value) => text(`key-${value}`, `value-${value}`, { kind: value })));
    flipBitNear(dir, 'value-b');
    const reported: DamagedRecord[] = [];
    const transport = await openIn(dir, { damaged: (record) => reported.push(record) });
    const seen = new DamageCollector();
    await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await transport.subscribe({ topics: ['items'], group: 'h', handler: new DamageCollector() });
    await seen.until(({ records }) => records.length === 2);
    expect(seen.texts).toEqual(['value-a', 'value-c']);
    expect(seen.damage).toEqual([
      {
        topic: 'items',
        partition: 0,
        offset: 1n,
        fault: expect.objectContaining({
          code: 'transport.damaged',
          retry: 'never',
          facts: { file: 'log.sqlite', topic: 'items', partition: 0, offset: 1, reason: 'checksum', errcode: 0 },
        }),
        found: { key: 'key-b', headers: { kind: 'b' } },
      },
    ]);
    await transport.close();
    expect(reported).toHaveLength(1);
  });

  it('ends a subscription that cannot be told of it, with the fault', async () => {
    const dir = await filled([text('k', 'value-a')]);
    flipBitNear(dir, 'value-a');
    const transport = await openIn(dir);
    const seen = new Collector();
    await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
    await seen.until(({ errors }) => errors.length === 1);
    expect(seen.errors).toMatchObject([{ code: 'transport.damaged' }]);
    await transport.close();
  });

  it('becomes a dead letter of the consumer loop', async () => {
    const dir = await filled(['a', 'b', 'c'].map((value) => text(`key-${value}`, `value-${value}`)));
    flipBitNear(dir, 'value-b');
    const transport = await openIn(dir);
    const handled: string[] = [];
    const deadLetters = new DeadLetters(transport, { clock: systemClock, written: () => undefined });
    await deadLetters.prepare(['items']);
    const ended: unknown[] = [];
    const consumer = await consumeByKey(transport, {
      clock: systemClock,
      topics: ['items'],
      group: 'g',
      deadLetters,
      failed: (error) => ended.push(error),
      handler: (record) => Promise.resolve(void handled.push(textOf(record))),
    });
    const dead = new Collector();
    await transport.subscribe({ topics: [deadLetterTopic('items')], group: 'dead', handler: dead });
    await dead.until(({ records }) => records.length === 1);
    expect(dead.records[0]).toMatchObject({ key: 'key-b', headers: { dead_code: 'transport.damaged', dead_offset: '1', dead_group: 'g' } });
    await consumer.close();
    expect(ended).toEqual([]);
    expect(handled.sort()).toEqual(['value-a', 'value-c']);
    expect(await transport.backlog('items', 'g')).toMatchObject({ records: 0 });
    await transport.close();
  });

  it('hides no other record, wherever bits are flipped in the pages of one partition', async () => {
    const values = Array.from({ length: 60 }, (_, i) => ({ key: `key-${i % 7}`, value: randomBytes(i % 9 === 0 ? 80_000 : 700) }));
    const dir = await filled(values, 2);
    const path = join(dir, 'log.sqlite');
    const whole = readFileSync(path);
    const database = new DatabaseSync(path);
    const pages = database
      .prepare(`SELECT pageno FROM dbstat WHERE name = 'records_1'`)
      .all()
      .map((row) => Number(row['pageno']));
    database.close();
    expect(pages.length).toBeGreaterThan(5);
    const partitionOf = await (async () => {
      const transport = await openIn(dir);
      const seen = new Collector();
      await transport.subscribe({ topics: ['items'], group: 'g', handler: seen });
      await seen.until(({ records }) => records.length === 60);
      await transport.close();
      return seen.records;
    })();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pages),
        // Half of the flips where a page keeps its structure.
        fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 32_767 })),
        fc.integer({ min: 0, max: 7 }),
        async (page, at, bit) => {
          const copy = Buffer.from(whole);
          const place = (page - 1) * 32_768 + at;
          copy[place] = copy[place]! ^ (1 << bit);
          writeFileSync(path, copy);
          const transport = await openIn(dir);
          try {
            const seen = new DamageCollector();
            await transport.subscribe({ topics: ['items'], group: 'again', handler: seen });
            await seen.until(({ records, errors }) => records.length + seen.damage.length === 60 || errors.length > 0);
            expect(seen.errors).toEqual([]);
            const lost = new Set(seen.damage.map(({ partition, offset }) => `${partition}/${offset}`));
            expect([...lost].every((one) => one.startsWith('0/'))).toBe(true);
            for (const record of partitionOf) {
              if (lost.has(`${record.partition}/${record.offset}`)) continue;
              const found = seen.records.find(({ partition, offset }) => partition === record.partition && offset === record.offset);
              expect(found?.key).toBe(record.key);
              expect(Buffer.from(found?.value ?? []).equals(Buffer.from(record.value))).toBe(true);
            }
          } finally {
            await transport.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves a clean prefix, or the name of the file, wherever the write-ahead log was cut or scribbled over', async () => {
    const dir = tempDir();
    const transport = await openIn(dir);
    await transport.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
    for (let i = 0; i < 30; i++)
      await transport.send('items', [{ key: `k${i}`, value: new Uint8Array(i % 5 === 0 ? 50_000 : 300).fill(i) }]);
    const [database, wal] = ['log.sqlite', 'log.sqlite-wal'].map((name) => readFileSync(join(dir, name)));
    await transport.close();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: wal!.length - 20 }), fc.constantFrom('cut', 'scribble'), async (at, how) => {
        const copy = tempDir();
        const torn = Buffer.from(wal!);
        torn.fill('scribbled over', at, at + 14);
        writeFileSync(join(copy, 'log.sqlite'), database!);
        writeFileSync(join(copy, 'log.sqlite-wal'), how === 'cut' ? torn.subarray(0, at) : torn);
        try {
          const after = await openIn(copy);
          try {
            await after.ensureTopics([{ name: 'items', partitions: 1, durability: 'durable' }]);
            const { records } = await after.backlog('items', 'g');
            const seen = new Collector();
            await after.subscribe({ topics: ['items'], group: 'g', handler: seen });
            await seen.until((all) => all.records.length === records);
            // Nobody goes on from a log that has lost its end without knowing: whatever it lost is asked for again.
            if (how === 'scribble' && records < 30) expect(after.incomplete).toBe(true);
            seen.records.forEach(({ offset, key }, i) => expect([offset, key]).toEqual([BigInt(i), `k${i}`]));
          } finally {
            await after.close();
          }
        } catch (error) {
          if (!isFault(error)) throw error;
          expect(error.facts['file']).toBe('log.sqlite');
        }
      }),
      { numRuns: 40 },
    );
  });
});
