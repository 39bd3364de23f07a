import { systemClock, type Clock } from '@pstream/kernel';

/** A clock on which time passes `factor` times as fast: waits of minutes are over in seconds, and nothing else is different. */
export const fastClock = (factor: number): Clock => {
  const wallStart = Date.parse(systemClock.now());
  const start = systemClock.monotonicMs();
  const passed = (): number => (systemClock.monotonicMs() - start) * factor;
  return {
    now: () => new Date(wallStart + passed()).toISOString(),
    monotonicMs: passed,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
    yield: () => systemClock.yield(),
  };
};
