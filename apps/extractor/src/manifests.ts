import type { BlobStore } from '@pstream/blob';
import { manifestSha256, parseManifest, type ManifestRef, type PageManifest } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';

/** Blob name of a page's manifest. */
export const manifestKey = (passId: string, folderKey: string, page: number): string => `manifests/${passId}/${folderKey}-${page}.json`;

/** Stores a page, unless an earlier attempt stored it first: then that one counts. */
export const storeManifest = async (
  work: BlobStore,
  key: string,
  page: PageManifest,
  signal: AbortSignal,
): Promise<{ readonly ref: ManifestRef; readonly page: PageManifest }> => {
  const bytes = new TextEncoder().encode(JSON.stringify(page));
  try {
    await work.putIfAbsent(key, bytes, signal);
    return { ref: { key, sha256: manifestSha256(bytes) }, page };
  } catch (error) {
    if (!isFault(error) || error.code !== 'blob.exists') throw error;
    return storedManifest(work, key, signal);
  }
};

/** A page as it is stored, whoever stored it: the log may not have its hash yet. Faults 'manifest.damaged' (never) when it is no manifest,
 *  'blob.not-found'. */
export const storedManifest = async (
  work: BlobStore,
  key: string,
  signal: AbortSignal,
): Promise<{ readonly ref: ManifestRef; readonly page: PageManifest }> => {
  const bytes = await work.get(key, signal);
  const ref = { key, sha256: manifestSha256(bytes) };
  return { ref, page: parseManifest(ref, bytes) };
};

/** Reads a page back. Fault 'manifest.damaged' (never) when it is not what was stored. */
export const readManifest = async (work: BlobStore, ref: ManifestRef, signal?: AbortSignal): Promise<PageManifest> =>
  parseManifest(ref, await work.get(ref.key, signal));
