import { createHmac } from 'node:crypto';
import { Fault, isFault } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';
import { deleteBelow } from './delete-below.js';
import { sha256Hex, sha256HexAside } from './digest.js';

/** What a message carries in place of a large payload. `key` is the blob's name, `sha256` 64 hex digits of its content. */
export type Claim = { readonly key: string; readonly sha256: string; readonly bytes: number };

/** Whose claims: those of one attempt of a pass. No two attempts share one, so that clearing away after one takes nothing from another. */
export type ClaimOwner = { readonly job: string; readonly pass: string; readonly attempt: number };

const segment = (id: string): string => {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(id) || /^\.+$/.test(id))
    throw new Fault('claim.bad-owner', { retry: 'never', facts: { characters: id.length } });
  return id;
};
const prefixOf = ({ job, pass }: Pick<ClaimOwner, 'job' | 'pass'>): string => `claims/${segment(job)}/${segment(pass)}/`;

/** Whose claim a blob is, by its name; undefined if that is not the name of a claim. */
export const claimOwner = (name: string): ClaimOwner | undefined => {
  const [, job, pass, attempt] = /^claims\/([^/]+)\/([^/]+)\/([1-9][0-9]{0,8})\/[0-9a-f]{64}$/.exec(name) ?? [];
  return job === undefined || pass === undefined ? undefined : { job, pass, attempt: Number(attempt) };
};

/** Stores a payload as `claims/<job>/<pass>/<attempt>/<HMAC-SHA-256(jobKey, content)>`: the same content twice is one blob, and the name
 *  tells nobody that two jobs hold the same mail. `jobKey` has at least 32 bytes; `sha256` is the content's, where the caller has it.
 *  Faults as of `putIfAbsent`. */
export const putClaim = async (
  store: BlobStore,
  { jobKey, sha256, ...owner }: ClaimOwner & { readonly jobKey: Uint8Array; readonly sha256?: string },
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<Claim> => {
  if (jobKey.length < 32) throw new Fault('claim.short-key', { retry: 'never', facts: { bytes: jobKey.length, least: 32 } });
  const key = `${prefixOf(owner)}${owner.attempt}/${createHmac('sha256', jobKey).update(bytes).digest('hex')}`;
  await store.putIfAbsent(key, bytes, signal);
  return { key, sha256: sha256 ?? sha256Hex(bytes), bytes: bytes.length };
};

const AGAIN = 'The item on its way is gone from the working storage. Run Retry Errors: it exports the item again.';

/** Fetches a payload, byte for byte what was claimed. Faults: 'claim.missing' and 'claim.damaged' (never: extract the item again). */
export const getClaim = async (store: BlobStore, claim: Claim, signal?: AbortSignal): Promise<Uint8Array> => {
  let bytes: Uint8Array;
  try {
    bytes = await store.get(claim.key, signal);
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code === 'blob.not-found')
      throw new Fault('claim.missing', { retry: 'never', facts: { key: claim.key, bytes: claim.bytes }, cause: error, advice: AGAIN });
    if (error.code === 'blob.damaged')
      throw new Fault('claim.damaged', { retry: 'never', facts: { key: claim.key, bytes: claim.bytes }, cause: error, advice: AGAIN });
    throw error;
  }
  const sha256 = await sha256HexAside(bytes);
  if (bytes.length !== claim.bytes || sha256 !== claim.sha256) {
    const facts = { key: claim.key, bytes: bytes.length, expectedBytes: claim.bytes, sha256, expectedSha256: claim.sha256 };
    throw new Fault('claim.damaged', { retry: 'never', facts, advice: AGAIN });
  }
  return bytes;
};

/** Deletes every claim of a pass, and nothing else. Returns how many there were. */
export const freeClaims = (store: BlobStore, pass: Pick<ClaimOwner, 'job' | 'pass'>, signal?: AbortSignal): Promise<number> =>
  deleteBelow(store, prefixOf(pass), () => true, signal);
