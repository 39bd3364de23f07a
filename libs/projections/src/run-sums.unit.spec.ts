import { CHANGES_TOPIC, readEnvelope, streamName, type Amounts } from '@pstream/contracts';
import { sqliteEventStore, type EventStore } from '@pstream/event-store';
import { inlineStorage } from '@pstream/storage';
import { FakeClock, waitFor } from '@pstream/testing';
import { DeadLetters } from '@pstream/transport';
import fc from 'fast-check';
import { FakeTransport } from './fake-transport.fixture.js';
import type { ProjectionStore } from './projection.js';
import { runProjections, type RunningProjections } from './run-projections.js';
import { runSums, type RunningSums } from './run-sums.js';
import { pool, seats, type Seats } from './seats.fixture.js';
import { memoryProjectionStore } from './sqlite-projection-store.js';

/** A projector on embedded stores and a log that repeats itself, which can be started over like a process. */
class Running {
  readonly clock = new FakeClock({ autoAdvance: true });
  readonly transport = new FakeTransport(this.clock);
  readonly events: EventStore;
  readonly store: ProjectionStore = memoryProjectionStore();
  #projections: RunningProjections | undefined;
  #sums: RunningSums | undefined;

  private constructor(events: EventStore) {
    this.events = events;
  }

  static async open(): Promise<Running> {
    return new Running(await sqliteEventStore({ storage: inlineStorage(), path: ':memory:' }));
  }

  async start(): Promise<void> {
    const { store, transport, clock, events: eventStore } = this;
    const deadLetters = new DeadLetters(transport, { clock, written: () => undefined });
    this.#projections = await runProjections({
      store,
      projections: [seats],
      eventStore,
      transport,
      read: readEnvelope,
      deadLetters,
      group: 'projector',
      clock,
    });
    this.#sums = await runSums({ store, transport, deadLetters, clock });
  }

  async stop(): Promise<void> {
    await this.#projections?.close();
    await this.#sums?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.store.close();
    await this.events.close();
  }

  async publish(stream: string, words: string): Promise<void> {
    const before = (await this.events.read(streamName(stream))).length;
    const recorded = pool(stream, words, before);
    for (const { context, stream: name, version, type, data, at, metadata } of recorded)
      await this.events.append({ context, stream: name, expectedVersion: version - 1, events: [{ type, data }], at, metadata });
    await this.transport.publish(recorded);
  }

  rebuild(): Promise<unknown> {
    return this.#projections?.rebuild(seats.name) ?? Promise.resolve();
  }

  settled(): Promise<unknown> {
    return waitFor(() => this.transport.behind === 0, { progress: () => this.transport.behind, what: 'all groups at the end of the log' });
  }

  async recount(): Promise<Record<string, Amounts>> {
    const sums: Record<string, { seats: number; pools: number }> = {};
    for (const { document } of (await this.store.find<Seats>(seats.name)).documents) {
      for (const scope of ['all', document.colour ?? 'bare']) {
        const sum = (sums[scope] ??= { seats: 0, pools: 0 });
        sum.seats += document.seats;
        sum.pools += 1;
      }
    }
    return sums;
  }

  async sums(): Promise<Record<string, Amounts>> {
    const all = await this.store.sums(seats.name, ['all', 'bare', 'red', 'blue']);
    return Object.fromEntries(
      [...all].filter(([, { pools = 0 }]) => pools > 0).map(([scope, amounts]) => [scope, { seats: 0, ...amounts }]),
    );
  }
}

describe('running sums', () => {
  it('equal a recount of the documents, whatever is repeated, restarted and rebuilt', async () => {
    const words = fc
      .array(fc.constantFrom('1', '2', '5', 'red', 'blue', 'close', '-'), { minLength: 1, maxLength: 4 })
      .map((list) => list.join(' '));
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ does: fc.constant('publish' as const), stream: fc.nat(4), words }) },
      {
        weight: 2,
        arbitrary: fc.record({ does: fc.constantFrom('settle' as const, 'restart' as const, 'again' as const, 'rebuild' as const) }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), fc.integer({ min: 1, max: 5 }), async (steps, batch) => {
        const system = await Running.open();
        system.transport.batch = batch;
        await system.start();
        for (const one of steps) {
          if (one.does === 'publish') await system.publish(`pool:${one.stream}`, one.words);
          else if (one.does === 'settle') await system.settled();
          else if (one.does === 'again') system.transport.redeliver();
          else if (one.does === 'rebuild') await system.rebuild();
          else {
            await system.stop();
            await system.start();
          }
        }
        await system.settled();
        expect(await system.sums()).toEqual(await system.recount());
        await system.close();
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('says which generation serves once a view was rebuilt, and has its sums by then', async () => {
    const system = await Running.open();
    await system.start();
    for (let at = 0; at < 20; at++) await system.publish(`pool:${at}`, '1 2 red');
    await system.settled();
    await system.rebuild();
    expect(await system.sums()).toEqual({ all: { seats: 60, pools: 20 }, red: { seats: 60, pools: 20 } });
    const [last] = system.transport.sent(CHANGES_TOPIC).slice(-1);
    expect(JSON.parse(new TextDecoder().decode(last?.value))).toEqual({
      view: seats.name,
      switched: await system.store.liveGeneration(seats.name),
    });
    await system.close();
  });
});
