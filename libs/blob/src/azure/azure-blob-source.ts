import { Fault, retryBudget, systemClock, systemRandom, withRetries, type Clock, type Random } from '@pstream/kernel';
import { readBody } from './azure-blob-store.js';
import { azureContainer, type AzureContainerOptions } from './azure-container.js';
import { statusOf } from './azure-errors.js';

/** A blob of any name in a container that need not be ours. */
export type AzureBlobSourceOptions = AzureContainerOptions & { readonly blob: string; readonly clock?: Clock; readonly random?: Random };

/** A blob that is read by ranges. */
export type BlobSource = { readonly size: number; read(offset: number, length: number): Promise<Uint8Array> };

/** Opens a blob for reading, whoever wrote it: the version that is there now, or nothing. Needs the right to read and no other. `signal`
 *  ends later reads too. Faults: 'blob.not-found', 'blob.changed' (never), 'blob.forbidden' (never), 'blob.unavailable' (after retries). */
export const azureBlobSource = async (options: AzureBlobSourceOptions, signal?: AbortSignal): Promise<BlobSource> => {
  const { clock = systemClock, random = systemRandom } = options;
  const policy = { clock, random, budget: retryBudget(clock) };
  const { client, call } = azureContainer(options);
  const blob = client.getBlobClient(options.blob);
  const head = await withRetries(policy, signal, () =>
    call('blob', { operation: 'head' }, signal, async (abortSignal) => {
      try {
        return await blob.getProperties({ abortSignal });
      } catch (error) {
        if (statusOf(error) !== 404) throw error;
        throw new Fault('blob.not-found', {
          retry: 'never',
          facts: {},
          advice: 'There is no such blob. Check container and name in the address.',
        });
      }
    }),
  );
  const size = head.contentLength ?? 0;
  return {
    size,
    read: (offset, length) =>
      withRetries(policy, signal, () =>
        call('blob', { operation: 'read', offset, length }, signal, async (abortSignal) => {
          if (length === 0) return new Uint8Array();
          try {
            const conditions = head.etag === undefined ? {} : { ifMatch: head.etag };
            const reply = await blob.download(offset, length, { abortSignal, maxRetryRequests: 0, conditions });
            return await readBody(reply.readableStreamBody, length);
          } catch (error) {
            if (statusOf(error) !== 404 && statusOf(error) !== 412) throw error;
            throw new Fault('blob.changed', {
              retry: 'never',
              facts: {},
              advice: 'The blob was replaced or deleted while it was read. Start again.',
            });
          }
        }),
      ),
  };
};
