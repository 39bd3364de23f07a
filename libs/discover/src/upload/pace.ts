import type { Clock } from '@pstream/kernel';

/** Waits until so many bytes may be sent. */
export type Pace = (bytes: number, signal: AbortSignal | undefined) => Promise<void>;

/** At most so many bytes a second, over all that ask; what was not used is not saved up. Undefined: no limit. */
export const paceOf = (bytesPerSecond: number | undefined, clock: Clock): Pace => {
  if (bytesPerSecond === undefined) return () => Promise.resolve();
  let freeAt = -Infinity;
  return async (bytes, signal) => {
    const now = clock.monotonicMs();
    const start = Math.max(now, freeAt);
    freeAt = start + (bytes / bytesPerSecond) * 1_000;
    if (start > now) await clock.sleep(start - now, signal);
  };
};
