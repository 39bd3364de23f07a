import { readEnvelope, streamName, topics, type DomainEvent } from '@pstream/contracts';
import { sqliteEventStore, startRelay, streamOf } from '@pstream/event-store';
import { accept, systemClock } from '@pstream/kernel';
import { inlineStorage } from '@pstream/storage';
import { tempDir, waitFor } from '@pstream/testing';
import { DeadLetters, memoryTransport } from '@pstream/transport';
import { join } from 'node:path';
import { runProjections } from './run-projections.js';
import { seats, totals } from './seats.fixture.js';
import { sqliteProjectionStore } from './sqlite-projection-store.js';
import { waitForVersion } from './wait-for-version.js';

type SeatsAdded = DomainEvent<'SeatsAdded', { readonly seats: number }>;

describe('command to query on the embedded adapters', () => {
  it('goes the whole way, also when stores, relay and projections are restarted in the middle', async () => {
    const folder = tempDir();
    const clock = systemClock;
    const storage = inlineStorage();
    const transport = await memoryTransport(clock);
    await transport.ensureTopics(topics({ work: 1, items: 1, events: 4 }));
    const open = async (): Promise<{
      add: (poolNumber: number, seatCount: number, commandId: string) => Promise<{ stream: string; version: number }>;
      read: (stream: string, version: number) => Promise<unknown>;
      rebuild: () => Promise<unknown>;
      close: () => Promise<void>;
    }> => {
      const events = await sqliteEventStore({ storage, path: join(folder, 'events.sqlite') });
      const views = await sqliteProjectionStore({ storage, path: join(folder, 'views.sqlite') });
      const running = await runProjections({
        store: views,
        projections: [seats, totals],
        eventStore: events,
        transport,
        read: readEnvelope,
        deadLetters: new DeadLetters(transport, { clock, written: () => undefined }),
        group: 'projector',
        clock,
      });
      const relay = startRelay({ store: events, transport, clock });
      return {
        add: async (poolNumber, seatCount, commandId) => {
          const outcome = await streamOf(events, streamName<SeatsAdded>(`pool:${poolNumber}`), {
            context: 'licensing',
            evolve: (total, event) => total + event.data.seats,
            initial: () => 0,
          }).decide(() => accept({ type: 'SeatsAdded', data: { seats: seatCount } }), { commandId, by: 'user-1', at: clock.now() });
          if (!outcome.accepted) throw new Error(outcome.rejection.code);
          return outcome;
        },
        read: async (stream, version) => {
          await waitForVersion(views, clock, { projection: seats.name, stream, version, timeoutMs: 60_000 });
          return (await views.get(seats.name, stream))?.document;
        },
        rebuild: async () => {
          await waitFor(async () => (await events.unpublished(1)).length === 0);
          await running.rebuild(totals.name);
          return (await views.get(totals.name, 'all'))?.document;
        },
        close: async () => {
          await relay.close();
          await running.close();
          await views.close();
          await events.close();
        },
      };
    };

    for (let restart = 0; restart < 3; restart++) {
      const system = await open();
      for (let poolNumber = 0; poolNumber < 10; poolNumber++) await system.add(poolNumber, 1, `first-${restart}-${poolNumber}`);
      const { stream, version } = await system.add(3, 2, `second-${restart}`);
      expect(await system.add(3, 2, `second-${restart}`)).toMatchObject({ stream, version });
      if (restart !== 1) expect(await system.read(stream, version)).toMatchObject({ seats: 3 * (restart + 1) });
      if (restart === 2) expect(await system.rebuild()).toEqual({ total: 36, events: 33 });
      await system.close();
    }
    await transport.close();
  }, 60_000);
});
