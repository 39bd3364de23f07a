import type { BlobStore } from '@pstream/blob';
import { buildStream, extractionStream, type EarlierPass, type ManifestRef, type UpdateSums } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { FolderCopies, type Keep, type Listed } from '../domain/update/copies.js';
import { readManifest } from '../manifests.js';

type ExportedPage = { readonly manifest: ManifestRef; readonly again: boolean };

/** What one pass has exported, page by page. */
export type ExportedPass = {
  readonly passId: string;
  /** Lists of the items of each folder that it asked for. */
  readonly pages: ReadonlyMap<string, readonly ExportedPage[]>;
  /** Keys of those of them that are in none of its parts. */
  readonly missing: ReadonlySet<string>;
  /** What it found of items in PSTs, if it was an update. */
  readonly update: UpdateSums | undefined;
};

/** What passes have exported, in their order. */
export const exportedBy = async (store: EventStore, passes: readonly EarlierPass[]): Promise<readonly ExportedPass[]> => {
  const exported: ExportedPass[] = [];
  for (const { passId, kind } of passes) {
    if (kind === 'verify') continue;
    const pages = new Map<string, ExportedPage[]>();
    const missing = new Set<string>();
    let update: UpdateSums | undefined;
    for (const event of await store.read(extractionStream(passId))) {
      if (event.type === 'ItemFailed' || event.type === 'ItemSkipped') missing.add(event.data.itemKey);
      if (event.type === 'ExtractionFinished') update = event.data.update;
      if (event.type !== 'PageListed' || event.data.manifest === null) continue;
      const { folderKey, manifest, again } = event.data;
      const known = pages.get(folderKey) ?? [];
      known.push({ manifest, again });
      pages.set(folderKey, known);
    }
    for (const event of await store.read(buildStream(passId))) if (event.type === 'ItemUnbuilt') missing.add(event.data.itemKey);
    exported.push({ passId, pages, missing, update });
  }
  return exported;
};

/** What these passes have of a folder. Fault 'manifest.damaged' (never). */
export const copiesOf = async <Kept extends Listed>(
  work: BlobStore,
  passes: readonly ExportedPass[],
  folderKey: string,
  keep: Keep<Kept>,
  signal: AbortSignal,
): Promise<FolderCopies<Kept>> => {
  const copies = new FolderCopies(keep);
  for (const [nth, { passId, pages, missing }] of passes.entries())
    for (const { manifest, again } of pages.get(folderKey) ?? [])
      copies.add({ passId, nth }, (await readManifest(work, manifest, signal)).items, { missing, again });
  return copies;
};
