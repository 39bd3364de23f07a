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

const reopen = async (fixture: TransportFixture, transport: Transport): Promise<Transport> => {
  await transport.close();
  return fixture.open();
};
