import type { QueuedPass } from '@pstream/contracts';
import { FakeClock } from '@pstream/testing';
import { consumeByKey, DeadLetters, memoryTransport } from '@pstream/transport';
import { decide, type AdmissionLimits, type Heard } from '../../apps/projects/src/domain/admission/decide.js';
import { evolve, nobodyWaits } from '../../apps/projects/src/domain/admission/state.js';

const MAILBOXES = 60;
const UNITS = 20;
const UNIT_MS = 1_000;
const PLACES = 8;
const ALONE_MS = UNITS * UNIT_MS;
const TOPIC = 'work';

/** Mailboxes whose units each take a second of a tenant's time, under virtual time: when each of them is done, in milliseconds. */
const run = async (limits: AdmissionLimits, oldestFirst: boolean): Promise<readonly number[]> => {
  const clock = new FakeClock({ autoAdvance: true });
  const transport = await memoryTransport(clock);
  await transport.ensureTopics([{ name: TOPIC, partitions: 8, durability: 'durable' }]);
  const state = nobodyWaits();
  const send = (name: string, unit: number): Promise<void> =>
    transport.send(TOPIC, [{ key: name, value: new TextEncoder().encode(String(unit)) }]);
  const hear = async (heard: readonly Heard[]): Promise<void> => {
    const decision = decide({ heard, limits, at: clock.now() }, state);
    for (const event of decision.accepted ? decision.events : []) {
      evolve(state, event);
      if (event.type === 'PassesAdmitted') for (const name of event.data.passes) await send(name, 1);
    }
  };
  const ends: number[] = [];
  const done = Promise.withResolvers<void>();
  const failed = (error: unknown): void => done.reject(error);
  const subscription = await consumeByKey(transport, {
    clock,
    topics: [TOPIC],
    group: 'workers',
    concurrency: PLACES,
    oldestFirst,
    deadLetters: new DeadLetters(transport, { clock, written: failed }),
    failed,
    handler: async ({ key, value }) => {
      await clock.sleep(UNIT_MS);
      const unit = Number(new TextDecoder().decode(value));
      if (unit < UNITS) return send(key, unit + 1);
      ends.push(clock.monotonicMs());
      await hear([{ is: 'left', passId: key }]);
      if (ends.length === MAILBOXES) done.resolve();
    },
  });
  const pass = (n: number): QueuedPass => {
    const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: `m${n}`, passId: `p${n}` };
    return { ...refs, attempt: 1, endpoint: 'e' };
  };
  await hear(Array.from({ length: MAILBOXES }, (_, n): Heard => ({ is: 'queued', pass: pass(n) })));
  await done.promise;
  await subscription.close();
  await transport.close();
  return ends;
};

describe('a Start of many mailboxes', () => {
  it('finishes the first one in the time that it needs alone, and all as early as without a queue', async () => {
    const queued = await run({ total: 32, perEndpoint: 16, perProject: 16 }, true);
    const allAtOnce = await run({ total: 1_000, perEndpoint: 1_000, perProject: 1_000 }, false);
    expect(queued[0]).toBeLessThanOrEqual(1.2 * ALONE_MS);
    // The last round does not fill every place.
    expect(queued.at(-1)).toBeLessThanOrEqual(1.1 * allAtOnce.at(-1)!);
    // Without it they all end at the end.
    expect(allAtOnce[0]).toBeGreaterThan(0.9 * allAtOnce.at(-1)!);
  });
});
