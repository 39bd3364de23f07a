import { semaphore } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';

/** A blob store of which at most `inFlight` calls run at once; the others wait their turn. A list holds a place only while it looks for
 *  its next name. Put it around `retrying` to bound calls, inside it to let waits give their place away. */
export const limited = (store: BlobStore, options: { readonly inFlight: number }): BlobStore => {
  const run = semaphore(options.inFlight);
  return {
    putIfAbsent: (name, bytes, signal) => run(() => store.putIfAbsent(name, bytes, signal), signal),
    get: (name, signal) => run(() => store.get(name, signal), signal),
    head: (name, signal) => run(() => store.head(name, signal), signal),
    async *list(prefix, signal) {
      const names = store.list(prefix, signal)[Symbol.asyncIterator]();
      for (;;) {
        const next = await run(() => names.next(), signal);
        if (next.done === true) return;
        yield next.value;
      }
    },
    delete: (names, signal) => run(() => store.delete(names, signal), signal),
  };
};
