import type { Clock } from '../clock.js';
import { Fault, isFault, retryDelayMs } from '../fault.js';
import type { Random } from '../random.js';
import { backoffMs } from './backoff.js';
import type { RetryBudget } from './retry-budget.js';

/** `tries` counts the first one (default 5). Waits double from 200 ms to 20 s, with jitter from half to whole, and are never shorter than what
 *  the Fault asks for. A Fault that asks for more than 20 s is not waited out here. */
export type RetryPolicy = {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly tries?: number;
};

const WAITS = { firstMs: 200, mostMs: 20_000, jitter: [0.5, 1] } as const;

/** Repeats work while its Fault allows it and the budget lasts; the last Fault is thrown with the number of tries in its facts. */
export const withRetries = async <T>(policy: RetryPolicy, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> => {
  const { clock, random, budget, tries = 5 } = policy;
  budget.call();
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      const asked = isFault(error) ? retryDelayMs(error.retry) : undefined;
      if (!isFault(error) || asked === undefined || signal?.aborted === true) throw error;
      const stop = tried >= tries ? 'tries' : asked > WAITS.mostMs ? 'wait' : budget.retry() ? undefined : 'budget';
      if (stop !== undefined) throw withFacts(error, { tries: tried, stoppedBy: stop });
      await clock.sleep(Math.max(asked, backoffMs(WAITS, tried, random)), signal);
    }
  }
};

const withFacts = (fault: Fault, facts: Fault['facts']): Fault =>
  new Fault(fault.code, {
    retry: fault.retry,
    facts: { ...fault.facts, ...facts },
    cause: fault,
    ...(fault.advice === undefined ? {} : { advice: fault.advice }),
  });
