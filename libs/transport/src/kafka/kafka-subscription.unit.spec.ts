import type { Kafka } from 'kafkajs';
import type { Facts } from '@pstream/kernel';
import { FakeClock, waitFor } from '@pstream/testing';
import { Collector } from '../transport.fixture.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { Outage } from './outage.js';

type Listener = (event: { readonly payload: unknown }) => void;

/** A consumer of kafkajs as far as a subscription sees it. */
class FakeConsumer {
  readonly events = { GROUP_JOIN: 'join', HEARTBEAT: 'heartbeat', REBALANCING: 'rebalancing', CRASH: 'crash' };
  readonly #listeners = new Map<string, Listener>();
  running = false;
  refuses: Error | undefined;

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, listener);
  }

  logger() {
    return { setLogLevel: () => undefined };
  }

  connect(): Promise<void> {
    return this.refuses === undefined ? Promise.resolve() : Promise.reject(this.refuses);
  }

  subscribe(): Promise<void> {
    return Promise.resolve();
  }

  run(): Promise<void> {
    this.running = true;
    return Promise.resolve();
  }

  disconnect(): Promise<void> {
    this.running = false;
    return Promise.resolve();
  }

  happens(event: string, payload: unknown): void {
    this.#listeners.get(event)?.({ payload });
  }
}

/** A subscription whose consumers are fakes. */
class Scene {
  readonly clock = new FakeClock();
  readonly consumers: FakeConsumer[] = [];
  readonly seen = new Collector();
  readonly lines: string[] = [];
  /** What the next consumers answer to `connect`. */
  refusals: Error[] = [];
  readonly subscription: KafkaSubscription;

  constructor() {
    const notice = (_level: string, event: string, _facts: Facts): void => void this.lines.push(event);
    const consumer = (): FakeConsumer => {
      const made = new FakeConsumer();
      if (this.consumers.length > 0) made.refuses = this.refusals.shift();
      this.consumers.push(made);
      return made;
    };
    this.subscription = new KafkaSubscription(
      {
        clock: this.clock,
        kafka: { consumer } as unknown as Kafka,
        sessionMs: 10_000,
        positions: () => Promise.resolve(new Map()),
        committed: () => undefined,
        received: () => undefined,
        outage: new Outage(this.clock, notice),
        notice,
      },
      { group: 'g', topics: ['t'], handler: this.seen },
    );
  }

  crash(error: Error, restart = false): void {
    this.consumers.at(-1)?.happens('crash', { error, groupId: 'g', restart });
  }
}

describe('a subscription whose consumer has crashed', () => {
  it('goes on with another one after an error that kafkajs does not know as passing, as often as it takes', async () => {
    const scene = new Scene();
    await scene.subscription.start();
    scene.refusals = [new Error('Broker not connected')];
    scene.crash(new Error('Broker not connected'));
    await waitFor(() => scene.clock.sleepers.some(({ inMs }) => inMs === 1_000) && !scene.consumers[0]!.running);
    await scene.clock.advance(1_000);
    await waitFor(() => scene.consumers.length === 2 && scene.clock.sleepers.length === 2);
    await scene.clock.advance(1_000);
    await waitFor(() => scene.consumers.at(-1)?.running);
    expect(scene.consumers).toHaveLength(3);
    expect(scene.lines).toEqual(['transport.outage']);
    scene.consumers.at(-1)?.happens('join', { memberId: 'other', memberAssignment: {} });
    expect(scene.lines).toEqual(['transport.outage', 'transport.recovered', 'transport.rebalanced']);
    expect(scene.seen.errors).toEqual([]);
    await scene.subscription.close();
  });

  it('leaves alone one that begins again by itself', async () => {
    const scene = new Scene();
    await scene.subscription.start();
    scene.crash(new Error('tried too often'), true);
    await scene.clock.advance(5_000);
    expect(scene.consumers).toHaveLength(1);
    await scene.subscription.close();
  });

  it.each([
    ['a refusal', Object.assign(new Error('no'), { type: 'GROUP_AUTHORIZATION_FAILED' }), 'transport.unauthorized'],
    ['a bug', new TypeError('undefined is not a function'), 'transport.unavailable'],
  ])('ends with %s', async (_what, error, code) => {
    const scene = new Scene();
    await scene.subscription.start();
    scene.crash(error);
    await waitFor(() => scene.seen.errors.length === 1);
    expect(scene.seen.errors).toMatchObject([{ code }]);
    expect(scene.consumers).toHaveLength(1);
    await scene.subscription.close();
  });
});
