import { onceMore } from './once-more.js';

describe('work that is asked for again while it is done', () => {
  it('is done once more, however often it was asked for', async () => {
    const done: string[] = [];
    const waiting: (() => void)[] = [];
    const look = onceMore(
      ({ orderId }) => {
        done.push(orderId);
        return new Promise((resolve) => waiting.push(resolve));
      },
      () => undefined,
    );
    for (let times = 0; times < 100; times++) look({ workgroupId: 'w', orderId: 'a' });
    look({ workgroupId: 'w', orderId: 'b' });
    expect(done).toEqual(['a', 'b']);
    waiting.shift()?.();
    await new Promise(setImmediate);
    expect(done).toEqual(['a', 'b', 'a']);
    waiting.splice(0).forEach((end) => end());
    await new Promise(setImmediate);
    look({ workgroupId: 'w', orderId: 'a' });
    expect(done).toEqual(['a', 'b', 'a', 'a']);
  });

  it('goes on after a failure, which is reported', async () => {
    const failures: unknown[] = [];
    const look = onceMore(
      () => Promise.reject(new Error('no answer')),
      (error) => failures.push(error),
    );
    look({ workgroupId: 'w', orderId: 'a' });
    look({ workgroupId: 'w', orderId: 'a' });
    await new Promise(setImmediate);
    expect(failures).toEqual([new Error('no answer'), new Error('no answer')]);
  });
});
