import { Fault, type Retry } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';

/** What a call does: works, fails before its effect, or after it. */
export type Mood = 'works' | 'request-lost' | 'reply-lost';

/** A store whose calls go as `mood` says; `retry` is what its Faults ask for. */
export const flakyStore = (store: BlobStore, mood: () => Mood, retry: Retry = 'now'): BlobStore => {
  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    const now = mood();
    const lost = new Fault('blob.unavailable', { retry, facts: { mood: now } });
    if (now === 'request-lost') throw lost;
    const result = await work();
    if (now === 'reply-lost') throw lost;
    return result;
  };
  return {
    putIfAbsent: (name, bytes, signal) => run(() => store.putIfAbsent(name, bytes, signal)),
    get: (name, signal) => run(() => store.get(name, signal)),
    head: (name, signal) => run(() => store.head(name, signal)),
    async *list(prefix, signal) {
      for await (const name of store.list(prefix, signal)) yield await run(() => Promise.resolve(name));
    },
    delete: (names, signal) => run(() => store.delete(names, signal)),
  };
};
