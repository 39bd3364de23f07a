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
import { crc32 } from 'node:zlib';
import type { FolderProgress } from '../domain/extraction/state.js';
import { isChanged, markOf, type Keep, type Listed } from '../domain/update/copies.js';
import { likenessOf, movedTo, type Placed } from '../domain/update/moves.js';
import { readManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import { copiesOf, type ExportedPass } from './exported-before.js';
import { readList, storeList } from './lists.js';

/** What of an item says more than that it was taken; of one of another share there is no line. */
type Kept = Listed & { readonly line: ManifestItem | undefined };
type Gone = Placed & { readonly passId: string };
/** Taken by this pass, or by one before it. */
type Arrived = Placed & { readonly by?: string };

/** Bytes of items that are held at once, as far as they differ from what was exported. */
const MOST_BYTES = 128 * 1024 * 1024;

/** Finds what a pass that updates and has listed all says of the items in PSTs: those that it takes again because they were changed or moved, and
 *  those that are not in the mailbox any more. Where they are too many to be held, all lists are read again for each share of them. Repeated, it
 *  finds the same. Fault 'manifest.damaged' (never). */
export const findUpdates = async (task: Task<'finish'>): Promise<UpdateSums> => {
  const { updateBytes: most = MOST_BYTES } = task.worker.limits;
  const passes: Passes = {
    earlier: await task.worker.histories.exportedBefore(task.control),
    own: await ownPages(task),
    known: await namedBefore(task),
  };
  const lists = new UpdateLists(task);
  const all = await differencesOf(task, passes, WHOLE, most);
  const shares = Math.ceil(all.bytes / most);
  if (shares <= 1) await lists.add(all.updates());
  else for (let nth = 0; nth < shares; nth++) await lists.add((await differencesOf(task, passes, { nth, shares }, Infinity)).updates());
  return lists.end();
};

/** What earlier passes exported, what this one has listed by folder, and the keys of items that were named as moved or gone before. */
type Passes = {
  readonly earlier: readonly ExportedPass[];
  readonly own: ReadonlyMap<string, readonly ManifestRef[]>;
  readonly known: ReadonlySet<string>;
};

/** A share of all items. Those that may be the same one, moved, are in the same share. */
type Share = { readonly nth: number; readonly shares: number };
const WHOLE: Share = { nth: 0, shares: 1 };
const isIn = ({ nth, shares }: Share, item: ManifestItem): boolean => shares === 1 || crc32(likenessOf(item) ?? item.key) % shares === nth;

/** What differs between the mailbox and what was exported of it. */
class Differences {
  readonly #most: number;
  #changed: UpdatedItem[] = [];
  #gone: Gone[] = [];
  #arrived: Arrived[] = [];
  /** Of all that was added; what passes the most is only counted, and nothing is held any more. */
  bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  changed(folderKey: string, old: ManifestItem, passId: string, newItemKey: string): void {
    if (this.#holds(old)) this.#changed.push({ ...updated('changed', folderKey, old, passId), newItemKey });
  }

  gone(item: Gone): void {
    if (this.#holds(item.item)) this.#gone.push(item);
  }

  arrived(item: Arrived): void {
    if (this.#holds(item.item)) this.#arrived.push(item);
  }

  *updates(): Generator<UpdatedItem> {
    yield* this.#changed;
    const moved = movedTo(this.#gone, this.#arrived);
    for (const item of this.#gone) {
      const to = moved.get(item);
      if (to === undefined) yield updated('gone', item.folderKey, item.item, item.passId);
      else {
        const by = to.by === undefined ? {} : { newPassId: to.by };
        const now = { newItemKey: to.item.key, toFolderKey: to.folderKey, ...by };
        yield { ...updated('moved', item.folderKey, item.item, item.passId), ...now };
      }
    }
  }

  #holds({ id, key, type }: ManifestItem): boolean {
    this.bytes += ITEM_BYTES + 2 * (id.length + key.length + type.length);
    if (this.bytes <= this.#most) return true;
    [this.#changed, this.#gone, this.#arrived] = [[], [], []];
    return false;
  }
}

/** What an item takes in memory besides its longest texts. */
const ITEM_BYTES = 400;

/** Goes through all folders once. */
const differencesOf = async (task: Task<'finish'>, { earlier, own, known }: Passes, share: Share, most: number): Promise<Differences> => {
  const { worker, signal } = task;
  const found = new Differences(most);
  for (const folderKey of new Set([...earlier.flatMap(({ pages }) => [...pages.keys()]), ...own.keys()])) {
    const there = new Set<string>();
    const taken = new Map<string, Kept & { readonly key: string }>();
    const lineOf = (item: ManifestItem): Kept => ({ changeKey: item.changeKey, line: isIn(share, item) ? item : undefined });
    for (const manifest of own.get(folderKey) ?? []) {
      const { items, kept = [] } = await readManifest(worker.work, manifest, signal);
      for (const mark of kept) there.add(mark);
      for (const item of items) taken.set(markOf(item.id), { ...lineOf(item), key: item.key });
    }
    for (const mark of taken.keys()) there.add(mark);
    // Most items are there as the first pass took them: of these nothing is said.
    const keep: Keep<Kept> = (item, mark, nth) => (nth > 0 || taken.has(mark) || !there.has(mark) ? lineOf(item) : undefined);
    const copies = await copiesOf(worker.work, earlier, folderKey, keep, signal);
    for (const [mark, now] of taken) {
      const copy = copies.of(mark);
      if (copy?.item.line !== undefined && isChanged(copy, now)) found.changed(folderKey, copy.item.line, copy.passId, now.key);
      if (copy === undefined && now.line !== undefined) found.arrived({ folderKey, item: now.line, first: earlier.length });
    }
    // A Full pass may have taken a moved item already, as a new one.
    for (const { item, first, passId } of copies.arrivedLater(there))
      if (item.line !== undefined) found.arrived({ folderKey, item: item.line, first, by: passId });
    if (!isComparable(task, folderKey)) continue;
    for (const { item, first, passId } of copies.notIn(there))
      if (item.line !== undefined && !known.has(item.line.key)) found.gone({ folderKey, item: item.line, first, passId });
  }
  return found;
};

/** The lists of what was found, stored as each is full, and their sums. */
class UpdateLists {
  readonly #task: Task<'finish'>;
  readonly #lists: ManifestRef[] = [];
  readonly #counts = { changed: 0, moved: 0, gone: 0 };
  readonly #folders: Record<string, number> = {};
  #types: ByType = {};
  #open: UpdatedItem[] = [];

  constructor(task: Task<'finish'>) {
    this.#task = task;
  }

  async add(items: Iterable<UpdatedItem>): Promise<void> {
    for (const item of items) {
      const { what, folderKey, itemType, sizeBytes } = item;
      this.#counts[what]++;
      if (what !== 'gone') {
        this.#folders[folderKey] = (this.#folders[folderKey] ?? 0) + 1;
        this.#types = addByType(this.#types, { [itemTypeOf(itemType)]: { items: 1, bytes: sizeBytes } });
      }
      if (this.#open.push(item) === UPDATED_PER_LIST) await this.#store();
    }
  }

  async end(): Promise<UpdateSums> {
    if (this.#open.length > 0) await this.#store();
    return { ...this.#counts, folders: this.#folders, types: this.#types, lists: this.#lists };
  }

  async #store(): Promise<void> {
    const { worker, control, signal } = this.#task;
    this.#lists.push(await storeList(worker.work, control.refs.passId, this.#lists.length, this.#open, signal));
    this.#open = [];
  }
}

const updated = (what: UpdatedItem['what'], folderKey: string, item: ManifestItem, passId: string): UpdatedItem => {
  const { key, id, type, date, size } = item;
  const dated = date === undefined ? {} : { itemDate: date };
  return { what, itemKey: key, itemId: id, folderKey, itemType: type, ...dated, sizeBytes: size, passId };
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
