/** One staged extent. `id` is of fixed width: `e<epoch>-<index>-<first 64 bits of SHA-256>`; it never means two contents. */
export type StagedExtent = { readonly id: string; readonly index: number; readonly bytes: number; readonly sha256: string };

/** A part that is being written under one epoch. Zombies of earlier epochs are fenced where the destination can do it,
 *  and can do no harm where it cannot. */
export interface PartStaging {
  readonly epoch: number;
  /** Hands over one extent; resolves when the destination has acknowledged it. Index 0 (the HEADER) may come last. */
  stage(index: number, bytes: Uint8Array, signal?: AbortSignal): Promise<StagedExtent>;
  /** Publishes the part: exactly these extents, in index order, visible at once and whole, only if no blob has the name.
   *  A lost reply or 409 / 412 is resolved by comparing the metadata {part, listSha256}; another blob under the name is
   *  Fault 'part.foreign-blob' (never; facts name, etag). May be repeated, also after a take-over of the same list.
   *  `fileSha256`, if known, is put into the metadata too. The fence is let go with the commit. */
  commit(extents: readonly StagedExtent[], listSha256: string, signal?: AbortSignal, fileSha256?: string): Promise<CommittedPart>;
  /** Gives the part up: fences go away, staged bytes too or within 7 days where the destination cannot delete them (Azure);
   *  nothing was ever visible. */
  abandon(signal?: AbortSignal): Promise<void>;
  /** Lets go without deleting anything (shutdown). May be called after commit or abandon too. */
  release(): Promise<void>;
}

/** Why what is under the name of a part is not the part on record; undefined if it is. */
export const differenceOf = (
  part: RecordedPart,
  there: CommittedPart & { readonly metadata: Readonly<Record<string, string>> },
): 'part.foreign-blob' | 'part.changed' | undefined => {
  if (there.metadata['part'] !== part.partId) return 'part.foreign-blob';
  const isSame = 'etag' in part ? there.etag === part.etag : there.metadata['listSha256'] === part.listSha256;
  return isSame && there.bytes === part.bytes ? undefined : 'part.changed';
};

/** Where the extents of a part lie: extent 0 (the HEADER's) has a length of its own, all others but the last are equally long. */
export type PartLayout = { readonly headerBytes: number; readonly extentBytes: number };

export type CommittedPart = { readonly name: string; readonly etag: string; readonly bytes: number };

/** A part as it is on record. Of one whose commit may have happened without being recorded, the list is known instead of the ETag. */
export type RecordedPart = {
  readonly partId: string;
  readonly name: string;
  readonly bytes: number;
} & ({ readonly etag: string } | { readonly listSha256: string });

/** Why a part that is there is not deleted: another blob has its name, it is not as it was committed, the container or the blob is under a
 *  policy or a hold, somebody leases it, or it has snapshots. */
export const KEPT = [
  'part.foreign-blob',
  'part.changed',
  'part.immutability-policy',
  'part.legal-hold',
  'part.leased',
  'part.has-snapshots',
] as const;
export type Removal = { readonly is: 'deleted' | 'there' | 'gone' } | { readonly is: 'kept'; readonly why: (typeof KEPT)[number] };

/** What a check of a destination tries; the container only where it is not there. */
export const CHECK_STEPS = ['container', 'write', 'read', 'delete'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

/** A storage account as far as the credential shows it: its kind and SKU as Azure names them, for how many days deleted blobs can be
 *  restored (0: not at all), and what of the container anybody may read without a credential. Undefined is what the credential does not show. */
export type AccountFacts = {
  readonly kind: string | undefined;
  readonly sku: string | undefined;
  readonly softDeleteDays: number | undefined;
  readonly publicAccess: 'none' | 'blobs' | 'blobs and their list' | undefined;
};

/** Where finished PSTs land: a folder or an Azure Blob container. By Reliability §1 nothing is visible under a part's
 *  name before commit, a commit never overwrites, and what has been committed is never changed, only removed on request.
 *
 *  A name may have one folder before it, as in `trial/ann.pst`.
 *
 *  Metadata of a part: `part`, `listSha256`, `fileSha256` (only if given at commit).
 *
 *  Faults: 'part.foreign-blob', 'part.extents-lost' (never: a listed extent is not there any more; facts index),
 *  'part.fenced' (never: another owner has taken the part over, or has let it go; facts epoch. Read the part's stream: if the
 *  epoch is still yours, take again, at most 3 times; else stop), 'part.not-found' (never), 'part.bad-name' (never; facts reason),
 *  'destination.forbidden' / 'destination.not-found' (never, advice), 'destination.unavailable' (retry), 'storage.full' (retry). */
export interface PartStore {
  /** What `commit` needs and `Verify Credentials` asks for: the container exists or can be made, a blob can be written, read and deleted.
   *  `begins` hears of each step, more than once where a step is repeated; the last one is the one that failed. */
  check(signal?: AbortSignal, begins?: (step: CheckStep) => void): Promise<void>;
  /** What the storage account says of itself; absent where there is no account. Faults: those of `check`. */
  account?(signal?: AbortSignal): Promise<AccountFacts>;
  /** Takes a part over under `epoch`. `keep` are the extents that a checkpoint lists (empty for a new part): they are
   *  still staged afterwards, byte for byte, whatever an earlier owner does; otherwise Fault 'part.extents-lost'. May be repeated under the same epoch; that also renews the life
   *  of staged bytes where it is limited (Azure: 7 days). A part that is published already may be taken, to repeat its commit. */
  take(
    part: { readonly partId: string; readonly name: string },
    epoch: number,
    keep: readonly StagedExtent[],
    signal?: AbortSignal,
  ): Promise<PartStaging>;
  /** The committed part, or undefined. */
  head(name: string, signal?: AbortSignal): Promise<(CommittedPart & { readonly metadata: Readonly<Record<string, string>> }) | undefined>;
  /** Deletes a committed part; what is not this part is left alone. True if it is not there any more, by whomever it was deleted. */
  remove(part: { readonly partId: string; readonly name: string }, signal?: AbortSignal): Promise<boolean>;
  /** Deletes a committed part if it is byte for byte under its name what is on record: by its metadata, its length, and its ETag. With `look` it
   *  deletes nothing and says what it would do ('there': it would be deleted). May be repeated: then it is 'gone'. */
  removeUnchanged(part: RecordedPart, look: boolean, signal?: AbortSignal): Promise<Removal>;
  /** Range reads of a committed part. */
  open(
    name: string,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number; read(offset: number, length: number): Promise<Uint8Array>; close(): Promise<void> }>;
  /** Where a person finds it: an absolute path or a URL without credentials. */
  locate(name: string): string;
}
