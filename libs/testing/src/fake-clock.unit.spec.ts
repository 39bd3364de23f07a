import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('stands still until it is advanced, and lists who waits', async () => {
    const clock = new FakeClock({ start: '2026-03-01T00:00:00.000Z' });
    const woken: string[] = [];
    const late = clock.sleep(500).then(() => woken.push('late'));
    const soon = clock.sleep(100).then(() => woken.push('soon'));
    await clock.yield();
    expect(clock.sleepers).toEqual([{ inMs: 100 }, { inMs: 500 }]);
    await clock.advance(99);
    expect(woken).toEqual([]);
    await clock.advance(1);
    expect(woken).toEqual(['soon']);
    expect(clock.now()).toBe('2026-03-01T00:00:00.100Z');
    await clock.advance(10_000);
    await Promise.all([late, soon]);
    expect(clock.monotonicMs()).toBe(10_100);
  });

  it('wakes those who start to wait while time passes, each at its own time', async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const work = (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(100);
        times.push(clock.monotonicMs());
      }
    })();
    await clock.advance(1_000);
    await work;
    expect(times).toEqual([100, 200, 300]);
  });

  it('rejects with the reason of an abort and forgets the sleeper', async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const sleep = clock.sleep(100, abort.signal);
    abort.abort(new Error('enough'));
    await expect(sleep).rejects.toThrow('enough');
    expect(clock.sleepers).toEqual([]);
    await expect(clock.sleep(1, abort.signal)).rejects.toThrow('enough');
  });

  it('jumps from sleeper to sleeper in auto mode', async () => {
    const clock = new FakeClock({ autoAdvance: true });
    const order: string[] = [];
    await Promise.all([
      clock.sleep(86_400_000).then(() => order.push(`day at ${clock.monotonicMs()}`)),
      clock.sleep(60_000).then(() => order.push(`minute at ${clock.monotonicMs()}`)),
    ]);
    expect(order).toEqual(['minute at 60000', 'day at 86400000']);
  });

  it('lets a sleep of nothing pass without help', async () => {
    const clock = new FakeClock();
    await clock.sleep(0);
    expect(clock.monotonicMs()).toBe(0);
  });
});
