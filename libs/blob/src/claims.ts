import { createHmac } from 'node:crypto';
import { Fault, isFault } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';
import { sha256Hex, sha256HexAside } from './digest.js';

/** What a message carries in place of a large payload. `key` is the blob's name, `sha256` 64 hex digits of its content. */
export type Claim = { readonly key: string; readonly sha256: string; readonly bytes: number };

const prefixOf = (job: string): string => {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(job) || /^\.+$/.test(job))
    throw new Fault('claim.bad-job', { retry: 'never', facts: { characters: job.length } });
  return `claims/${job}/`;
};

/** Stores a payload as `claims/<job>/<HMAC-SHA-256(jobKey, content)>`: the same content twice is one blob, and the name tells nobody
 *  that two jobs hold the same mail. `jobKey` has at least 32 bytes; `sha256` is the content's, where the caller has it. Faults as of
 *  `putIfAbsent`. */
export const putClaim = async (
  store: BlobStore,
  { jobKey, job, sha256 }: { readonly jobKey: Uint8Array; readonly job: string; readonly sha256?: string },
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<Claim> => {
  if (jobKey.length < 32) throw new Fault('claim.short-key', { retry: 'never', facts: { bytes: jobKey.length, least: 32 } });
  const key = prefixOf(job) + createHmac('sha256', jobKey).update(bytes).digest('hex');
  await store.putIfAbsent(key, bytes, signal);
  return { key, sha256: sha256 ?? sha256Hex(bytes), bytes: bytes.length };
};

/** Fetches a payload, byte for byte what was claimed. Faults: 'claim.missing' and 'claim.damaged' (never: extract the item again). */
export const getClaim = async (store: BlobStore, claim: Claim, signal?: AbortSignal): Promise<Uint8Array> => {
  let bytes: Uint8Array;
  try {
    bytes = await store.get(claim.key, signal);
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code === 'blob.not-found')
      throw new Fault('claim.missing', { retry: 'never', facts: { key: claim.key, bytes: claim.bytes }, cause: error });
    if (error.code === 'blob.damaged')
      throw new Fault('claim.damaged', { retry: 'never', facts: { key: claim.key, bytes: claim.bytes }, cause: error });
    throw error;
  }
  const sha256 = await sha256HexAside(bytes);
  if (bytes.length !== claim.bytes || sha256 !== claim.sha256) {
    const facts = { key: claim.key, bytes: bytes.length, expectedBytes: claim.bytes, sha256, expectedSha256: claim.sha256 };
    throw new Fault('claim.damaged', { retry: 'never', facts });
  }
  return bytes;
};

/** Deletes a finished job's claims but those in `live` (their keys, by the events), and nothing outside the job's prefix. With `dryRun`
 *  nothing is deleted. Returns how many were or would be freed and how many stay. */
export const freeClaims = async (
  store: BlobStore,
  job: string,
  options: { readonly live: ReadonlySet<string>; readonly dryRun: boolean; readonly signal?: AbortSignal },
): Promise<{ readonly freed: number; readonly kept: number }> => {
  const prefix = prefixOf(job);
  let [freed, kept] = [0, 0];
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    if (!options.dryRun && batch.length > 0) await store.delete(batch, options.signal);
    freed += batch.length;
    batch = [];
  };
  for await (const name of store.list(prefix, options.signal)) {
    if (options.live.has(name)) kept++;
    else if (batch.push(name) >= 256) await flush();
  }
  await flush();
  return { freed, kept };
};
