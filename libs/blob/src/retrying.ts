import { Fault, isFault, retryDelayMs, type Clock, type Random } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';
import type { PartStaging, PartStore } from './part-store.js';

/** How many retries a client may still make. Shared by all stores of one account or disk, so that retries never keep it down. */
export interface RetryBudget {
  /** Counts a first try. */
  call(): void;
  /** True if one more retry is allowed; it then counts. */
  retry(): boolean;
}

/** Retries up to a share of the calls of the last `windowMs` (default 10 % of a minute), and always `least` (default 5) of them, so that
 *  a client with few calls may retry at all. */
export const retryBudget = (
  clock: Clock,
  options: { readonly share?: number; readonly windowMs?: number; readonly least?: number } = {},
): RetryBudget => {
  const { share = 0.1, windowMs = 60_000, least = 5 } = options;
  // Counts per twelfth of the window: exact enough, and the memory does not grow with the calls.
  const slotMs = windowMs / 12;
  const slots = new Map<number, { calls: number; retries: number }>();
  const now = (): { calls: number; retries: number } => {
    const slot = Math.floor(clock.monotonicMs() / slotMs);
    for (const old of slots.keys()) if (old <= slot - 12) slots.delete(old);
    const found = slots.get(slot) ?? { calls: 0, retries: 0 };
    slots.set(slot, found);
    return found;
  };
  return {
    call: () => {
      now().calls++;
    },
    retry: () => {
      const slot = now();
      const all = [...slots.values()].reduce((sum, s) => ({ calls: sum.calls + s.calls, retries: sum.retries + s.retries }), {
        calls: 0,
        retries: 0,
      });
      if (all.retries >= Math.max(least, all.calls * share)) return false;
      slot.retries++;
      return true;
    },
  };
};

/** `tries` counts the first one (default 5). Waits double from `baseMs` (default 200) to `mostMs` (default 20,000), with jitter from half
 *  to whole, and are never shorter than what the Fault asks for. A Fault that asks for more than `mostMs` is not waited out here. */
export type RetryPolicy = {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly tries?: number;
  readonly baseMs?: number;
  readonly mostMs?: number;
};

/** Runs work again while its Fault allows it and the budget lasts; the last Fault is thrown with the number of tries in its facts. */
export const withRetries = async <T>(policy: RetryPolicy, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
  const { clock, random, budget, tries = 5, baseMs = 200, mostMs = 20_000 } = policy;
  budget.call();
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      const asked = isFault(error) ? retryDelayMs(error.retry) : undefined;
      if (!isFault(error) || asked === undefined || signal?.aborted === true) throw error;
      const stop = tried >= tries ? 'tries' : asked > mostMs ? 'wait' : budget.retry() ? undefined : 'budget';
      if (stop !== undefined) {
        const facts = { ...error.facts, tries: tried, stoppedBy: stop };
        throw new Fault(error.code, {
          retry: error.retry,
          facts,
          cause: error,
          ...(error.advice === undefined ? {} : { advice: error.advice }),
        });
      }
      const backoff = Math.min(mostMs, baseMs * 2 ** (tried - 1)) * (0.5 + random.unit() / 2);
      await clock.sleep(Math.max(asked, backoff), signal);
    }
  }
};

/** A blob store whose calls are tried again. A list goes on after the last name it has given. */
export const retrying = (store: BlobStore, policy: RetryPolicy): BlobStore => ({
  putIfAbsent: (name, bytes, signal) => withRetries(policy, signal, () => store.putIfAbsent(name, bytes, signal)),
  get: (name, signal) => withRetries(policy, signal, () => store.get(name, signal)),
  head: (name, signal) => withRetries(policy, signal, () => store.head(name, signal)),
  async *list(prefix, signal) {
    const begin = (): AsyncIterator<string> => store.list(prefix, signal)[Symbol.asyncIterator]();
    let names = begin();
    let last: string | undefined;
    let broken = false;
    for (;;) {
      const next = await withRetries(policy, signal, async () => {
        if (broken) names = begin();
        broken = true;
        let found = await names.next();
        while (found.done !== true && last !== undefined && found.value <= last) found = await names.next();
        broken = false;
        return found;
      });
      if (next.done === true) return;
      last = next.value;
      yield next.value;
    }
  },
  delete: (names, signal) => withRetries(policy, signal, () => store.delete(names, signal)),
});

/** A part store whose calls are tried again: each of them may be repeated by its contract. */
export const retryingParts = (store: PartStore, policy: RetryPolicy): PartStore => ({
  check: (signal) => withRetries(policy, signal, () => store.check(signal)),
  take: async (part, epoch, keep, signal) =>
    retryingStaging(await withRetries(policy, signal, () => store.take(part, epoch, keep, signal)), policy),
  head: (name, signal) => withRetries(policy, signal, () => store.head(name, signal)),
  open: async (name, signal) => {
    const part = await withRetries(policy, signal, () => store.open(name, signal));
    return {
      size: part.size,
      read: (offset, length) => withRetries(policy, undefined, () => part.read(offset, length)),
      close: () => part.close(),
    };
  },
  locate: (name) => store.locate(name),
});

const retryingStaging = (staging: PartStaging, policy: RetryPolicy): PartStaging => ({
  epoch: staging.epoch,
  stage: (index, bytes, signal) => withRetries(policy, signal, () => staging.stage(index, bytes, signal)),
  commit: (extents, listSha256, signal, fileSha256) =>
    withRetries(policy, signal, () => staging.commit(extents, listSha256, signal, fileSha256)),
  abandon: (signal) => withRetries(policy, signal, () => staging.abandon(signal)),
  release: () => withRetries(policy, undefined, () => staging.release()),
});
