import { readEnvelope } from '@pstream/contracts';
import { Fault, seededRandom } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { commitOf } from './event-store.contract.js';
import type { EventStore } from './event-store.js';
import { startRelay, type EventPublisher, type Relay, type RelayOptions } from './relay.js';
import { memoryEventStore } from './sqlite-event-store.js';

type Sent = { readonly topic: string; readonly stream: string; readonly version: number };

/** Keeps what arrives. `fail` may throw before a record is kept, or after all of them (a lost acknowledgement). */
class FakeLog implements EventPublisher {
  readonly sent: Sent[] = [];
  sends = 0;
  before: (stream: string, version: number) => void = () => undefined;
  after: () => void = () => undefined;

  async send(topic: string, records: Parameters<EventPublisher['send']>[1]): Promise<void> {
    this.sends++;
    for (const record of records) {
      const event = readEnvelope(record.headers, record.value);
      expect(record.key).toBe(event.stream);
      this.before(event.stream, event.version);
      this.sent.push({ topic, stream: event.stream, version: event.version });
      await Promise.resolve();
    }
    this.after();
  }

  versions(stream: string): number[] {
    return this.sent.filter((sent) => sent.stream === stream).map((sent) => sent.version);
  }
}

const down = (): Fault => new Fault('transport.unavailable', { retry: 'now' });

/** Repeats are allowed, a version that comes before its predecessor is not. */
const expectNoHoles = (versions: readonly number[], upTo: number): void => {
  let seen = 0;
  for (const version of versions) {
    expect(version).toBeLessThanOrEqual(seen + 1);
    seen = Math.max(seen, version);
  }
  expect(seen).toBe(upTo);
};

describe('relay', () => {
  let store: EventStore;
  let log: FakeLog;
  let clock: FakeClock;
  const relays: Relay[] = [];
  const start = (more: Partial<RelayOptions> = {}): Relay => {
    const relay = startRelay({ store, transport: log, clock, ...more });
    relays.push(relay);
    return relay;
  };
  beforeEach(() => {
    store = memoryEventStore();
    log = new FakeLog();
    clock = new FakeClock();
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.close()));
    await store.close();
  });

  it('publishes what is there, on the topic of its context, and marks it', async () => {
    await store.append(commitOf('project:1', 0, 2));
    await store.append(commitOf('order:1', 0, 1, { context: 'licensing' }));
    const relay = start();
    await clock.advance(0);
    expect(log.sent).toEqual([
      { topic: 'projects.events.v1', stream: 'project:1', version: 1 },
      { topic: 'projects.events.v1', stream: 'project:1', version: 2 },
      { topic: 'licensing.events.v1', stream: 'order:1', version: 1 },
    ]);
    expect(await store.unpublished(10)).toEqual([]);
    expect(relay.status()).toEqual({ published: 2, blocked: {} });
  });

  it('wakes after an append without waiting for the clock', async () => {
    start();
    await clock.advance(0);
    await store.append(commitOf('project:1', 0));
    await clock.advance(0);
    expect(log.versions('project:1')).toEqual([1]);
  });

  it('finds by polling what another process appended', async () => {
    start({ store: { ...store, onAppended: () => () => undefined }, pollMs: 1_000 });
    await clock.advance(10);
    await store.append(commitOf('project:1', 0));
    await clock.advance(500);
    expect(log.sent).toEqual([]);
    await clock.advance(500);
    expect(log.versions('project:1')).toEqual([1]);
  });

  it('works off more than a batch at once', async () => {
    for (let version = 0; version < 25; version++) await store.append(commitOf('project:1', version));
    start({ batch: 10 });
    await clock.advance(0);
    expect(log.versions('project:1')).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(log.sends).toBe(3);
  });

  it('repeats a stretch whose acknowledgement was lost, without a hole', async () => {
    await store.append(commitOf('project:1', 0, 2));
    let lost = 2;
    log.after = () => {
      if (lost-- > 0) throw down();
    };
    const problems: string[] = [];
    start({ onProblem: ({ fault }) => problems.push(fault.code) });
    await clock.advance(10_000);
    expect(log.versions('project:1')).toEqual([1, 2, 1, 2, 1, 2]);
    expect(problems).toEqual(['transport.unavailable', 'transport.unavailable']);
    expect(await store.unpublished(10)).toEqual([]);
  });

  it('waits longer from failure to failure and recovers by itself', async () => {
    await store.append(commitOf('project:1', 0));
    log.before = () => {
      throw down();
    };
    start();
    await clock.advance(60_000);
    expect(log.sends).toBeLessThan(12);
    log.before = () => undefined;
    await clock.advance(30_000);
    expect(log.versions('project:1')).toEqual([1]);
  });

  it('stops a stream at its first failure and lets the others go on', async () => {
    for (let version = 0; version < 3; version++) for (const stream of ['bad:1', 'good:1']) await store.append(commitOf(stream, version));
    log.before = (stream, version) => {
      if (stream === 'bad:1' && version === 2) throw new Fault('transport.record-too-large', { retry: 'never' });
    };
    const relay = start();
    await clock.advance(50);
    expectNoHoles(log.versions('good:1'), 3);
    expectNoHoles(log.versions('bad:1'), 1);
    expect(relay.status().blocked).toEqual({ 'bad:1': 'transport.record-too-large' });

    await store.append(commitOf('good:1', 3));
    await clock.advance(0);
    expectNoHoles(log.versions('good:1'), 4);
    log.before = () => undefined;
    await clock.advance(60_000);
    expectNoHoles(log.versions('bad:1'), 3);
    expect(relay.status().blocked).toEqual({});
    expect(await store.unpublished(10)).toEqual([]);
  });

  it('does not let a long stream that stands still hide the others', async () => {
    for (let version = 0; version < 50; version++) await store.append(commitOf('bad:1', version));
    log.before = (stream) => {
      if (stream === 'bad:1') throw new Fault('transport.record-too-large', { retry: 'never' });
    };
    start({ batch: 5 });
    await clock.advance(10);
    await store.append(commitOf('good:1', 0));
    await clock.advance(0);
    expect(log.versions('good:1')).toEqual([1]);
    expect(log.versions('bad:1')).toEqual([]);
  });

  it('survives being run twice', async () => {
    for (let version = 0; version < 40; version++) await store.append(commitOf(`project:${version % 4}`, Math.floor(version / 4)));
    start({ batch: 7 });
    start({ batch: 3 });
    await clock.advance(10);
    for (let stream = 0; stream < 4; stream++) expectNoHoles(log.versions(`project:${stream}`), 10);
    expect(await store.unpublished(10)).toEqual([]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('never leaves a hole, whatever fails (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const flaky = (): void => {
      if (random.unit() < 0.25) throw down();
    };
    log.before = flaky;
    log.after = flaky;
    const faulty: EventStore = {
      ...store,
      unpublished: async (limit) => {
        flaky();
        return store.unpublished(limit);
      },
      markPublished: async (ids) => {
        flaky();
        await store.markPublished(ids);
        flaky();
      },
    };
    start({ store: faulty, batch: 4 });
    start({ store: faulty, batch: 9 });
    for (let round = 0; round < 20; round++) {
      for (const stream of ['a:1', 'b:1', 'c:1']) await store.append(commitOf(stream, round * 2, 2));
      await clock.advance(random.unit() * 300);
    }
    log.before = log.after = () => undefined;
    await clock.advance(600_000);
    for (const stream of ['a:1', 'b:1', 'c:1']) expectNoHoles(log.versions(stream), 40);
    expect((await store.unpublished(100)).length).toBe(0);
  });

  it('finishes the send under way when it is closed, and publishes no more', async () => {
    await store.append(commitOf('project:1', 0));
    const relay = start();
    await clock.advance(0);
    await relay.close();
    await relay.done;
    await store.append(commitOf('project:1', 1));
    await clock.advance(10_000);
    expect(log.versions('project:1')).toEqual([1]);
    expect(clock.sleepers).toEqual([]);
  });

  it('ends with our own bug instead of hiding it', async () => {
    await store.append(commitOf('project:1', 0));
    log.before = () => {
      throw new TypeError('our bug');
    };
    const relay = startRelay({ store, transport: log, clock });
    await expect(relay.done).rejects.toThrow('our bug');
  });
});
