import type { BlobStore } from '@pstream/blob';
import { buildStream, extractionStream, parseManifest, type BuildEvent, type ExtractionEvent, type ItemOutcome } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { KeySet } from './key-set.js';

/** What the log and the listings tell of a pass's items; see `passItems`. */
export type PassItems = {
  /** Items on record as not built, whatever the reason. */
  readonly unbuilt: ReadonlySet<string>;
  /** The items of a set of keys as the listings know them, in the order of the listings; `code` and `at` are the caller's. */
  lost(keys: KeySet): AsyncIterable<Omit<ItemOutcome, 'code' | 'at'>>;
};

/** Finds a pass's items again by its events and page manifests. Fault 'manifest.damaged' (never). */
export const passItems = async (store: EventStore, work: BlobStore, passId: string): Promise<PassItems> => {
  const build = (await store.read(buildStream(passId))) as unknown as readonly BuildEvent[];
  const extraction = (await store.read(extractionStream(passId))) as unknown as readonly ExtractionEvent[];
  const asMime = new Set(extraction.flatMap((event) => (event.type === 'ItemReadAsMime' ? [event.data.itemKey] : [])));
  return {
    unbuilt: new Set(build.flatMap((event) => (event.type === 'ItemUnbuilt' ? [event.data.itemKey] : []))),
    async *lost(keys) {
      for (const event of extraction) {
        if (event.type !== 'PageListed' || event.data.manifest === null) continue;
        const { folderKey, mailbox, manifest } = event.data;
        for (const { key, id, type, size } of parseManifest(manifest, await work.get(manifest.key)).items) {
          if (!keys.has(key)) continue;
          const fidelity = asMime.has(key) ? { fidelity: 'mime' as const } : {};
          yield { itemKey: key, itemId: id, folderKey, mailbox, itemType: type, sizeBytes: size, ...fidelity };
        }
      }
    },
  };
};
