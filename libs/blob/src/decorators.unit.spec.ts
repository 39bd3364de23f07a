import { Fault, retryBudget, seededRandom, type RetryPolicy } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { blobStoreContract } from './blob-store.contract.js';
import { flakyStore, type Mood } from './flaky-store.fixture.js';
import { limited } from './limited.js';
import { memoryBlobStore } from './memory-blob-store.js';
import { retrying } from './retrying.js';

const autoClock = (): FakeClock => new FakeClock({ autoAdvance: true });
const policy = (over: Partial<RetryPolicy> = {}): RetryPolicy => {
  const clock = over.clock ?? autoClock();
  return { clock, random: seededRandom(1), budget: retryBudget(clock, { least: 1e9 }), ...over };
};
/** Every other call fails, in turn before and after its effect. */
const moods = (): (() => Mood) => {
  const order: readonly Mood[] = ['request-lost', 'works', 'reply-lost', 'works'];
  let at = 0;
  return () => order[at++ % order.length] ?? 'works';
};

blobStoreContract('memory', () => Promise.resolve(memoryBlobStore()));
blobStoreContract('memory, limited', () => Promise.resolve(limited(memoryBlobStore(), { inFlight: 2 })));

describe('retrying', () => {
  it('ends as if nothing had failed, with existed for a put whose reply was lost', async () => {
    const store = retrying(flakyStore(memoryBlobStore(), moods()), policy());
    const names = ['a/1', 'a/2', 'a/3', 'b'];
    const outcomes: string[] = [];
    for (const name of names) outcomes.push(await store.putIfAbsent(name, new TextEncoder().encode(name)));
    expect(outcomes).toEqual(['created', 'existed', 'created', 'existed']);
    for (const name of names) expect(Buffer.from(await store.get(name)).toString()).toBe(name);
    expect(await store.head('a/1')).toMatchObject({ bytes: 3 });
    await store.delete(['a/2']);
    expect(await store.head('a/2')).toBeUndefined();
  });
  it('goes on with a list after the last name, each once', async () => {
    const inner = memoryBlobStore();
    const names = Array.from({ length: 40 }, (_, i) => `n/${String(i).padStart(2, '0')}`);
    for (const name of names) await inner.putIfAbsent(name, new Uint8Array());
    let calls = 0;
    const store = retrying(
      flakyStore(inner, () => (++calls % 50 === 7 ? 'request-lost' : 'works')),
      policy(),
    );
    const seen: string[] = [];
    for await (const name of store.list('n/')) seen.push(name);
    expect(seen).toEqual(names);
    expect(calls).toBeGreaterThan(40);
  });
  it('fails fast with the cause when it is spent', async () => {
    const clock = autoClock();
    const store = retrying(
      flakyStore(memoryBlobStore(), () => 'request-lost'),
      policy({ clock, budget: retryBudget(clock, { least: 1 }) }),
    );
    await expect(store.get('x')).rejects.toMatchObject({ code: 'blob.unavailable', facts: { tries: 2, stoppedBy: 'budget' } });
    await expect(store.get('x')).rejects.toMatchObject({ code: 'blob.unavailable', facts: { tries: 1, stoppedBy: 'budget' } });
  });
});

describe('limited', () => {
  it('runs no more than its number at once, first come first served', async () => {
    let running = 0;
    let most = 0;
    const order: string[] = [];
    const slow = {
      ...memoryBlobStore(),
      head: async (name: string) => {
        most = Math.max(most, ++running);
        order.push(name);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return undefined;
      },
    };
    const store = limited(slow, { inFlight: 3 });
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name) => store.head(name)));
    expect(most).toBe(3);
    expect(order).toEqual(names);
  });
  it('gives its place on after a failure, and forgets who was aborted while waiting', async () => {
    const gate = Promise.withResolvers<undefined>();
    let calls = 0;
    const store = limited(
      { ...memoryBlobStore(), head: () => (calls++ === 0 ? gate.promise : Promise.resolve(undefined)) },
      { inFlight: 1 },
    );
    const first = store.head('a');
    const stop = new AbortController();
    const second = store.head('b', stop.signal);
    const third = store.head('c');
    stop.abort(new Error('no longer'));
    await expect(second).rejects.toThrow('no longer');
    gate.reject(new Fault('blob.unavailable', { retry: 'now' }));
    await expect(first).rejects.toMatchObject({ code: 'blob.unavailable' });
    await third;
    expect(calls).toBe(2);
  });
});
