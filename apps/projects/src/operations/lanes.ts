import type { Clock } from '@pstream/kernel';

/** Rows at work at once: their appends share one sync of the disk, and yet the event loop is free after a few milliseconds. */
const LANES = 16;

/** Works on every item, a few at a time, giving way to the rest of the process after each. Begins no further one after `signal`, or after one
 *  has failed; what is under way is waited for. Returns the results in order; throws the first error. */
export const inLanes = async <T, R>(
  clock: Clock,
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  const queue = items.entries();
  const failed = new AbortController();
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) {
      signal.throwIfAborted();
      if (failed.signal.aborted) return;
      try {
        results[at] = await work(item);
      } catch (error) {
        failed.abort(error);
        throw error;
      }
      await clock.yield();
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: Math.min(LANES, items.length) }, lane));
  const first = outcomes.find((outcome) => outcome.status === 'rejected');
  if (first !== undefined) throw first.reason;
  return results;
};
