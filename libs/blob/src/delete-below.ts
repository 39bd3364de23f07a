import type { BlobStore } from './blob-store.js';

/** Names handed to one call of `delete`. */
const BATCH = 256;

/** Deletes the blobs below a prefix to which `isFree` says yes, and returns how many. Faults as of `list` and `delete`; what is deleted
 *  by then stays deleted. */
export const deleteBelow = async (
  store: BlobStore,
  prefix: string,
  isFree: (name: string) => boolean | Promise<boolean>,
  signal?: AbortSignal,
): Promise<number> => {
  let deleted = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    await store.delete(batch, signal);
    deleted += batch.length;
    batch = [];
  };
  for await (const name of store.list(prefix, signal)) {
    if ((await isFree(name)) && batch.push(name) === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return deleted;
};
