import { Fault } from '../fault.js';
import { seededRandom } from '../seeded.js';
import { backoffMs } from './backoff.js';
import { JumpingClock } from './jumping-clock.fixture.js';
import { retryAfterMs } from './retry-after.js';
import { retryBudget, type RetryBudget } from './retry-budget.js';
import { semaphore } from './semaphore.js';
import { untilAborted } from './until-aborted.js';
import { withRetries, type RetryPolicy } from './with-retries.js';

const policy = (over: Partial<RetryPolicy> = {}): RetryPolicy => {
  const clock = over.clock ?? new JumpingClock();
  return { clock, random: seededRandom(1), budget: retryBudget(clock, { least: 1e9 }), ...over };
};
const affordable = (budget: RetryBudget): number => {
  let count = 0;
  while (budget.retry()) count++;
  return count;
};

describe('backoff', () => {
  it('doubles from the first wait up to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 2_000].map((failures) => backoffMs({ firstMs: 100, mostMs: 1_000 }, failures));
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });
  it('varies within the shares given, and reaches both halves of them', () => {
    const random = seededRandom(7);
    const waits = Array.from({ length: 200 }, () => backoffMs({ firstMs: 100, mostMs: 1_000, jitter: [0.5, 1] }, 2, random));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...waits)).toBeLessThan(200);
    expect(waits.some((wait) => wait < 150) && waits.some((wait) => wait > 150)).toBe(true);
  });
});

describe('Retry-After', () => {
  const now = '2026-11-22T10:00:00.000Z';
  it.each([
    ['120', 120_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Sun, 22 Nov 2026 10:01:30 GMT', 90_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    ['1e9', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('%p is %p ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});

describe('retry budget', () => {
  it('keeps repeats to a tenth of the calls of a minute, beyond the first few', () => {
    const budget = retryBudget(new JumpingClock());
    let allowed = 0;
    for (let i = 0; i < 1_000; i++) {
      budget.call();
      if (budget.retry()) allowed++;
    }
    expect(allowed).toBe(100);
  });
  it('forgets calls that are a minute old', async () => {
    const clock = new JumpingClock();
    const budget = retryBudget(clock, { share: 0.1, least: 10 });
    for (let call = 0; call < 1000; call++) budget.call();
    expect(affordable(budget)).toBe(100);
    await clock.sleep(61_000);
    expect(affordable(budget)).toBe(10);
  });
  it('affords a few to a client with few calls', () => {
    const budget = retryBudget(new JumpingClock(), { least: 3 });
    budget.call();
    expect(affordable(budget)).toBe(3);
  });
});

describe('withRetries', () => {
  it('waits longer each time, never less than it is asked to', async () => {
    const clock = new JumpingClock();
    const waits: number[] = [];
    let before = 0;
    let asked: readonly number[] = [0, 0, 5_000, 0];
    const failing = (): Promise<never> => {
      waits.push(clock.monotonicMs() - before);
      before = clock.monotonicMs();
      const [afterMs = 0, ...rest] = asked;
      asked = rest;
      return Promise.reject(new Fault('blob.unavailable', { retry: { afterMs } }));
    };
    await expect(withRetries(policy({ clock }), undefined, failing)).rejects.toMatchObject({ facts: { tries: 5, stoppedBy: 'tries' } });
    const [first = -1, second = 0, third = 0, fourth = 0, fifth = 0] = waits;
    expect([first, fourth]).toEqual([0, 5_000]);
    for (const [wait, whole] of [
      [second, 200],
      [third, 400],
      [fifth, 1600],
    ] as const) {
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole);
    }
  });
  it('does not wait out a fault that asks for more than it may', async () => {
    const full = new Fault('storage.full', { retry: { afterMs: 30_000 }, advice: 'free space' });
    await expect(withRetries(policy(), undefined, () => Promise.reject(full))).rejects.toMatchObject({
      code: 'storage.full',
      retry: { afterMs: 30_000 },
      advice: 'free space',
      facts: { tries: 1, stoppedBy: 'wait' },
    });
  });
  it('never repeats a fault that says never, nor a defect', async () => {
    for (const error of [new Fault('blob.exists', { retry: 'never' }), new TypeError('a bug')]) {
      let calls = 0;
      const work = (): Promise<never> => {
        calls++;
        return Promise.reject(error);
      };
      await expect(withRetries(policy(), undefined, work)).rejects.toBe(error);
      expect(calls).toBe(1);
    }
  });
  it('stops waiting when it is aborted', async () => {
    const stop = new AbortController();
    const reason = new Error('shutdown');
    const clock = new JumpingClock();
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => {
      stop.abort(reason);
      return sleep(ms, signal);
    };
    const waiting = withRetries(policy({ clock }), stop.signal, () => Promise.reject(new Fault('blob.unavailable', { retry: 'now' })));
    await expect(waiting).rejects.toBe(reason);
  });
});

describe('semaphore', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('runs no more than its number at once, first come first served', async () => {
    const run = semaphore(3);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = async (n: number): Promise<void> => {
      most = Math.max(most, ++running);
      order.push(n);
      await turn();
      running--;
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => run(() => work(n))));
    expect(most).toBe(3);
    expect(order).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
  it('hands its place on after a failure, and forgets who was aborted while waiting', async () => {
    const run = semaphore(1);
    const gate = Promise.withResolvers<undefined>();
    const first = run(() => gate.promise);
    const stop = new AbortController();
    const second = run(() => Promise.resolve('never'), stop.signal);
    const third = run(() => Promise.resolve('third'));
    stop.abort(new Error('no longer'));
    await expect(second).rejects.toThrow('no longer');
    gate.reject(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await expect(third).resolves.toBe('third');
  });
});

describe('untilAborted', () => {
  it('gives what the work gives, and leaves no listener behind', async () => {
    const stop = new AbortController();
    await expect(untilAborted(Promise.resolve(7), stop.signal)).resolves.toBe(7);
    await expect(untilAborted(Promise.reject(new Error('broken')), stop.signal)).rejects.toThrow('broken');
    await expect(untilAborted(Promise.resolve(7), undefined)).resolves.toBe(7);
  });
  it('ends with the reason when that comes first, also when it came before', async () => {
    const stop = new AbortController();
    const never = new Promise<never>(() => undefined);
    const waiting = untilAborted(never, stop.signal);
    stop.abort(new Error('shutdown'));
    await expect(waiting).rejects.toThrow('shutdown');
    await expect(untilAborted(never, stop.signal)).rejects.toThrow('shutdown');
  });
});
