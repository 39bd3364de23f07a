import type { BlockBlobClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import { assert, isFault, semaphore, type Facts } from '@pstream/kernel';
import { assertExtent, assertList, describeExtent, extentsLost, fenced, foreignBlob, padded, partMetadata, samePart } from '../extents.js';
import type { CommittedPart, PartLayout, PartStaging, PartStore, StagedExtent } from '../part-store.js';
import type { AzureContainer } from './azure-container.js';
import { leaseRefused, serviceCode } from './azure-errors.js';
import { acquireLease, leaseIdOf, releaseLease } from './azure-lease.js';

/** One part in a container under one epoch. */
export type AzurePart = {
  readonly container: AzureContainer;
  readonly blob: BlockBlobClient;
  readonly partId: string;
  readonly name: string;
  readonly epoch: number;
  readonly layout: PartLayout;
  readonly inFlight: number;
  readonly extentDeadlineMs: number;
  readonly head: (name: string, signal?: AbortSignal) => ReturnType<PartStore['head']>;
};

// No extent has this index, so the block that carries the lease and keeps the others alive is never listed.
const MARKER_INDEX = 999_999;

const blockId = (id: string): string => Buffer.from(id).toString('base64');
const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
const leased = (leaseId: string | undefined): { conditions?: { leaseId: string } } =>
  leaseId === undefined ? {} : { conditions: { leaseId } };

const call = <T>(
  part: AzurePart,
  facts: Facts,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  deadlineMs?: number,
): Promise<T> => part.container.call('destination', { part: part.partId, epoch: part.epoch, ...facts }, signal, work, deadlineMs);

const putMarker = (part: AzurePart, leaseId: string | undefined, signal: AbortSignal | undefined): Promise<'staged' | 'leased'> =>
  call(part, { operation: 'put-marker' }, signal, async (abortSignal) => {
    const bytes = Buffer.from(`${part.partId} ${padded(part.epoch)}`);
    const { sha256 } = await describeExtent(part.epoch, 0, bytes);
    const id = `e${padded(part.epoch)}-${padded(MARKER_INDEX)}-${sha256.slice(0, 16)}`;
    try {
      await part.blob.stageBlock(blockId(id), bytes, bytes.length, {
        abortSignal,
        transactionalContentMD5: md5(bytes),
        ...leased(leaseId),
      });
      return 'staged';
    } catch (error) {
      if (leaseRefused(error)) return 'leased';
      // Blocks with ids of another length: somebody else is uploading under this name.
      if (serviceCode(error) === 'InvalidBlobOrBlock') throw foreignBlob(part.name, '');
      throw error;
    }
  });

/** Puts the lease on the part's uncommitted blob and renews the life of its blocks. Returns the lease id, undefined without a lease. */
export const fenceOff = async (part: AzurePart, signal: AbortSignal | undefined): Promise<string | undefined> => {
  // A lease needs a blob, and a blob needs a block. Refused if an earlier owner's lease is on it, which is a blob too.
  const marker = await putMarker(part, undefined, signal);
  const wanted = leaseIdOf(part.partId, part.epoch);
  const leaseId = await call(part, { operation: 'lease' }, signal, (abortSignal) =>
    acquireLease(part.blob, wanted, part.epoch, abortSignal),
  );
  if (marker === 'leased' && (await putMarker(part, leaseId, signal)) === 'leased') throw fenced(part.epoch, 'another owner has the lease');
  return leaseId;
};

/** Fault 'part.extents-lost' unless every extent is staged with its full length. */
export const requireStaged = async (part: AzurePart, extents: readonly StagedExtent[], signal: AbortSignal | undefined): Promise<void> => {
  if (extents.length === 0) return;
  const staged = await call(part, { operation: 'get-block-list' }, signal, async (abortSignal) => {
    const { uncommittedBlocks = [] } = await part.blob.getBlockList('uncommitted', { abortSignal });
    return new Map(uncommittedBlocks.map((block) => [block.name, block.size]));
  });
  const lost = extents.filter((extent) => staged.get(blockId(extent.id)) !== extent.bytes);
  if (lost[0] !== undefined) throw extentsLost(lost[0].index, lost.length);
};

/** Stages into the uncommitted blob; `published` means that the part is there already and `commit` only compares. */
export const azurePartStaging = (part: AzurePart, lease: string | undefined, published: boolean): PartStaging => {
  const { blob, name, epoch, head, partId } = part;
  const limited = semaphore(part.inFlight);
  let leaseId = lease;
  let open = !published;

  const letGo = async (signal: AbortSignal | undefined): Promise<void> => {
    open = false;
    const held = leaseId;
    if (held === undefined) return;
    await call(part, { operation: 'release' }, signal, (abortSignal) => releaseLease(blob, held, abortSignal));
    leaseId = undefined;
  };
  const compare = async (
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<CommittedPart | undefined> => {
    const there = await head(name, signal);
    if (there === undefined) return undefined;
    if (!samePart(there.metadata, metadata)) throw foreignBlob(name, there.etag);
    return { name, etag: there.etag, bytes: there.bytes };
  };
  const putList = async (
    extents: readonly StagedExtent[],
    metadata: Record<string, string>,
    bytes: number,
    signal: AbortSignal | undefined,
  ): Promise<CommittedPart> => {
    try {
      return await call(part, { operation: 'commit' }, signal, async (abortSignal) => {
        try {
          const conditions = { ifNoneMatch: '*', ...(leaseId === undefined ? {} : { leaseId }) };
          const { etag = '' } = await blob.commitBlockList(
            extents.map((extent) => blockId(extent.id)),
            { abortSignal, metadata, conditions },
          );
          return { name, etag, bytes };
        } catch (error) {
          if (leaseRefused(error)) throw fenced(epoch, serviceCode(error));
          throw error;
        }
      });
    } catch (error) {
      if (signal?.aborted === true || !isFault(error)) throw error;
      // Lost reply, 409, 412, 400: what is there decides, and if nothing is there, what is still staged.
      const there = await compare(metadata, signal).catch((told: unknown) => {
        throw isFault(told) && told.code === 'part.foreign-blob' ? told : error;
      });
      if (there !== undefined) return there;
      if (error.facts['serviceCode'] === 'InvalidBlockList') await requireStaged(part, extents, signal);
      throw error;
    }
  };

  return {
    epoch,
    stage: (index, bytes, signal) =>
      limited(async () => {
        assertExtent(part.layout, index, bytes.length);
        if (!open) throw fenced(epoch, 'published or given up');
        const extent = await describeExtent(epoch, index, bytes);
        await call(
          part,
          { operation: 'stage', index },
          signal,
          async (abortSignal) => {
            try {
              const options = { abortSignal, transactionalContentMD5: md5(bytes), ...leased(leaseId) };
              await blob.stageBlock(blockId(extent.id), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), bytes.length, options);
            } catch (error) {
              if (leaseRefused(error)) throw fenced(epoch, serviceCode(error));
              throw error;
            }
          },
          part.extentDeadlineMs,
        );
        return extent;
      }, signal),
    commit: async (extents, listSha256, signal, fileSha256) => {
      const metadata = partMetadata(partId, listSha256, fileSha256);
      const bytes = assertList(extents);
      // Asked first as well: an old report says that the service may ignore If-None-Match where a lease id is sent.
      const committed = (await compare(metadata, signal)) ?? (await putList(extents, metadata, bytes, signal));
      assert(committed.bytes === bytes, `published ${committed.bytes} bytes, listed ${bytes}`);
      // The part is there; a lease that cannot be released now is released by `release` or by the next commit of the same list.
      await letGo(signal).catch((error: unknown) => {
        if (!isFault(error)) throw error;
      });
      return committed;
    },
    abandon: letGo,
    release: () => letGo(undefined),
  };
};
