import { FakeClock } from '@pstream/testing';
import { Seniority } from './seniority.js';

describe('the seniority of keys', () => {
  it('is the order in which they were taken first', () => {
    const seniority = new Seniority(new FakeClock());
    const ranks = ['a', 'b', 'a', 'c', 'b'].map((key) => seniority.of(key));
    expect(ranks).toEqual([1, 2, 1, 3, 2]);
  });
  it('ends when nothing of a key was taken for long', async () => {
    const clock = new FakeClock();
    const seniority = new Seniority(clock);
    expect([seniority.of('a'), seniority.of('b')]).toEqual([1, 2]);
    await clock.advance(9 * 60_000);
    expect(seniority.of('b')).toBe(2);
    await clock.advance(60_000);
    expect([seniority.of('a'), seniority.of('b')]).toEqual([3, 2]);
  });
});
