import type { RecordedEvent } from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import fc from 'fast-check';
import { applyWhole } from './apply-whole.js';
import { expectDocument } from './expect-document.js';
import type { ProjectionStore, Stored } from './projection.js';
import { pool, seats, totals } from './seats.fixture.js';
import { memoryProjectionStore } from './sqlite-projection-store.js';

const words = fc
  .array(fc.constantFrom('1', '2', '5', 'red', 'blue', 'close', '-'), { minLength: 1, maxLength: 8 })
  .map((list) => list.join(' '));

const documentsOf = async (store: ProjectionStore): Promise<readonly Stored[]> => [
  ...(await store.find(seats.name)).documents,
  ...(await store.find(totals.name)).documents,
];

describe('projections', () => {
  it('come to the same documents whatever the interleaving, the repeats, the losses and the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(words, { minLength: 1, maxLength: 4 }),
        // Which stream goes next; and then: how many steps it goes back first (repeats), and whether its event gets lost.
        fc.array(fc.record({ stream: fc.nat(3), back: fc.constantFrom(0, 0, 0, 1, 3), lost: fc.constantFrom(false, false, false, true) }), {
          minLength: 10,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 60 }),
        async (histories, schedule, batch, rebuildAt) => {
          const streams = histories.map((history, index) => pool(`pool:${index}`, history));
          const eventStore = memoryEventStore();
          const straight = memoryProjectionStore();
          const shaken = memoryProjectionStore();
          for (const store of [straight, shaken]) for (const projection of [seats, totals]) await store.prepare(projection);
          for (const events of streams) {
            for (const { context, stream, version, type, data, at, metadata } of events)
              await eventStore.append({ context, stream, expectedVersion: version - 1, events: [{ type, data }], at, metadata });
            for (const projection of [seats, totals]) await straight.apply(projection, events);
          }

          const arriving: RecordedEvent[] = [];
          const at = streams.map(() => 0);
          for (const { stream, back, lost } of schedule) {
            const index = stream % streams.length;
            at[index] = Math.max(0, (at[index] ?? 0) - back);
            const event = streams[index]?.[at[index] ?? 0];
            if (event !== undefined && !lost) arriving.push(event);
            at[index] = (at[index] ?? 0) + 1;
          }
          // The last event of every stream always arrives: what was lost before it shows as a hole.
          for (const events of streams) arriving.push(...events.slice(-1));
          for (let start = 0; start < arriving.length; start += batch) {
            for (const projection of [seats, totals]) {
              if (start >= rebuildAt && start - batch < rebuildAt) await shaken.prepare(projection, 'g1');
              await applyWhole({ store: shaken, eventStore }, projection, arriving.slice(start, start + batch));
            }
          }
          expect(await documentsOf(shaken)).toEqual(await documentsOf(straight));
          await Promise.all([eventStore.close(), straight.close(), shaken.close()]);
        },
      ),
      { numRuns: 120 },
    );
  }, 30_000);
});

describe('expectDocument', () => {
  it('compares the document of one id', () => {
    expectDocument(totals, 'all')
      .after(...pool('pool:1', '3 4'), ...pool('pool:2', '5'))
      .toBe({ total: 12, events: 3 });
    expectDocument(seats, 'pool:1')
      .after(...pool('pool:1', '3 close'))
      .toBe(null);
    expect(() =>
      expectDocument(seats, 'pool:1')
        .after(...pool('pool:1', '3'))
        .toBe(null),
    ).toThrow();
  });
});
