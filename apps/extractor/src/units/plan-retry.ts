import {
  buildStream,
  extractionStream,
  listsMailbox,
  type DiscoveredFolder,
  type ExtractionEvent,
  type ItemOutcome,
  type ManifestItem,
  type SourceMailbox,
} from '@pstream/contracts';
import { chunksOf, Fault } from '@pstream/kernel';
import { scopeOf, selectionFor } from '../domain/extraction/selection.js';
import { cutSlices } from '../domain/extraction/units.js';
import type { Extraction } from '../domain/extraction/state.js';
import { manifestKey, storeManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { readFolderTree, unlistedBelow } from './folder-tree.js';
import { recordPlan } from './plan.js';

/** Items in a page of a retry. */
const RETRY_PAGE = 200;

/** What earlier passes left behind. */
type Replayed = {
  readonly folders: ReadonlyMap<string, DiscoveredFolder>;
  readonly mailbox: SourceMailbox | undefined;
  readonly failed: ReadonlyMap<string, ItemOutcome>;
  /** Keys of the folders of which the last pass that tried could not list the items, and whether it missed subfolders of any. */
  readonly unlisted: ReadonlySet<string>;
  readonly lacksFolders: boolean;
};

/** Derives what is still missing by replaying the earlier passes: plans pages with exactly the items that failed, and lists the folders that could
 *  not be listed. */
export const planRetry = async (task: Task<'plan'>): Promise<Extraction> => {
  const { worker, control } = task;
  const replayed = await replay(worker, control.earlier);
  const { mailbox, failed, unlisted } = replayed;
  if (mailbox === undefined) {
    throw new Fault('pass.nothing-to-replay', {
      retry: 'never',
      facts: { passId: control.refs.passId },
      advice: 'Run a Full Migration first.',
    });
  }
  const byFolder = Map.groupBy(failed.values(), (item) => item.folderKey);
  const pages = await pagesOf(task, byFolder);
  const tree = replayed.lacksFolders ? await readFolderTree(task) : { folders: [], unlisted: [] };
  // What stood for folders that could not be listed may stand for itself now.
  const found = tree.folders.filter(({ key }) => {
    const known = replayed.folders.get(key);
    return known === undefined || known.left === 'refused';
  });
  const below = unlistedBelow(control.refs, tree.unlisted, worker.clock.now());
  // A folder that still lacks something below is named again, and no more than that.
  const lacking = new Set(tree.unlisted.map(({ folderKey }) => folderKey));
  const all = new Map([...replayed.folders, ...found.map((folder) => [folder.key, folder] as const)]);
  const listAgain = new Set([...unlisted, ...found.flatMap(({ key, left }) => (left === undefined ? [key] : []))]);
  const history = await worker.histories.before(control);
  const scope = scopeOf(selectionFor(control));
  const folders = concerned(all, new Set([...byFolder.keys(), ...listAgain, ...found.map(({ key }) => key)]), lacking).map(
    (folder): DiscoveredFolder => {
      if (!listAgain.has(folder.key)) return folder;
      const { from: _before, ...now } = folder;
      const from = history.startOf(folder.key, folder.mailbox.id, scope);
      return { ...now, listAgain: true, ...(from === undefined ? {} : { from }) };
    },
  );
  return recordPlan(task, mailbox, folders, [...pages, ...below]);
};

/** The failed items as pages, as a listing would give them. */
const pagesOf = async (
  { worker, control, signal }: Task<'plan'>,
  byFolder: ReadonlyMap<string, readonly ItemOutcome[]>,
): Promise<ExtractionEvent[]> => {
  const pages: ExtractionEvent[] = [];
  for (const [folderKey, items] of byFolder) {
    // A manifest holds items of one physical mailbox, in pages as a listing would give them.
    const chunks = [...Map.groupBy(items, (item) => item.mailbox.id).values()].flatMap((same) => chunksOf(same, RETRY_PAGE));
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
  return pages;
};

const replay = async (worker: Task['worker'], earlier: Task['control']['earlier']): Promise<Replayed> => {
  const folders = new Map<string, DiscoveredFolder>();
  let mailbox: SourceMailbox | undefined;
  let failed = new Map<string, ItemOutcome>();
  let unlisted = new Set<string>();
  let lacksFolders = false;
  for (const { passId, kind } of earlier) {
    if (kind === 'verify') continue;
    // A retry covers all that had failed before it; only its own failures remain. Both kinds ask for every folder that is not listed.
    if (kind === 'retry-errors') failed = new Map();
    unlisted = new Set();
    lacksFolders = false;
    for (const event of await worker.store.read(extractionStream(passId))) {
      if (event.type === 'ExtractionStarted') mailbox ??= event.data.mailbox;
      else if (event.type === 'FoldersDiscovered') {
        for (const folder of event.data.folders) if (listsMailbox(kind) || !folders.has(folder.key)) folders.set(folder.key, folder);
      } else if (event.type === 'ItemFailed') failed.set(event.data.itemKey, event.data);
      else if (event.type === 'FolderNotListed') {
        if (event.data.what === 'items') unlisted.add(event.data.folderKey);
        else lacksFolders = true;
      }
    }
    for (const event of await worker.store.read(buildStream(passId))) {
      if (event.type === 'ItemUnbuilt') failed.set(event.data.itemKey, event.data);
    }
  }
  return { folders, mailbox, failed, unlisted, lacksFolders };
};

/** The `wanted` folders, the folders that their items go to, and all their parents, so that the new PST has full paths; and those that are only
 *  `named`, with their parents. */
const concerned = (
  folders: ReadonlyMap<string, DiscoveredFolder>,
  wanted: ReadonlySet<string>,
  named: ReadonlySet<string>,
): DiscoveredFolder[] => {
  const kept = new Set<string>();
  const homes = [...wanted].flatMap((key) => folders.get(key)?.into?.key ?? []);
  for (const key of [...wanted, ...homes, ...named]) {
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
