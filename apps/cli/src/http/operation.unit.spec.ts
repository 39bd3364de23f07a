import type { Operation } from '@pstream/api';
import { FakeClock } from '@pstream/testing';
import { carriedOut } from './operation.js';

const operation = (done: number, state = 'running'): Operation =>
  ({ operationId: 'O', state, done, total: 3, cause: null, shown: true }) as unknown as Operation;

/** What standard error has after answers that take twenty seconds each. */
const said = async (...answers: readonly Operation[]): Promise<string[]> => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const left = [...answers];
  const client = {
    getOperation: async () => {
      await clock.advance(20_000);
      return left.shift() ?? operation(3, 'finished');
    },
  };
  const stderr = { write: (text: string) => lines.push(text) };
  await carriedOut({ clock, stderr } as unknown as Parameters<typeof carriedOut>[0], client as never, operation(0));
  return lines;
};

describe('waiting for an operation', () => {
  it('says once that nothing moves, why that may be, and that it goes on by itself', async () => {
    const still = Array.from({ length: 10 }, () => operation(1));
    expect(await said(operation(1), ...still)).toEqual([
      expect.stringMatching(/^Nothing has moved for a minute: 1 of 3 done\..*a full disk.*pstream operation show O\n$/),
    ]);
  });

  it('says so again after it has moved, and nothing while it moves', async () => {
    const still = (done: number): Operation[] => Array.from({ length: 5 }, () => operation(done));
    expect(await said(...still(1), ...still(2))).toHaveLength(2);
    expect(await said(operation(0), operation(1), operation(1), operation(2), operation(2))).toEqual([]);
  });
});
