import type { ExtractionEvent, ManifestItem, PageManifest } from '@pstream/contracts';
import type { GraphItem, ItemPage } from '@pstream/graph';
import { deriveId, Fault, isFault } from '@pstream/kernel';
import { listedDate, Picker, selectionOf } from '../domain/extraction/selection.js';
import { cutSlices } from '../domain/extraction/units.js';
import type { Extraction, FolderProgress } from '../domain/extraction/state.js';
import { manifestKey, readManifest, storeManifest } from '../manifests.js';
import type { Task } from '../worker.js';
import type { PagesAhead } from './pages-ahead.js';
import { ownerOf, refusalCode } from './recoverable.js';

/** Which items of a folder were taken before: by earlier passes, and on earlier pages. Each item counts once, however often the tenant
 *  lists it, and from whatever part of an archive: a folder that is moved to another part is listed there from its start. */
export class SeenItems {
  readonly #folders = new Map<string, Set<string>>();
  /** How often a folder was begun anew since a paging link last held. */
  readonly #restarts = new Map<string, number>();

  /** Counts that a folder is begun anew. */
  restarted(task: Task<'page'>): number {
    const name = nameOf(task);
    const times = (this.#restarts.get(name) ?? 0) + 1;
    this.#restarts.set(name, times);
    return times;
  }

  /** A paging link of the folder held. */
  wentOn(task: Task<'page'>): void {
    this.#restarts.delete(nameOf(task));
  }

  /** All of them, read from the manifests of the pages that this worker did not list. */
  async of(task: Task<'page'>): Promise<Set<string>> {
    const { passId } = task.control.refs;
    const { folderKey, page } = task.unit;
    const name = nameOf(task);
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    for (const manifest of (await task.worker.histories.before(task.control)).manifests(folderKey)) {
      for (const item of (await readManifest(task.worker.work, manifest, task.signal)).items) seen.add(mark(item.id));
    }
    for (let earlier = 0; earlier < page; earlier++) {
      const bytes = await task.worker.work.get(manifestKey(passId, folderKey, earlier), task.signal).catch((error: unknown) => {
        if (isFault(error) && error.code === 'blob.not-found') return undefined;
        throw error;
      });
      if (bytes === undefined) continue;
      for (const item of (JSON.parse(new TextDecoder().decode(bytes)) as PageManifest).items) seen.add(mark(item.id));
    }
    this.#folders.set(name, seen);
    return seen;
  }

  /** Takes note of a page's items. A folder that nobody has asked about yet is read from its manifests when somebody does. */
  add(task: Task<'page'>, items: readonly ManifestItem[]): void {
    const marks = this.#folders.get(nameOf(task));
    if (marks !== undefined) for (const item of items) marks.add(mark(item.id));
  }

  /** Forgets a folder that has been listed to its end. */
  forget(passId: string, folderKey: string): void {
    this.#folders.delete(`${passId}/${folderKey}`);
  }

  /** Forgets a pass that is over, or that somebody else may go on with. */
  forgetPass(passId: string): void {
    for (const known of [this.#folders, this.#restarts])
      for (const name of known.keys()) if (name.startsWith(`${passId}/`)) known.delete(name);
  }
}

const nameOf = (task: Task<'page'>): string => `${task.control.refs.passId}/${task.unit.folderKey}`;

/** Lists one page of a folder, fixes it in a manifest, and records how it is cut into slices. */
export const listPage = async (task: Task<'page'>, seen: SeenItems, ahead: PagesAhead): Promise<Extraction> => {
  const { worker, control, state, unit, signal } = task;
  const progress = state.folders.get(unit.folderKey);
  if (progress === undefined || progress.listed || progress.listedPages > unit.page) return state;
  const fetched = await fetchPage(task, progress, seen, ahead);
  // An empty page has nothing to fix: if it is listed again, whatever it holds then counts.
  const stored =
    fetched.items.length === 0
      ? undefined
      : await storeManifest(worker.work, manifestKey(control.refs.passId, unit.folderKey, unit.page), fetched, signal);
  const page = stored?.page ?? fetched;
  seen.add(task, page.items);
  if (page.next === null) seen.forget(control.refs.passId, unit.folderKey);
  const event: ExtractionEvent = {
    type: 'PageListed',
    data: {
      ...control.refs,
      folderKey: unit.folderKey,
      page: unit.page,
      mailbox: page.mailbox,
      items: page.items.length,
      bytes: page.items.reduce((sum, item) => sum + item.size, 0),
      again: false,
      repeats: page.repeats,
      ...(page.leftOut === undefined ? {} : { leftOut: page.leftOut }),
      slices: cutSlices(
        page.items.map((item) => item.size),
        { items: worker.limits.sliceItems, bytes: worker.limits.sliceBytes },
      ),
      manifest: stored?.ref ?? null,
      ...(page.refused === undefined ? {} : { refused: page.refused }),
      next: page.next,
      delta: page.delta,
      at: worker.clock.now(),
    },
  };
  const commandId = deriveId('page', control.refs.passId, unit.folderKey, unit.page);
  return worker.log.append(control.refs.passId, commandId, [event], (now) => now.folders.get(unit.folderKey)?.listedPages === unit.page);
};

/** So many times in a row a folder whose paging links the tenant forgets is begun anew at once; then it waits between the tries. */
const RESTARTS_AT_ONCE = 5;
const RESTART_WAIT_MS = 60_000;

/** A folder that is not there counts as gone when it is still not there after this time. */
const GONE_TWICE_MS = 5_000;

const fetchPage = async (task: Task<'page'>, progress: FolderProgress, seen: SeenItems, ahead: PagesAhead): Promise<PageManifest> => {
  const { worker, control, state, signal } = task;
  const client = await worker.client(control);
  const { mailbox, id } = progress.folder;
  const isRecoverable = progress.folder.recoverable === true;
  const ask = async (cursor: string | null): Promise<ItemPage> =>
    isRecoverable
      ? client.recoverablePage(mailbox, ownerOf(control, mailbox), id, cursor, signal)
      : client.itemPage(mailbox, id, cursor, { pageSize: worker.limits.pageItems }, signal);
  let listed;
  try {
    const known = ahead.take(task, progress);
    const asking = known === undefined ? ask(progress.next) : known.then((page) => page ?? ask(progress.next));
    ahead.ask(task, client);
    const first = asking.then((page) => {
      if (progress.next !== null) seen.wentOn(task);
      return page;
    });
    listed = await first.catch(async (error: unknown) => {
      if (!isFault(error) || (error.code !== 'graph.delta-expired' && error.code !== 'graph.folder-gone')) throw error;
      if (error.code === 'graph.folder-gone') await worker.clock.sleep(GONE_TWICE_MS, signal);
      else if (seen.restarted(task) > RESTARTS_AT_ONCE) {
        const advice =
          'Exchange forgets the paging links of this folder as soon as it gives them. It is tried again for a day; then open a case with Microsoft.';
        throw new Fault(error.code, { retry: { afterMs: RESTART_WAIT_MS }, facts: error.facts, advice, cause: error });
      }
      // The tenant forgot where we were: list the folder from its start; what was seen before is not counted again.
      return ask(null);
    });
  } catch (error) {
    // Asked twice and gone both times: somebody deleted the folder after the tree was read. What it had listed before stays.
    if (isFault(error) && error.code === 'graph.folder-gone') return { items: [], repeats: 0, mailbox, next: null, delta: null };
    const refused = isRecoverable ? refusalCode(error) : undefined;
    if (refused !== undefined) return { items: [], repeats: 0, mailbox, next: null, delta: null, refused };
    throw error;
  }
  const from = { id: listed.mailbox.id, version: listed.mailbox.version };
  const selection = selectionOf(control.kind, control.settings);
  const picker = new Picker(selection, state.listedBytes);
  // Most pages of a later pass are empty; then nobody needs to know what was taken before.
  const taken = listed.items.length === 0 ? new Set<string>() : await seen.of(task);
  const fresh = new Map<string, ManifestItem>();
  const passed = new Set<string>();
  for (const item of listed.items) {
    const once = mark(item.id);
    if (taken.has(once) || passed.has(once)) continue;
    passed.add(once);
    const key = itemKey(from.id, item.id);
    if (!Number.isFinite(item.size)) throw new Fault('graph.invalid-reply', { retry: 'now', facts: { field: 'size' } });
    if (picker.takes(item)) fresh.set(key, lineOf(key, item));
  }
  const leftOut = Object.keys(picker.leftOut).length === 0 ? {} : { leftOut: picker.leftOut };
  // A Trial looks at the first page of each folder only, and a later pass begins anew.
  const on = selection.trial ? { next: null, delta: null } : { next: listed.next, delta: listed.delta };
  return { items: [...fresh.values()], repeats: listed.items.length - passed.size, ...leftOut, mailbox: from, ...on };
};

const lineOf = (key: string, { id, changeKey, type, size, createdDateTime, lastModifiedDateTime }: GraphItem): ManifestItem => {
  const date = listedDate(createdDateTime);
  const changed = listedDate(lastModifiedDateTime);
  // Outlook shows an item without a class as a message.
  const itemType = type === null || type.trim() === '' ? 'IPM.Note' : type;
  return {
    key,
    id,
    changeKey,
    type: itemType,
    size,
    ...(date === undefined ? {} : { date }),
    ...(changed === undefined ? {} : { changed }),
  };
};

/** An item within its folder, whichever mailbox the folder is in; shorter than the id, of which millions may be held. */
const mark = (itemId: string): string => deriveId('seen', itemId);

/** Names an item for ever: the physical mailbox that holds it, and its id there. */
export const itemKey = (mailboxId: string, itemId: string): string => deriveId('item', mailboxId, itemId);
