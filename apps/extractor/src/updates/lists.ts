import type { BlobStore } from '@pstream/blob';
import { manifestSha256, parseUpdatedList, type ManifestRef, type UpdatedItem } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';

/** Stores a list of what an update has found, unless an earlier attempt stored it first: then that one counts. */
export const storeList = async (
  work: BlobStore,
  passId: string,
  number: number,
  items: readonly UpdatedItem[],
  signal: AbortSignal,
): Promise<ManifestRef> => {
  const key = `updates/${passId}/${String(number)}.json`;
  const bytes = new TextEncoder().encode(JSON.stringify(items));
  try {
    await work.putIfAbsent(key, bytes, signal);
    return { key, sha256: manifestSha256(bytes) };
  } catch (error) {
    if (!isFault(error) || error.code !== 'blob.exists') throw error;
    return { key, sha256: manifestSha256(await work.get(key, signal)) };
  }
};

/** A list as it was stored. Fault 'manifest.damaged' (never). */
export const readList = async (work: BlobStore, ref: ManifestRef, signal?: AbortSignal): Promise<UpdatedItem[]> =>
  parseUpdatedList(ref, await work.get(ref.key, signal));
