import { readEnvelope, streamName, toCloudEvent, type RecordedEvent } from '@pstream/contracts';
import { memoryEventStore, startRelay, type EventStore, type Relay } from '@pstream/event-store';
import { FakeClock, waitFor } from '@pstream/testing';
import { DeadLetters, type OutgoingRecord } from '@pstream/transport';
import { FakeTransport } from './fake-transport.fixture.js';
import type { ProjectionStore, Stored } from './projection.js';
import type { RebuildProgress } from './rebuild.js';
import { runProjections, type RunningProjections, type RunOptions } from './run-projections.js';
import { pool, seats, totals } from './seats.fixture.js';
import { memoryProjectionStore } from './sqlite-projection-store.js';
import { waitForVersion } from './wait-for-version.js';

describe('running projections', () => {
  let clock: FakeClock;
  let events: EventStore;
  let store: ProjectionStore;
  let transport: FakeTransport;
  let running: RunningProjections;
  let deadLetters: DeadLetters;
  let holes: string[];
  let relay: Relay | undefined;

  const start = async (more: Partial<RunOptions> = {}): Promise<void> => {
    running = await runProjections({
      store,
      projections: [seats, totals],
      eventStore: events,
      transport,
      read: readEnvelope,
      deadLetters,
      group: 'projector',
      clock,
      onHole: ({ projection, stream, seen, next }) => holes.push(`${projection} ${stream} ${seen}..${next}`),
      ...more,
    });
  };
  beforeEach(() => {
    clock = new FakeClock({ autoAdvance: true });
    events = memoryEventStore();
    store = memoryProjectionStore();
    transport = new FakeTransport(clock);
    deadLetters = new DeadLetters(transport, { clock, written: () => undefined });
    holes = [];
  });
  afterEach(async () => {
    await relay?.close();
    relay = undefined;
    await running.close();
    await events.close();
    await store.close();
  });

  const append = async (recorded: readonly RecordedEvent[]): Promise<void> => {
    for (const { context, stream, version, type, data, at, metadata } of recorded)
      await events.append({ context, stream, expectedVersion: version - 1, events: [{ type, data }], at, metadata });
  };
  const settled = (): Promise<unknown> =>
    waitFor(() => transport.behind === 0, { progress: () => transport.behind, what: 'all groups at the end of the log' });
  const everything = async (): Promise<{ readonly seats: readonly Stored[]; readonly totals: readonly Stored[] }> => ({
    seats: (await store.find(seats.name)).documents,
    totals: (await store.find(totals.name)).documents,
  });

  it('applies what is published and commits afterwards', async () => {
    await start();
    await transport.publish([...pool('pool:1', '3 red 4'), ...pool('pool:2', '5')]);
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 7, colour: 'red' });
    expect((await store.get(totals.name, 'all'))?.document).toEqual({ total: 12, events: 4 });
    expect(holes).toEqual([]);
  });

  it('commits only what outlives a power cut', async () => {
    const inner = store;
    let applied = 0;
    let safe = 0;
    store = {
      ...inner,
      apply: (projection, recorded, generation) => {
        applied += recorded.length;
        return inner.apply(projection, recorded, generation);
      },
      settle: () => {
        safe = applied;
        return inner.settle();
      },
    };
    await start({ projections: [seats] });
    const committed = transport.committing((next) => expect(Number(next)).toBeLessThanOrEqual(safe));
    await transport.publish(pool('pool:1', '3 4 5'));
    await settled();
    expect(committed.count).toBeGreaterThan(0);
    store = inner;
  });

  it('starts with what was published before', async () => {
    await transport.publish(pool('pool:1', '3 4'));
    await start();
    await settled();
    expect((await store.get(totals.name, 'all'))?.document).toEqual({ total: 7, events: 2 });
  });

  it('is not confused by a log that repeats itself', async () => {
    await start();
    const history = pool('pool:1', '1 2 3 4 5 6');
    await transport.publish([...history.slice(0, 4), ...history.slice(1, 5), ...history]);
    await settled();
    transport.redeliver(0n);
    await transport.publish(pool('pool:1', '7', 6));
    await settled();
    expect((await store.get(totals.name, 'all'))?.document).toEqual({ total: 28, events: 7 });
    expect(holes).toEqual([]);
  });

  it('reads from the event store what the log left out', async () => {
    await start({ projections: [seats] });
    const history = pool('pool:1', '1 2 3 4 5 6');
    await append(history);
    await transport.publish([...history.slice(0, 2), ...history.slice(4, 5)]);
    await settled();
    expect(await store.get(seats.name, 'pool:1')).toMatchObject({ document: { seats: 21 }, seen: { 'pool:1': 6 } });
    expect(holes).toEqual([`${seats.name} pool:1 2..5`]);
  });

  it('waits for the event store when that lacks the missing events too', async () => {
    await start({ projections: [seats] });
    const history = pool('pool:1', '1 2 3');
    await append(history.slice(0, 2));
    await transport.publish(history.slice(2));
    await clock.yield();
    expect(await store.get(seats.name, 'pool:1')).toBeUndefined();
    await append(history.slice(2));
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 6 });
  });

  it('buries a record that is no event, and goes on with those behind it', async () => {
    await start({ projections: [seats] });
    const history = pool('pool:1', '1 2');
    await transport.publish(history.slice(0, 1));
    await transport.send('licensing.events.v1', [{ key: 'x', headers: { ce_type: 'foreign' }, value: new Uint8Array([1, 2, 3]) }]);
    await transport.publish(history.slice(1));
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 3 });
    const [letter] = transport.sent('licensing.events.v1.dead');
    expect(letter?.value).toEqual(new Uint8Array([1, 2, 3]));
    expect(letter?.headers).toMatchObject({
      ce_type: 'foreign',
      dead_code: 'event.unreadable',
      dead_group: `projector.${seats.name}`,
      dead_offset: '1',
    });
    expect(deadLetters.counts).toEqual({ 'licensing.events.v1': 1 });
    expect(holes).toEqual([]);
  });

  it('reads an event that it cannot read on the log from the event store, also when no other follows, and names the hole', async () => {
    await start({ projections: [seats] });
    const history = pool('pool:1', '1 2 3 4');
    await append(history);
    const broken = (version: number): OutgoingRecord => {
      const { key, headers } = toCloudEvent(history[version - 1]!);
      return { key, headers, value: new TextEncoder().encode('{"seats":') };
    };
    await transport.publish(history.slice(0, 1));
    await transport.send('licensing.events.v1', [broken(2)]);
    await transport.publish(history.slice(2, 3));
    await transport.send('licensing.events.v1', [broken(4)]);
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 10 });
    expect(holes.length).toBeGreaterThan(0);
    expect(deadLetters.counts).toEqual({ 'licensing.events.v1': 2 });
  });

  it('buries a record once, however often its batch is repeated', async () => {
    await start({ projections: [seats] });
    const history = pool('pool:1', '1 2 3');
    await append(history.slice(0, 2));
    await transport.send('licensing.events.v1', [{ key: 'x', headers: {}, value: new Uint8Array() }]);
    await transport.publish(history.slice(2));
    for (let turn = 0; turn < 20; turn++) await clock.yield();
    await append(history.slice(2));
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 6 });
    expect(transport.sent('licensing.events.v1.dead')).toHaveLength(1);
  });

  it('ends with our own bug instead of hiding it', async () => {
    const broken = {
      ...seats,
      evolve: () => {
        throw new RangeError('our bug');
      },
    };
    await start({ projections: [broken] });
    await transport.publish(pool('pool:1', '1'));
    await expect(running.done).rejects.toThrow('our bug');
  });

  it('joins all groups at once, and leaves those that it joined if one cannot be', async () => {
    await start();
    const joined: string[] = [];
    const left: string[] = [];
    const both = Promise.withResolvers<void>();
    const broken = new FakeTransport(clock);
    broken.subscribe = async ({ group }) => {
      joined.push(group);
      if (joined.length === 2) both.resolve();
      await both.promise;
      if (group === `projector.${seats.name}`) throw new Error('the group is gone');
      return { close: () => Promise.resolve(void left.push(group)) };
    };
    await expect(start({ transport: broken })).rejects.toThrow('the group is gone');
    expect(joined).toEqual([seats, totals].map(({ name }) => `projector.${name}`));
    expect(left).toEqual([`projector.${totals.name}`]);
  });

  it('lets a query wait for the version that a command returned', async () => {
    await start();
    const history = pool('pool:1', '3 -');
    await transport.publish(history.slice(0, 1));
    const waiting = waitForVersion(store, clock, { projection: seats.name, stream: 'pool:1', version: 2, timeoutMs: 3_600_000 });
    await transport.publish(history.slice(1));
    await waiting;
    await expect(
      waitForVersion(store, clock, { projection: seats.name, stream: 'pool:1', version: 3, timeoutMs: 200 }),
    ).rejects.toMatchObject({
      code: 'projection.behind',
      facts: { wanted: 3, reached: 2 },
    });
  });

  it('rebuilds the same documents while events go on arriving', async () => {
    relay = startRelay({ store: events, transport, clock });
    const words = ['1 2 red', '4 - blue 5', '6 close', '7 8 9 green', '3'];
    for (let index = 0; index < 40; index++) await append(pool(`pool:${index}`, words[index % words.length] ?? ''));
    await start();
    await waitFor(async () => (await events.unpublished(1)).length === 0);
    await settled();
    const before = await everything();
    // Spoilt documents show that the new ones come from the events.
    await store.apply({ ...totals, evolve: () => ({ total: -1, events: -1 }) }, pool('pool:spoilt', '1'));

    let arrived = 0;
    const reports: RebuildProgress[] = [];
    const busy: EventStore = {
      ...events,
      readAll: async function* (wanted) {
        for await (const event of events.readAll(wanted)) {
          yield event;
          if (++arrived % 4 !== 0 || arrived > 300) continue;
          await append(pool(`late:${arrived}`, '1 2'));
          await append(pool(`pool:${(arrived / 4) % 5}`, '1', (await events.read(streamName(`pool:${(arrived / 4) % 5}`))).length));
          if (arrived % 8 === 0) await waitFor(async () => (await events.unpublished(1)).length === 0);
        }
      },
    };
    await running.close();
    await start({ eventStore: busy, batch: 10 });
    const done = await running.rebuild(totals.name, { onProgress: (progress) => reports.push(progress) });
    await running.rebuild(seats.name);
    await waitFor(async () => (await events.unpublished(1)).length === 0);
    await settled();
    expect(done).toMatchObject({ projection: totals.name, done: true, generation: await store.liveGeneration(totals.name) });
    expect(reports.at(-1)).toEqual(done);
    expect(arrived).toBeGreaterThan(100);

    const rebuilt = await everything();
    const reference = memoryProjectionStore();
    for (const projection of [seats, totals]) {
      await reference.prepare(projection);
      for await (const event of events.readAll()) await reference.apply(projection, [event]);
      expect((await store.find(projection.name)).documents).toEqual((await reference.find(projection.name)).documents);
    }
    expect(rebuilt.seats.length).toBeGreaterThan(before.seats.length);
    await reference.close();
  });

  it('keeps the live documents when a rebuild is given up', async () => {
    await append(pool('pool:1', '1 2 3'));
    await start();
    await transport.publish(pool('pool:1', '1 2 3'));
    await settled();
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(running.rebuild(seats.name, { signal: stop.signal })).rejects.toThrow('enough');
    expect(await store.liveGeneration(seats.name)).toBe('g0');
    await transport.publish(pool('pool:1', '4', 3));
    await settled();
    expect((await store.get(seats.name, 'pool:1'))?.document).toMatchObject({ seats: 10 });
    await running.rebuild(seats.name);
    expect(await store.liveGeneration(seats.name)).toMatch(/^g1_/);
  });
});
