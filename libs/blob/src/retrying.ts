import { withRetries, type RetryPolicy } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';
import type { PartStaging, PartStore } from './part-store.js';

/** A blob store whose calls are repeated while their Faults allow it. A list continues after the last name it has given. */
export const retrying = (store: BlobStore, policy: RetryPolicy): BlobStore => ({
  putIfAbsent: (name, bytes, signal) => withRetries(policy, signal, () => store.putIfAbsent(name, bytes, signal)),
  get: (name, signal) => withRetries(policy, signal, () => store.get(name, signal)),
  head: (name, signal) => withRetries(policy, signal, () => store.head(name, signal)),
  async *list(prefix, signal) {
    const begin = (): AsyncIterator<string> => store.list(prefix, signal)[Symbol.asyncIterator]();
    let names = begin();
    let last: string | undefined;
    let broken = false;
    for (;;) {
      const next = await withRetries(policy, signal, async () => {
        if (broken) names = begin();
        broken = true;
        let found = await names.next();
        while (found.done !== true && last !== undefined && found.value <= last) found = await names.next();
        broken = false;
        return found;
      });
      if (next.done === true) return;
      last = next.value;
      yield next.value;
    }
  },
  delete: (names, signal) => withRetries(policy, signal, () => store.delete(names, signal)),
});

/** A part store whose calls are repeated while their Faults allow it: by its contract each of them may be. */
export const retryingParts = (store: PartStore, policy: RetryPolicy): PartStore => ({
  check: (signal, begins) => withRetries(policy, signal, () => store.check(signal, begins)),
  ...(store.account === undefined ? {} : { account: (signal?: AbortSignal) => withRetries(policy, signal, () => store.account!(signal)) }),
  take: async (part, epoch, keep, signal) =>
    retryingStaging(await withRetries(policy, signal, () => store.take(part, epoch, keep, signal)), policy),
  head: (name, signal) => withRetries(policy, signal, () => store.head(name, signal)),
  remove: (part, signal) => withRetries(policy, signal, () => store.remove(part, signal)),
  removeUnchanged: (part, look, signal) => withRetries(policy, signal, () => store.removeUnchanged(part, look, signal)),
  open: async (name, signal) => {
    const part = await withRetries(policy, signal, () => store.open(name, signal));
    return {
      size: part.size,
      read: (offset, length) => withRetries(policy, undefined, () => part.read(offset, length)),
      close: () => part.close(),
    };
  },
  locate: (name) => store.locate(name),
});

const retryingStaging = (staging: PartStaging, policy: RetryPolicy): PartStaging => ({
  epoch: staging.epoch,
  stage: (index, bytes, signal) => withRetries(policy, signal, () => staging.stage(index, bytes, signal)),
  commit: (extents, listSha256, signal, fileSha256) =>
    withRetries(policy, signal, () => staging.commit(extents, listSha256, signal, fileSha256)),
  abandon: (signal) => withRetries(policy, signal, () => staging.abandon(signal)),
  release: () => withRetries(policy, undefined, () => staging.release()),
});
