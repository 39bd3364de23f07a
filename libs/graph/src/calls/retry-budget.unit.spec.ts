import { FakeClock } from '@pstream/testing';
import { RetryBudget } from './retry-budget.js';

const affordable = (budget: RetryBudget): number => {
  let count = 0;
  while (budget.takeRetry()) count++;
  return count;
};

describe('retry budget', () => {
  it('affords a tenth of the calls of the last minute', async () => {
    const clock = new FakeClock();
    const budget = new RetryBudget(clock, { share: 0.1, always: 10 });
    for (let call = 0; call < 1000; call++) budget.call();
    expect(affordable(budget)).toBe(100);
    await clock.advance(61_000);
    expect(affordable(budget)).toBe(10);
  });

  it('affords a few to a client with few calls', () => {
    const budget = new RetryBudget(new FakeClock(), { share: 0.1, always: 3 });
    budget.call();
    expect(affordable(budget)).toBe(3);
  });
});
