import { Fault } from '@pstream/kernel';
import type { BlobStore } from './blob-store.js';
import { sameBytes, sha256Hex } from './digest.js';
import { requireBlobName, requireBlobPrefix } from './names.js';

/** Blobs in memory, for tests and simulation; bytes are copied both ways. */
export const memoryBlobStore = (): BlobStore => {
  const blobs = new Map<string, Uint8Array>();
  return {
    putIfAbsent: async (name, bytes, signal) => {
      requireBlobName(name);
      signal?.throwIfAborted();
      const there = blobs.get(name);
      if (there === undefined) {
        blobs.set(name, Uint8Array.from(bytes));
        return 'created';
      }
      if (sameBytes(there, bytes)) return 'existed';
      throw new Fault('blob.exists', { retry: 'never', facts: { name, bytes: there.length, expectedBytes: bytes.length } });
    },
    get: async (name, signal) => {
      requireBlobName(name);
      signal?.throwIfAborted();
      const bytes = blobs.get(name);
      if (bytes === undefined) throw new Fault('blob.not-found', { retry: 'never', facts: { name } });
      return Uint8Array.from(bytes);
    },
    head: async (name, signal) => {
      requireBlobName(name);
      signal?.throwIfAborted();
      const bytes = blobs.get(name);
      if (bytes === undefined) return undefined;
      const sha256 = sha256Hex(bytes);
      return { bytes: bytes.length, etag: `"${sha256.slice(0, 16)}"`, metadata: { sha256 } };
    },
    async *list(prefix, signal) {
      requireBlobPrefix(prefix);
      for (const name of [...blobs.keys()].toSorted()) {
        signal?.throwIfAborted();
        if (name.startsWith(prefix)) yield name;
      }
    },
    delete: async (names, signal) => {
      names.forEach(requireBlobName);
      signal?.throwIfAborted();
      for (const name of names) blobs.delete(name);
    },
  };
};
