import { systemClock, type Clock } from '@pstream/kernel';

/** The system's clock, which a test can put forward: whoever sleeps until a time that was leapt over wakes at once. */
export type LeapClock = Clock & { readonly leap: (ms: number) => void };

type Sleeper = { readonly dueMs: number; readonly wake: AbortController };

export const leapClock = (): LeapClock => {
  let leaptMs = 0;
  const sleepers = new Set<Sleeper>();
  const monotonicMs = (): number => systemClock.monotonicMs() + leaptMs;
  return {
    monotonicMs,
    now: () => new Date(Date.parse(systemClock.now()) + leaptMs).toISOString(),
    yield: () => systemClock.yield(),
    sleep: async (ms, signal) => {
      const sleeper: Sleeper = { dueMs: monotonicMs() + ms, wake: new AbortController() };
      sleepers.add(sleeper);
      try {
        await systemClock.sleep(ms, signal === undefined ? sleeper.wake.signal : AbortSignal.any([signal, sleeper.wake.signal]));
      } catch (error) {
        if (!sleeper.wake.signal.aborted || signal?.aborted === true) throw error;
      } finally {
        sleepers.delete(sleeper);
      }
    },
    leap: (ms) => {
      leaptMs += ms;
      for (const { dueMs, wake } of sleepers) if (dueMs <= monotonicMs()) wake.abort();
    },
  };
};
