import {
  buildStream,
  extractionStream,
  listsMailbox,
  type ExtractionEvent,
  type ItemOutcome,
  type ManifestItem,
  type SourceMailbox,
} from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { cutSlices } from '../domain/extraction/units.js';
import type { Extraction } from '../domain/extraction/state.js';
import { manifestKey, storeManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { recordPlan } from './plan.js';

/** Items in a page of a retry. */
const RETRY_PAGE = 200;

/** Derives the items that are still failed by replaying the earlier passes, and plans pages with exactly these. */
export const planRetry = async ({ worker, control, signal }: Task<'plan'>): Promise<Extraction> => {
  const { folders, mailbox, failed } = await replay(worker, control.earlier);
  if (mailbox === undefined) {
    throw new Fault('pass.nothing-to-replay', {
      retry: 'never',
      facts: { passId: control.refs.passId },
      advice: 'Run a Full Migration first.',
    });
  }
  const byFolder = Map.groupBy(failed.values(), (item) => item.folderKey);
  const pages: ExtractionEvent[] = [];
  for (const [folderKey, items] of byFolder) {
    // A manifest holds items of one physical mailbox, in pages as a listing would give them.
    const chunks = [...Map.groupBy(items, (item) => item.mailbox.id).values()].flatMap((same) =>
      Array.from({ length: Math.ceil(same.length / RETRY_PAGE) }, (_, n) => same.slice(n * RETRY_PAGE, (n + 1) * RETRY_PAGE)),
    );
    for (const [page, chunk] of chunks.entries()) {
      const listed: ManifestItem[] = chunk.map((item) => ({
        key: item.itemKey,
        id: item.itemId,
        changeKey: null,
        type: item.itemType,
        size: item.sizeBytes,
        ...(item.itemDate === undefined ? {} : { date: item.itemDate }),
      }));
      const from = chunk[0]!.mailbox;
      const content = { items: listed, repeats: 0, mailbox: from, next: null, delta: null };
      const { ref } = await storeManifest(worker.work, manifestKey(control.refs.passId, folderKey, page), content, signal);
      pages.push({
        type: 'PageListed',
        data: {
          ...control.refs,
          folderKey,
          page,
          mailbox: from,
          items: listed.length,
          bytes: listed.reduce((sum, item) => sum + item.size, 0),
          again: true,
          repeats: 0,
          slices: cutSlices(
            listed.map((item) => item.size),
            { items: worker.limits.sliceItems, bytes: worker.limits.sliceBytes },
          ),
          manifest: ref,
          next: null,
          delta: null,
          at: worker.clock.now(),
        },
      });
    }
  }
  return recordPlan({ worker, control }, mailbox, concerned(folders, new Set(byFolder.keys())), pages);
};

type Discovered = Extract<ExtractionEvent, { type: 'FoldersDiscovered' }>['data']['folders'][number];

const replay = async (
  worker: Task['worker'],
  earlier: Task['control']['earlier'],
): Promise<{ folders: Map<string, Discovered>; mailbox: SourceMailbox | undefined; failed: Map<string, ItemOutcome> }> => {
  const folders = new Map<string, Discovered>();
  let mailbox: SourceMailbox | undefined;
  let failed = new Map<string, ItemOutcome>();
  for (const { passId, kind } of earlier) {
    if (kind === 'verify') continue;
    // A retry covers all that had failed before it; only its own failures remain.
    if (kind === 'retry-errors') failed = new Map();
    for (const event of await worker.store.read(extractionStream(passId))) {
      if (event.type === 'ExtractionStarted') mailbox ??= event.data.mailbox;
      else if (event.type === 'FoldersDiscovered' && listsMailbox(kind))
        for (const folder of event.data.folders) folders.set(folder.key, folder);
      else if (event.type === 'ItemFailed') failed.set(event.data.itemKey, event.data);
    }
    for (const event of await worker.store.read(buildStream(passId))) {
      if (event.type === 'ItemUnbuilt') failed.set(event.data.itemKey, event.data);
    }
  }
  return { folders, mailbox, failed };
};

/** The folders of the failed items, the folders that their items go to, and all their parents, so that the new PST has full paths. */
const concerned = (folders: ReadonlyMap<string, Discovered>, wanted: ReadonlySet<string>): Discovered[] => {
  const kept = new Set<string>();
  const homes = [...wanted].flatMap((key) => folders.get(key)?.into?.key ?? []);
  for (const key of [...wanted, ...homes]) {
    for (
      let folder = folders.get(key);
      folder !== undefined && !kept.has(folder.key);
      folder = folder.parent === null ? undefined : folders.get(folder.parent)
    ) {
      kept.add(folder.key);
    }
  }
  return [...folders.values()].flatMap((folder) =>
    kept.has(folder.key) ? [wanted.has(folder.key) || folder.left === 'target' ? folder : { ...folder, left: 'path-only' as const }] : [],
  );
};
