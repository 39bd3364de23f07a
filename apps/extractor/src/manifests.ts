import { createHash } from 'node:crypto';
import type { BlobStore } from '@pstream/blob';
import { LeftOut, ManifestItem, SourceMailbox, type ManifestRef } from '@pstream/contracts';
import { Fault, isFault } from '@pstream/kernel';
import { z } from 'zod';

/** What one listing call returned: fixed once it is stored, so that a repeated unit works on the same items. */
export const PageManifest = z.strictObject({
  items: z.array(ManifestItem),
  repeats: z.int(),
  leftOut: LeftOut.optional(),
  refused: z.string().optional(),
  mailbox: SourceMailbox,
  next: z.string().nullable(),
  delta: z.string().nullable(),
});
export type PageManifest = z.infer<typeof PageManifest>;

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Blob name of a page's manifest. */
export const manifestKey = (passId: string, folderKey: string, page: number): string => `manifests/${passId}/${folderKey}-${page}.json`;

/** Stores a page, unless an earlier attempt stored it first: then that one counts. */
export const storeManifest = async (work: BlobStore, key: string, page: PageManifest, signal: AbortSignal): Promise<{ readonly ref: ManifestRef; readonly page: PageManifest }> => {
  const bytes = new TextEncoder().encode(JSON.stringify(page));
  try {
    await work.putIfAbsent(key, bytes, signal);
    return { ref: { key, sha256: hash(bytes) }, page };
  } catch (error) {
    if (!isFault(error) || error.code !== 'blob.exists') throw error;
    const stored = await work.get(key, signal);
    return { ref: { key, sha256: hash(stored) }, page: parse(key, stored) };
  }
};

/** Reads a page back. Fault 'manifest.damaged' (never) when it is not what was stored. */
export const readManifest = async (work: BlobStore, ref: ManifestRef, signal?: AbortSignal): Promise<PageManifest> => {
  const bytes = await work.get(ref.key, signal);
  if (hash(bytes) !== ref.sha256) throw damaged(ref.key);
  return parse(ref.key, bytes);
};

const parse = (key: string, bytes: Uint8Array): PageManifest => {
  const parsed = PageManifest.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!parsed.success) throw damaged(key);
  return parsed.data;
};

const damaged = (key: string): Fault => new Fault('manifest.damaged', { retry: 'never', facts: { key }, advice: 'The working storage was changed from outside. Restore it from a backup and resume the pass.' });
