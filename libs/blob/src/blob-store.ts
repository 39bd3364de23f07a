/** What `head` tells. `metadata.sha256` is the hex digest of what was put, where the adapter keeps one (a folder does not). */
export type BlobInfo = { readonly bytes: number; readonly etag: string; readonly metadata: Readonly<Record<string, string>> };

/** Small objects: claims, page manifests, checkpoints. Names are `/`-separated segments of [A-Za-z0-9._-].
 *
 *  Faults: 'blob.exists' (never), 'blob.not-found' (never), 'blob.damaged' (never: content does not match its hash),
 *  'blob.unavailable' (retry), 'blob.forbidden' (never, with advice), 'storage.full' (retry),
 *  'blob.bad-name' (never). */
export interface BlobStore {
  /** Writes a blob that must not exist; a lost reply is resolved by comparing what is there. Same content again is fine:
   *  returns 'existed'. Other content under the name: Fault 'blob.exists'. */
  putIfAbsent(name: string, bytes: Uint8Array, signal?: AbortSignal): Promise<'created' | 'existed'>;
  get(name: string, signal?: AbortSignal): Promise<Uint8Array>;
  head(name: string, signal?: AbortSignal): Promise<BlobInfo | undefined>;
  /** Names with a prefix, ascending. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<string>;
  /** Deletes exactly these; names that are not there are fine. */
  delete(names: readonly string[], signal?: AbortSignal): Promise<void>;
}
