import type { BlockBlobClient } from '@azure/storage-blob';
import { Fault, isFault } from '@pstream/kernel';
import type { BlobInfo, BlobStore } from '../blob-store.js';
import { sha256Hex } from '../digest.js';
import { isBlobName, requireBlobName, requireBlobPrefix } from '../names.js';
import { azureContainer, type AzureContainerOptions } from './azure-container.js';
import { outcomeUnknown, serviceCode, statusOf } from './azure-errors.js';

const DELETES_AT_ONCE = 4;
const EXISTS = ['BlobAlreadyExists', 'ConditionNotMet', 'UnauthorizedBlobOverwrite'];

/** Blobs in an Azure container, which is made by the first put if it is absent. The SHA-256 of the content is kept in the metadata and
 *  checked by `get`. A put whose outcome is in doubt is settled by looking at what is there. Faults also: 'destination.bad-endpoint'. */
export const azureBlobStore = (options: AzureContainerOptions): BlobStore => {
  const { client, call } = azureContainer(options);
  const blobOf = (name: string): BlockBlobClient => {
    requireBlobName(name);
    return client.getBlockBlobClient(name);
  };

  const head = async (name: string, signal: AbortSignal | undefined): Promise<BlobInfo | undefined> => {
    const blob = blobOf(name);
    return call('blob', { name, operation: 'head' }, signal, async (abortSignal) => {
      try {
        const { contentLength = 0, etag = '', metadata = {} } = await blob.getProperties({ abortSignal });
        return { bytes: contentLength, etag, metadata };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  };

  const upload = async (name: string, bytes: Uint8Array, sha256: string, signal: AbortSignal | undefined): Promise<'created' | 'there'> => {
    const blob = blobOf(name);
    const once = (): Promise<'created' | 'there'> =>
      call('blob', { name, operation: 'put' }, signal, async (abortSignal) => {
        try {
          await blob.upload(bytes, bytes.length, { abortSignal, metadata: { sha256 }, conditions: { ifNoneMatch: '*' } });
          return 'created';
        } catch (error) {
          if (EXISTS.includes(serviceCode(error))) return 'there';
          throw error;
        }
      });
    try {
      return await once();
    } catch (error) {
      if (!(isFault(error) && error.facts['serviceCode'] === 'ContainerNotFound')) throw error;
      await call('blob', { operation: 'create-container' }, signal, (abortSignal) => client.createIfNotExists({ abortSignal }));
      return once();
    }
  };

  return {
    putIfAbsent: async (name, bytes, signal) => {
      const sha256 = sha256Hex(bytes);
      let doubt: unknown;
      try {
        if ((await upload(name, bytes, sha256, signal)) === 'created') return 'created';
      } catch (error) {
        if (signal?.aborted === true || !outcomeUnknown(error)) throw error;
        doubt = error;
      }
      // There is no telling a lost reply from another writer: what is there decides.
      const there = await head(name, signal).catch((error: unknown) => {
        throw doubt ?? error;
      });
      if (there === undefined) throw doubt ?? new Fault('blob.unavailable', { retry: 'now', facts: { name } });
      if (there.bytes === bytes.length && there.metadata['sha256'] === sha256) return 'existed';
      throw new Fault('blob.exists', {
        retry: 'never',
        facts: { name, etag: there.etag, bytes: there.bytes, expectedBytes: bytes.length },
      });
    },
    get: async (name, signal) => {
      const blob = blobOf(name);
      return call('blob', { name, operation: 'get' }, signal, async (abortSignal) => {
        try {
          const reply = await blob.download(0, undefined, { abortSignal, maxRetryRequests: 0 });
          const bytes = await readBody(reply.readableStreamBody, reply.contentLength ?? 0);
          const expected = reply.metadata?.['sha256'];
          if (expected !== undefined && expected !== sha256Hex(bytes)) {
            throw new Fault('blob.damaged', { retry: 'never', facts: { name, bytes: bytes.length, expectedSha256: expected } });
          }
          return bytes;
        } catch (error) {
          if (serviceCode(error) === 'BlobNotFound' || serviceCode(error) === 'ContainerNotFound') {
            throw new Fault('blob.not-found', { retry: 'never', facts: { name } });
          }
          throw error;
        }
      });
    },
    head,
    async *list(prefix, signal) {
      requireBlobPrefix(prefix);
      const pages = client
        .listBlobsFlat({ prefix, ...(signal === undefined ? {} : { abortSignal: signal }) })
        .byPage({ maxPageSize: 1000 });
      for (;;) {
        const page = await call('blob', { prefix, operation: 'list' }, signal, async () => {
          try {
            return await pages.next();
          } catch (error) {
            if (serviceCode(error) === 'ContainerNotFound') return { done: true as const, value: undefined };
            throw error;
          }
        });
        if (page.done === true) return;
        for (const { name } of page.value.segment.blobItems) if (isBlobName(name)) yield name;
      }
    },
    delete: async (names, signal) => {
      names.forEach(requireBlobName);
      const queue = [...names];
      const remove = async (): Promise<void> => {
        for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
          const blob = client.getBlockBlobClient(name);
          await call('blob', { name, operation: 'delete' }, signal, async (abortSignal) => {
            try {
              await blob.delete({ abortSignal });
            } catch (error) {
              if (statusOf(error) !== 404) throw error;
            }
          });
        }
      };
      await Promise.all(Array.from({ length: DELETES_AT_ONCE }, remove));
    },
  };
};

/** Reads an answer's body to its end; a body that ends early is an error of the connection (code ECONNRESET). */
export const readBody = async (body: NodeJS.ReadableStream | undefined, expected: number): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  for await (const chunk of body ?? []) chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length !== expected) throw Object.assign(new Error('the body ended early'), { code: 'ECONNRESET' });
  return bytes;
};
