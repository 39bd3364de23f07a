import { seededRandom } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import type { GraphLimits, ThrottleEntry } from '../client.js';
import { DEFAULT_LIMITS } from '../limits.js';
import { MailboxLimiter, type Slot } from './mailbox-limiter.js';

const setUp = (limits: Partial<GraphLimits> = {}, max = 4) => {
  const clock = new FakeClock();
  const ledger: ThrottleEntry[] = [];
  const limiter = new MailboxLimiter(
    { clock, random: seededRandom(1), ledger: (entry) => ledger.push(entry) },
    { ...DEFAULT_LIMITS, ...limits },
    max,
  );
  return { clock, ledger, limiter };
};

/** Starts to take a place; `got` holds the slot once it is there. */
const take = (limiter: MailboxLimiter, mailbox: string, signal?: AbortSignal): { slot?: Slot; error?: unknown } => {
  const got: { slot?: Slot; error?: unknown } = {};
  limiter.acquire(mailbox, signal).then(
    (slot) => (got.slot = slot),
    (error: unknown) => (got.error = error),
  );
  return got;
};
const settle = async (clock: FakeClock): Promise<void> => clock.advance(0);

describe('mailbox limiter', () => {
  it('lets three calls of a mailbox go and keeps the fourth until one comes back', async () => {
    const { clock, limiter } = setUp();
    const calls = [1, 2, 3, 4].map(() => take(limiter, 'a'));
    const other = take(limiter, 'b');
    await settle(clock);
    expect(calls.map((one) => one.slot !== undefined)).toEqual([true, true, true, false]);
    expect(other.slot).toBeDefined();
    calls[0]?.slot?.release('good');
    await settle(clock);
    expect(calls[3]?.slot).toBeDefined();
  });

  it('earns one more place per fifty good calls, up to four', async () => {
    const { limiter } = setUp();
    for (let call = 0; call < 200; call++) (await limiter.acquire('a')).release('good');
    expect(limiter.allowed('a')).toBe(4);
  });

  it('never goes above what it was allowed', async () => {
    const { limiter } = setUp({}, 2);
    for (let call = 0; call < 200; call++) (await limiter.acquire('a')).release('good');
    expect(limiter.allowed('a')).toBe(2);
  });

  it('halves once for calls that were throttled together, and cools only their mailbox', async () => {
    const { clock, ledger, limiter } = setUp({ concurrencyStart: 4 });
    const slots = await Promise.all([1, 2, 3, 4].map(() => limiter.acquire('a')));
    for (const slot of slots) {
      slot.coolDown({ limit: 'ApplicationThrottled', afterMs: 30_000, requestId: 'r' });
      slot.release('failed');
    }
    expect(limiter.allowed('a')).toBe(2);
    expect(ledger).toEqual([
      {
        mailbox: 'a',
        limit: 'ApplicationThrottled',
        waitMs: 30_000,
        at: '2026-01-01T00:00:00.000Z',
        until: '2026-01-01T00:00:30.000Z',
        requestId: 'r',
      },
    ]);
    const cooling = take(limiter, 'a');
    const other = take(limiter, 'b');
    await clock.advance(29_999);
    expect([cooling.slot, other.slot].map((slot) => slot !== undefined)).toEqual([false, true]);
    await clock.advance(1);
    expect(cooling.slot).toBeDefined();
  });

  it('writes only what a longer wait adds', async () => {
    const { ledger, limiter } = setUp();
    const [first, second] = [await limiter.acquire('a'), await limiter.acquire('a')];
    first.coolDown({ limit: 'x', afterMs: 10_000, requestId: null });
    second.coolDown({ limit: 'x', afterMs: 25_000, requestId: null });
    expect(ledger.map((entry) => entry.waitMs)).toEqual([10_000, 15_000]);
  });

  it('doubles from 15 seconds to 5 minutes, 20 % up or down, where no time is given, and starts over after a good call', async () => {
    const { clock, limiter } = setUp({ longestInlineWaitMs: 1e9 });
    const waits: number[] = [];
    const throttle = async (): Promise<void> => {
      const got = take(limiter, 'a');
      await clock.advance(400_000);
      waits.push(got.slot?.coolDown({ limit: 'x', requestId: null }) ?? 0);
      got.slot?.release('failed');
    };
    for (let time = 0; time < 7; time++) await throttle();
    const good = take(limiter, 'a');
    await clock.advance(400_000);
    good.slot?.release('good');
    await throttle();
    const middle = [15, 30, 60, 120, 240, 300, 300, 15];
    waits.forEach((wait, at) => {
      expect(wait / 1000).toBeGreaterThanOrEqual((middle[at] ?? 0) * 0.8);
      expect(wait / 1000).toBeLessThanOrEqual((middle[at] ?? 0) * 1.2);
    });
    expect(new Set(waits).size).toBe(waits.length);
  });

  it('says when to come back instead of sleeping for an hour', async () => {
    const { clock, limiter } = setUp();
    const slot = await limiter.acquire('a');
    slot.coolDown({ limit: 'x', afterMs: 3_600_000, requestId: null });
    slot.release('failed');
    const later = take(limiter, 'a');
    await clock.advance(600_000);
    expect(later.error).toMatchObject({ code: 'graph.throttled', retry: { afterMs: 3_600_000 }, facts: { countsAsAttempt: false } });
  });

  it('holds calls back that would pass the bound per ten minutes', async () => {
    const { clock, ledger, limiter } = setUp({ callsPerWindow: 5, windowMs: 50_000 });
    for (let call = 0; call < 5; call++) (await limiter.acquire('a')).release('good');
    const sixth = take(limiter, 'a');
    await clock.advance(49_999);
    expect(sixth.slot).toBeUndefined();
    await clock.advance(1);
    expect(sixth.slot).toBeDefined();
    expect(ledger).toMatchObject([{ limit: 'requests-per-window', waitMs: 50_000 }]);
  });

  it('bounds all mailboxes together and serves them in turn', async () => {
    const { clock, limiter } = setUp({ concurrencyTotal: 2 });
    const held = [await limiter.acquire('a'), await limiter.acquire('a')];
    const waiting = [take(limiter, 'a'), take(limiter, 'b')];
    held[0]?.release('good');
    held[1]?.release('good');
    await settle(clock);
    expect(waiting.map((one) => one.slot !== undefined)).toEqual([true, true]);
  });

  it('forgets who gives up while waiting', async () => {
    const { clock, limiter } = setUp({}, 1);
    const held = await limiter.acquire('a');
    const stop = new AbortController();
    const gaveUp = take(limiter, 'a', stop.signal);
    const patient = take(limiter, 'a');
    await settle(clock);
    stop.abort(new Error('enough'));
    held.release('good');
    held.release('good');
    await settle(clock);
    expect(gaveUp.error).toEqual(new Error('enough'));
    expect(patient.slot).toBeDefined();
    patient.slot?.release('good');
    expect((await limiter.acquire('a')).release).toBeDefined();
  });
});
