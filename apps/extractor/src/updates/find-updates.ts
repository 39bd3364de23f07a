import {
  addByType,
  extractionStream,
  itemTypeOf,
  UPDATED_PER_LIST,
  type ByType,
  type ManifestItem,
  type ManifestRef,
  type UpdatedItem,
  type UpdateSums,
} from '@pstream/contracts';
import { chunksOf } from '@pstream/kernel';
import type { FolderProgress } from '../domain/extraction/state.js';
import { isChanged, markOf, type Copy, type Keep } from '../domain/update/copies.js';
import { movedTo, type Placed } from '../domain/update/moves.js';
import { readManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { copiesOf } from './exported-before.js';
import { readList, storeList } from './lists.js';

type Gone = Placed & { readonly copy: Copy };
/** Taken by this pass, or by one before it. */
type Arrived = Placed & { readonly by?: string };

/** Finds what a pass that updates and has listed all says of the items in PSTs: those that it takes again because they were changed or moved, and
 *  those that are not in the mailbox any more. Repeated, it finds the same. Fault 'manifest.damaged' (never). */
export const findUpdates = async (task: Task<'finish'>): Promise<UpdateSums> => {
  const { worker, control, signal } = task;
  const earlier = await worker.histories.exportedBefore(control);
  const own = await ownPages(task);
  const known = await namedBefore(task);
  const found: UpdatedItem[] = [];
  const gone: Gone[] = [];
  const arrived: Arrived[] = [];
  for (const folderKey of new Set([...earlier.flatMap(({ pages }) => [...pages.keys()]), ...own.keys()])) {
    const there = new Set<string>();
    const taken = new Map<string, ManifestItem>();
    for (const manifest of own.get(folderKey) ?? []) {
      const { items, kept = [] } = await readManifest(worker.work, manifest, signal);
      for (const mark of kept) there.add(mark);
      for (const item of items) taken.set(markOf(item.id), item);
    }
    for (const mark of taken.keys()) there.add(mark);
    // Most items are there as the first pass took them: of these nothing is said.
    const keep: Keep<ManifestItem> = (item, mark, nth) => (nth > 0 || taken.has(mark) || !there.has(mark) ? item : undefined);
    const copies = await copiesOf(worker.work, earlier, folderKey, keep, signal);
    for (const [mark, item] of taken) {
      const copy = copies.of(mark);
      if (copy === undefined) arrived.push({ folderKey, item, first: earlier.length });
      else if (isChanged(copy, item)) found.push({ ...updated('changed', folderKey, copy), newItemKey: item.key });
    }
    // A Full pass may have taken a moved item already, as a new one.
    for (const { item, first, passId } of copies.arrivedLater(there)) arrived.push({ folderKey, item, first, by: passId });
    if (!isComparable(task, folderKey)) continue;
    for (const copy of copies.notIn(there))
      if (!known.has(copy.item.key)) gone.push({ folderKey, item: copy.item, first: copy.first, copy });
  }
  const moved = movedTo(gone, arrived);
  for (const item of gone) {
    const to = moved.get(item);
    if (to === undefined) found.push(updated('gone', item.folderKey, item.copy));
    else {
      const by = to.by === undefined ? {} : { newPassId: to.by };
      found.push({ ...updated('moved', item.folderKey, item.copy), newItemKey: to.item.key, toFolderKey: to.folderKey, ...by });
    }
  }
  const lists: ManifestRef[] = [];
  for (const [n, items] of chunksOf(found, UPDATED_PER_LIST).entries())
    lists.push(await storeList(worker.work, control.refs.passId, n, items, signal));
  return { ...sumsOf(found), lists };
};

const updated = (what: UpdatedItem['what'], folderKey: string, { item, passId }: Copy): UpdatedItem => {
  const { key, id, type, date, size } = item;
  const dated = date === undefined ? {} : { itemDate: date };
  return { what, itemKey: key, itemId: id, folderKey, itemType: type, ...dated, sizeBytes: size, passId };
};

const sumsOf = (found: readonly UpdatedItem[]): Omit<UpdateSums, 'lists'> => {
  const counts = { changed: 0, moved: 0, gone: 0 };
  const folders: Record<string, number> = {};
  let types: ByType = {};
  for (const { what, folderKey, itemType, sizeBytes } of found) {
    counts[what]++;
    if (what === 'gone') continue;
    folders[folderKey] = (folders[folderKey] ?? 0) + 1;
    types = addByType(types, { [itemTypeOf(itemType)]: { items: 1, bytes: sizeBytes } });
  }
  return { ...counts, folders, types };
};

/** The lists of this pass by folder. */
const ownPages = async ({ worker, control }: Task<'finish'>): Promise<ReadonlyMap<string, readonly ManifestRef[]>> => {
  const pages = new Map<string, ManifestRef[]>();
  for (const event of await worker.store.read(extractionStream(control.refs.passId))) {
    if (event.type !== 'PageListed' || event.data.manifest === null) continue;
    const { folderKey, manifest } = event.data;
    const known = pages.get(folderKey) ?? [];
    known.push(manifest);
    pages.set(folderKey, known);
  }
  return pages;
};

/** Keys of the items that updates before this one have named as moved or gone: they are not there, and were reported. */
const namedBefore = async ({ worker, control, signal }: Task<'finish'>): Promise<ReadonlySet<string>> => {
  const keys = new Set<string>();
  for (const { update } of await worker.histories.exportedBefore(control))
    for (const list of update?.lists ?? [])
      for (const { what, itemKey } of await readList(worker.work, list, signal)) if (what !== 'changed') keys.add(itemKey);
  return keys;
};

/** Whether what was not listed of a folder is not there: the pass has listed it to its end, or its tree to the end without finding it. What users
 *  have deleted comes and goes by itself. */
const isComparable = ({ state }: Task<'finish'>, folderKey: string): boolean => {
  const folder: FolderProgress | undefined = state.folders.get(folderKey);
  if (folder === undefined) return state.foldersNotListed === 0;
  return folder.folder.left === undefined && folder.folder.recoverable !== true && folder.listed && folder.notListed === null;
};
