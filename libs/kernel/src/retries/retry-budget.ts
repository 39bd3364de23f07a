import type { Clock } from '../clock.js';

/** How many repeats a client may still make. Shared by all calls to one service, so that repeats never keep it down. */
export interface RetryBudget {
  /** Counts a first try. */
  call(): void;
  /** True if one more repeat is allowed; it then counts. */
  retry(): boolean;
}

const BUCKET_MS = 1_000;
const SPAN_MS = 60_000;

/** At most `share` (default a tenth) of the calls of the last minute may be repeats, but always `least` (default 5), so that a client with few
 *  calls may repeat at all. Without it a service that fails everything would be sent every call several times over, and kept down by that. */
export const retryBudget = (clock: Clock, options: { readonly share?: number; readonly least?: number } = {}): RetryBudget => {
  const { share = 0.1, least = 5 } = options;
  let buckets: { readonly at: number; calls: number; retries: number }[] = [];
  const current = (): { calls: number; retries: number } => {
    const now = clock.monotonicMs();
    const last = buckets.at(-1);
    if (last !== undefined && last.at > now - BUCKET_MS) return last;
    buckets = buckets.filter((one) => one.at > now - SPAN_MS);
    const fresh = { at: now, calls: 0, retries: 0 };
    buckets.push(fresh);
    return fresh;
  };
  return {
    call: () => {
      current().calls++;
    },
    retry: () => {
      const bucket = current();
      let calls = 0;
      let retries = 0;
      for (const one of buckets) {
        calls += one.calls;
        retries += one.retries;
      }
      if (retries + 1 > Math.max(least, calls * share)) return false;
      bucket.retries++;
      return true;
    },
  };
};
