import { FakeClock, waitFor } from '@pstream/testing';
import { inRounds, Resident } from './resident.js';

class Recording extends Resident {
  readonly seen: string[] = [];

  protected override start(): void {
    const part = (name: string) => ({
      close: () => {
        this.seen.push(`${name} closed, ${this.stopping.aborted ? 'stopping' : 'running'}`);
        return Promise.resolve();
      },
    });
    this.closes(part('first'));
    this.closes(part('second'));
    this.awaits(Promise.reject(new Error('of whoever began it')));
    this.seen.push('started');
  }
}

describe('a resident of a process', () => {
  it('starts when everything is wired, and closes what it opened, the last first', async () => {
    const resident = new Recording();
    expect(resident.seen).toEqual([]);
    await resident.onApplicationBootstrap();
    await resident.beforeApplicationShutdown();
    expect(resident.seen).toEqual(['started', 'second closed, stopping', 'first closed, stopping']);
    await resident.beforeApplicationShutdown();
    expect(resident.seen).toHaveLength(3);
  });
});

describe('rounds', () => {
  it('are made at once and after each wait, whatever one fails with, until the signal', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const failures: unknown[] = [];
    let rounds = 0;
    const done = inRounds({ clock, everyMs: 1_000, signal: stop.signal, failed: (error) => failures.push(error) }, () => {
      rounds++;
      return rounds === 2 ? Promise.reject(new Error('second')) : Promise.resolve();
    });
    for (const expected of [1, 2, 3]) {
      await waitFor(() => rounds === expected && clock.sleepers.length === 1);
      await clock.advance(1_000);
    }
    await waitFor(() => rounds === 4 && clock.sleepers.length === 1);
    stop.abort();
    await done;
    expect([rounds, failures.length]).toEqual([4, 1]);
  });
});
