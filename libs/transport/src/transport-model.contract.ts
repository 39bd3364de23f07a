import fc from 'fast-check';
import { Collector, text, textOf, type TransportFixture } from './transport.fixture.js';
import type { Transport } from './transport.js';

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), keys: fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }) }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('consume' as const), group: fc.nat(1), commit: fc.double({ min: 0, max: 1, noNaN: true }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), how: fc.constantFrom('close' as const, 'crash' as const) }) },
  ),
  { minLength: 3, maxLength: 15 },
);

const PARTITIONS = 3;

/** Any order of sending, consuming, committing, restarting and crashing agrees with a list per key and a number per group:
 *  each group sees everything from its position on, in order, and nothing that was sent is missing. */
export const transportModelContract = (make: () => Promise<TransportFixture>, runs: number): void => {
  it('agrees with a small model over any history', async () => {
    const fixture = await make();
    let transport: Transport = await fixture.open();
    try {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const topic = fixture.name('model');
          const groups = [fixture.name('g'), fixture.name('g')];
          await transport.ensureTopics([{ name: topic, partitions: PARTITIONS, durability: 'durable' }]);
          const sent = new Map<string, string[]>();
          const committed = groups.map(() => new Map<string, number>());
          let count = 0;
          for (const step of history) {
            if (step.do === 'send') {
              const records = step.keys.map((key) => text(`k${key}`, `k${key}:${count++}`));
              for (const record of records) sent.set(record.key, [...(sent.get(record.key) ?? []), textOf(record)]);
              await transport.send(topic, records);
            } else if (step.do === 'restart') {
              transport = await (step.how === 'crash' && fixture.crash !== undefined
                ? fixture.crash(transport)
                : reopen(fixture, transport));
            } else {
              const group = groups[step.group] ?? '';
              const positions = committed[step.group] ?? new Map<string, number>();
              const expected = new Map(
                [...sent]
                  .map(([key, values]) => [key, values.slice(positions.get(key) ?? 0)] as const)
                  .filter(([, values]) => values.length > 0),
              );
              const total = [...expected.values()].reduce((sum, values) => sum + values.length, 0);
              expect((await transport.backlog(topic, group)).records).toBe(total);
              const seen = new Collector();
              const subscription = await transport.subscribe({ topics: [topic], group, handler: seen, maxBatchBytes: 20 });
              await seen.until(({ records, assignments }) => records.length >= total && assignments.length === PARTITIONS);
              for (const partition of seen.assignments) {
                const own = seen.records.filter((record) => record.partition === partition.partition);
                const done = own.slice(0, Math.round(own.length * step.commit));
                const last = done.at(-1);
                if (last === undefined) continue;
                await partition.commit(last.offset + 1n);
                for (const { key } of done) positions.set(key, (positions.get(key) ?? 0) + 1);
              }
              await subscription.close();
              const found = new Map<string, string[]>();
              for (const record of seen.records) found.set(record.key, [...(found.get(record.key) ?? []), textOf(record)]);
              expect(found).toEqual(expected);
            }
          }
        }),
        { numRuns: runs },
      );
    } finally {
      await transport.close();
      await fixture.dispose();
    }
  });
};

const moves = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), records: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('keep' as const, 'hold' as const, 'let go' as const) }) },
  ),
  { minLength: 3, maxLength: 15 },
);

/** A group for which nothing is retained, and that is held up now and then, sees in order whatever is not forgotten before it comes to it, and always what
 *  is sent last. */
export const onlookerContract = (make: () => Promise<TransportFixture>, runs: number): void => {
  it('lets a group that retains nothing go on, whatever is forgotten while it is held up', async () => {
    const fixture = await make();
    const transport = await fixture.open();
    try {
      await fc.assert(
        fc.asyncProperty(moves, async (history) => {
          const [topic, keeper] = [fixture.name('watched'), fixture.name('keeper')];
          await transport.ensureTopics([{ name: topic, partitions: 1, durability: 'durable', retainFor: [keeper] }]);
          let gate = Promise.withResolvers<void>();
          gate.resolve();
          const onlooker = new Collector(() => gate.promise);
          const looking = await transport.subscribe({ topics: [topic], group: fixture.name('g'), handler: onlooker, maxBatchBytes: 1 });
          let sent = 0;
          const send = (count: number): Promise<void> =>
            transport.send(
              topic,
              Array.from({ length: count }, () => text('k', String(sent++))),
            );
          for (const move of history) {
            if (move.do === 'send') await send(move.records);
            else if (move.do === 'let go') gate.resolve();
            else if (move.do === 'hold') {
              gate.resolve();
              gate = Promise.withResolvers();
            } else {
              const { records: left } = await transport.backlog(topic, keeper);
              const kept = new Collector((partition, records) => partition.commit(records.at(-1)!.offset + 1n));
              const keeping = await transport.subscribe({ topics: [topic], group: keeper, handler: kept });
              await kept.until(({ records }) => records.length >= left);
              await keeping.close();
            }
          }
          gate.resolve();
          await send(1);
          await onlooker.until(({ texts }) => texts.includes(String(sent - 1)));
          await looking.close();
          const seen = onlooker.records.map(({ offset }) => Number(offset));
          expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
          expect(onlooker.texts).toEqual(seen.map(String));
        }),
        { numRuns: runs },
      );
    } finally {
      await transport.close();
      await fixture.dispose();
    }
  });
};

const reopen = async (fixture: TransportFixture, transport: Transport): Promise<Transport> => {
  await transport.close();
  return fixture.open();
};
