import { FakeClock, waitFor } from '@pstream/testing';
import type { ProjectionStore } from './projection.js';
import type { RebuildProgress } from './rebuild.js';
import { requestRebuild, runRebuilds, type RebuildsOptions } from './rebuild-control.js';
import { seats } from './seats.fixture.js';
import { memoryProjectionStore } from './sqlite-projection-store.js';

describe('rebuilds that are asked for', () => {
  let clock: FakeClock;
  let store: ProjectionStore;
  const stops: AbortController[] = [];
  const running: Promise<void>[] = [];
  const failures: string[] = [];

  const progress = (events: number, done: boolean): RebuildProgress => ({ projection: seats.name, generation: 'g1', events, done });
  const run = (owner: string, rebuild: RebuildsOptions['rebuild']): AbortController => {
    const stop = new AbortController();
    stops.push(stop);
    running.push(
      runRebuilds({ store, clock, owner, names: [seats.name], rebuild, failed: (name) => failures.push(name), signal: stop.signal }),
    );
    return stop;
  };
  const record = async () => (await store.rebuilds()).get(seats.name);
  const reaches = (state: string): Promise<unknown> => waitFor(async () => (await record())?.state === state, { what: state });

  beforeEach(async () => {
    clock = new FakeClock({ autoAdvance: true });
    store = memoryProjectionStore();
    await store.prepare(seats);
    failures.length = 0;
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop.abort();
    await Promise.all(running.splice(0));
    await store.close();
  });

  it('run, and say how far they are', async () => {
    run('a', async (_name, { onProgress }) => {
      onProgress(progress(5, false));
      await waitFor(async () => (await record())?.events === 5);
      onProgress(progress(7, true));
      return progress(7, true);
    });
    expect(await requestRebuild(store, clock, seats.name)).toMatchObject({ state: 'requested', revision: 1 });
    await reaches('done');
    expect(await record()).toMatchObject({ events: 7, owner: 'a', code: null });
    expect(await requestRebuild(store, clock, seats.name)).toMatchObject({ state: 'requested', events: 0 });
  });

  it('are one, however often they are asked for', async () => {
    const first = await requestRebuild(store, clock, seats.name);
    expect(await requestRebuild(store, clock, seats.name)).toEqual(first);
  });

  it('begin again elsewhere when their process died, and at once when it was stopped', async () => {
    await requestRebuild(store, clock, seats.name);
    const at = clock.now();
    await store.noteRebuild(seats.name, { state: 'running', events: 3, requestedAt: at, updatedAt: at, owner: 'dead', code: null }, 1);
    const untilStopped = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const stop = run('b', (_name, { signal }) => untilStopped(signal));
    await waitFor(async () => (await record())?.owner === 'b');
    stop.abort();
    await reaches('requested');
    run('c', () => Promise.resolve(progress(9, true)));
    await reaches('done');
    expect(await record()).toMatchObject({ owner: 'c' });
    expect(failures).toEqual([]);
  });

  it('fail by themselves: the projector goes on', async () => {
    let fails = true;
    run('a', () => {
      if (fails) return Promise.reject(new TypeError('our bug'));
      return Promise.resolve(progress(1, true));
    });
    await requestRebuild(store, clock, seats.name);
    await reaches('failed');
    expect(await record()).toMatchObject({ code: 'projection.rebuild-failed' });
    expect(failures).toEqual([seats.name]);
    fails = false;
    await requestRebuild(store, clock, seats.name);
    await reaches('done');
  });
});
