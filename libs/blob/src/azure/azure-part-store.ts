import type { BlobGetPropertiesResponse } from '@azure/storage-blob';
import { Fault, isFault, systemRandom, type Random } from '@pstream/kernel';
import { assertId, assertPartId, DEFAULT_LAYOUT, foreignBlob } from '../extents.js';
import { splitPartName } from '../names.js';
import { differenceOf, type CheckStep, type CommittedPart, type PartLayout, type PartStore, type Removal } from '../part-store.js';
import { readBody } from './azure-blob-store.js';
import { azureContainer, type AzureContainerOptions } from './azure-container.js';
import { serviceCode, statusOf } from './azure-errors.js';
import { azurePartStaging, fenceOff, requireStaged, type AzurePart } from './azure-part-staging.js';
import { leaseIdOf } from './azure-lease.js';

/** `layout` bounds the extents; `inFlight` of them are sent at once per part (default 4), each within `extentDeadlineMs` (180,000). */
export type AzurePartStoreOptions = AzureContainerOptions & {
  readonly layout?: PartLayout;
  readonly inFlight?: number;
  readonly extentDeadlineMs?: number;
  readonly random?: Random;
};

/** Names of metadata come back in lower case, as headers do. */
const withOurCase = (metadata: Readonly<Record<string, string>>): Record<string, string> => {
  const ours: Readonly<Record<string, string>> = { listsha256: 'listSha256', filesha256: 'fileSha256' };
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [ours[key.toLowerCase()] ?? key.toLowerCase(), value]));
};

/** Azure's words for what anybody may read. */
const PUBLIC_ACCESS = { none: 'none', blob: 'blobs', container: 'blobs and their list' } as const;

type Head = CommittedPart & { readonly metadata: Readonly<Record<string, string>> };

/** What forbids deleting a blob or what is in a container. */
type Held = 'part.legal-hold' | 'part.immutability-policy';

/** Why the service does not delete a blob, by its own code. */
const REFUSALS: Readonly<Record<string, Extract<Removal, { is: 'kept' }>['why']>> = {
  SnapshotsPresent: 'part.has-snapshots',
  LeaseIdMissing: 'part.leased',
  LeaseIdMismatchWithBlobOperation: 'part.leased',
};

const headOf = (name: string, { contentLength = 0, etag = '', metadata = {} }: BlobGetPropertiesResponse): Head => ({
  name,
  etag,
  bytes: contentLength,
  metadata: withOurCase(metadata),
});

/** Parts as block blobs: extents are staged with Put Block (checked by MD5), published by one Put Block List that never overwrites.
 *  An infinite lease on the uncommitted blob is a second fence. Staged blocks that nobody publishes vanish 7 days after the last one;
 *  taking a part again under the same epoch renews them. `check` makes the container if it is absent and allowed; under a retention
 *  policy or legal hold it leaves its probe `.pstream-probe-…` behind. Faults also: 'destination.bad-endpoint'. */
export const azurePartStore = (options: AzurePartStoreOptions): PartStore => {
  const { layout = DEFAULT_LAYOUT, inFlight = 4, extentDeadlineMs = 180_000, random = systemRandom } = options;
  const container = azureContainer(options);
  const { client, service, call } = container;

  const head = async (name: string, signal?: AbortSignal): Promise<Head | undefined> => {
    splitPartName(name);
    const blob = client.getBlockBlobClient(name);
    return call('destination', { operation: 'head' }, signal, async (abortSignal) => {
      try {
        return headOf(name, await blob.getProperties({ abortSignal }));
      } catch (error) {
        // A HEAD has no body to name the container; `take` and `commit` meet it with their next call.
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  };

  /** What of the blob or of its container forbids deleting; undefined also where the credential does not show it. */
  const heldBy = async (name: string, signal: AbortSignal | undefined): Promise<Held | undefined> => {
    const shown = async <T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
      try {
        return await call('destination', { operation: 'hold' }, signal, work);
      } catch (error) {
        if (isFault(error) && error.retry === 'never') return undefined;
        throw error;
      }
    };
    const own = await shown((abortSignal) => client.getBlockBlobClient(name).getProperties({ abortSignal }));
    if (own?.legalHold === true) return 'part.legal-hold';
    if (own?.immutabilityPolicyExpiresOn !== undefined && own.immutabilityPolicyExpiresOn > (own.date ?? new Date(0)))
      return 'part.immutability-policy';
    const whole = await shown((abortSignal) => client.getProperties({ abortSignal }));
    if (whole?.hasLegalHold === true) return 'part.legal-hold';
    return whole?.hasImmutabilityPolicy === true ? 'part.immutability-policy' : undefined;
  };

  const removeUnchanged: PartStore['removeUnchanged'] = async (part, look, signal) => {
    const there = await head(part.name, signal);
    if (there === undefined) return { is: 'gone' };
    const why = differenceOf(part, there);
    if (why !== undefined) return { is: 'kept', why };
    if (look) {
      const held = await heldBy(part.name, signal);
      return held === undefined ? { is: 'there' } : { is: 'kept', why: held };
    }
    const refused = await call('destination', { operation: 'remove' }, signal, async (abortSignal) => {
      try {
        await client.getBlockBlobClient(part.name).delete({ abortSignal, conditions: { ifMatch: there.etag } });
        return undefined;
      } catch (error) {
        const code = serviceCode(error);
        if (statusOf(error) === 404) return 'gone';
        if (code === 'BlobImmutableDueToPolicy' || code in REFUSALS) return code;
        // Another blob has taken its place since it was looked at.
        if (statusOf(error) === 412) return 'changed';
        throw error;
      }
    });
    if (refused === undefined) return { is: 'deleted' };
    if (refused === 'gone') return { is: 'gone' };
    if (refused === 'changed') return { is: 'kept', why: 'part.changed' };
    return { is: 'kept', why: REFUSALS[refused] ?? (await heldBy(part.name, signal)) ?? 'part.immutability-policy' };
  };

  const check = async (signal: AbortSignal | undefined, begins: (step: CheckStep) => void): Promise<void> => {
    const probe = client.getBlockBlobClient(`.pstream-probe-${Buffer.from(random.bytes(8)).toString('hex')}`);
    const bytes = new Uint8Array(512);
    const step = <T>(operation: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
      call('destination', { operation }, signal, work);
    const write = (): Promise<unknown> =>
      step('write', (abortSignal) => probe.upload(bytes, bytes.length, { abortSignal, conditions: { ifNoneMatch: '*' } }));
    begins('write');
    try {
      await write();
    } catch (error) {
      if (!isFault(error) || error.code !== 'destination.not-found') throw error;
      begins('container');
      await step('create-container', (abortSignal) => client.createIfNotExists({ abortSignal }));
      begins('write');
      await write();
    }
    begins('read');
    await step('read', (abortSignal) => probe.getProperties({ abortSignal }));
    begins('delete');
    await step('delete', async (abortSignal) => {
      try {
        await probe.delete({ abortSignal });
      } catch (error) {
        // Nothing in the life of a part deletes a blob, so a container under a policy is a good destination.
        if (serviceCode(error) !== 'BlobImmutableDueToPolicy') throw error;
      }
    });
  };

  return {
    check: (signal, begins = () => undefined) => check(signal, begins),
    account: async (signal) => {
      const shown = async <T>(operation: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T | undefined> => {
        try {
          return await call('destination', { operation }, signal, work);
        } catch (error) {
          // Keys and account SAS show it; a SAS of the container and many roles do not.
          if (isFault(error) && error.retry === 'never') return undefined;
          throw error;
        }
      };
      const info = await shown('account', (abortSignal) => service.getAccountInfo({ abortSignal }));
      const { deleteRetentionPolicy: kept } = (await shown('properties', (abortSignal) => service.getProperties({ abortSignal }))) ?? {};
      const shownContainer = await shown('container', (abortSignal) => client.getProperties({ abortSignal }));
      return {
        kind: info?.accountKind,
        sku: info?.skuName,
        softDeleteDays: kept === undefined ? undefined : kept.enabled ? (kept.days ?? 1) : 0,
        publicAccess: shownContainer === undefined ? undefined : PUBLIC_ACCESS[shownContainer.blobPublicAccess ?? 'none'],
      };
    },
    take: async ({ partId, name }, epoch, keep, signal) => {
      splitPartName(name);
      assertPartId(partId);
      for (const extent of keep) assertId(extent);
      const there = await head(name, signal);
      if (there !== undefined && there.metadata['part'] !== partId) throw foreignBlob(name, there.etag);
      const part: AzurePart = {
        container,
        blob: client.getBlockBlobClient(name),
        partId,
        name,
        epoch,
        layout,
        inFlight,
        extentDeadlineMs,
        head,
      };
      // Published already: only the lease that its publisher may have left is to be let go, by `commit` or `release`.
      if (there !== undefined) return azurePartStaging(part, leaseIdOf(partId, epoch), true);
      const staging = azurePartStaging(part, await fenceOff(part, signal), false);
      try {
        await requireStaged(part, keep, signal);
      } catch (error) {
        await staging.release().catch(() => undefined);
        throw error;
      }
      return staging;
    },
    head,
    remove: async ({ partId, name }, signal) => {
      const there = await head(name, signal);
      if (there === undefined) return true;
      if (there.metadata['part'] !== partId) return false;
      return call('destination', { operation: 'remove' }, signal, async (abortSignal) => {
        try {
          await client.getBlockBlobClient(name).delete({ abortSignal, conditions: { ifMatch: there.etag } });
          return true;
        } catch (error) {
          // Deleted meanwhile, or another blob has taken its place.
          if (statusOf(error) === 404) return true;
          if (statusOf(error) === 412) return false;
          throw error;
        }
      });
    },
    removeUnchanged,
    open: async (name, signal) => {
      const there = await head(name, signal);
      if (there === undefined) throw new Fault('part.not-found', { retry: 'never', facts: { name } });
      const blob = client.getBlockBlobClient(name);
      return {
        size: there.bytes,
        read: async (offset, length) => {
          const count = Math.max(0, Math.min(length, there.bytes - offset));
          if (count === 0) return new Uint8Array();
          return call('destination', { operation: 'read', offset, length }, undefined, async (abortSignal) => {
            try {
              const reply = await blob.download(offset, count, { abortSignal, maxRetryRequests: 0, conditions: { ifMatch: there.etag } });
              return await readBody(reply.readableStreamBody, count);
            } catch (error) {
              // Gone or replaced while it was read: not the part that was opened.
              if (statusOf(error) === 404 || statusOf(error) === 412) throw foreignBlob(name, there.etag);
              throw error;
            }
          });
        },
        close: () => Promise.resolve(),
      };
    },
    locate: (name) => {
      const { folder, file } = splitPartName(name);
      return [container.url, ...(folder === '' ? [] : [folder]), encodeURIComponent(file)].join('/');
    },
  };
};
