import { addByType, itemTypeOf, type ByType, type ManifestItem, type PageManifest } from '@pstream/contracts';
import { isListingFault, isPlain, PLAIN_LISTING, type GraphFolder, type GraphItem, type ItemPage } from '@pstream/graph';
import { deriveId, Fault, isFault } from '@pstream/kernel';
import { otherWay, type Course } from '../domain/extraction/listing-trouble.js';
import { listedDate, Picker, selectionFor } from '../domain/extraction/selection.js';
import type { FolderProgress } from '../domain/extraction/state.js';
import { isChanged, markOf } from '../domain/update/copies.js';
import type { Source } from '../source/source.js';
import type { Task } from '../worker.js';
import type { ListingMemory } from './listing-memory.js';
import type { PagesAhead } from './pages-ahead.js';
import { ownerOf, refusalCode } from './recoverable.js';
import type { SeenItems } from './seen-items.js';

/** What a worker remembers between the pages of a pass. */
export type PageMemory = { readonly seen: SeenItems; readonly ahead: PagesAhead; readonly listing: ListingMemory };

/** A folder that is not there counts as gone when it is still not there after this time. */
const GONE_TWICE_MS = 5_000;
/** Ways tried in one unit of work; each kind of way has a bound of its own that is lower. */
const MOST_WAYS = 16;

/** Pages of a folder at most, for so many items as it counted when the tree was read: far above what any way of listing it needs. */
const mostPages = (expected: number): number => 1_000 + 20 * expected;

/** A page as the tenant gave it, and whether it brought anything that the listing had not. */
type Listed = { readonly page: ItemPage; readonly isNew: boolean };

/** Reads the next page of a folder, by another way where the usual one does not work: its delta from the start, or its items without a delta.
 *  Throws the Fault for which no way works now. */
export const fetchPage = async (task: Task<'page'>, progress: FolderProgress, memory: PageMemory): Promise<PageManifest> => {
  const { worker, control } = task;
  const { folder } = progress;
  const none = { items: [], repeats: 0, mailbox: folder.mailbox, next: null, delta: null };
  if (task.unit.page >= mostPages(folder.expected)) throw endless(task.unit.page, folder.expected);
  const client = await worker.client(control);
  let listed: Listed;
  try {
    const found = await askSomehow(task, client, progress, memory);
    // Somebody deleted the folder after the tree was read. What it had listed before stays.
    if (found === 'gone') return none;
    listed = found;
  } catch (error) {
    const refused = folder.recoverable === true ? refusalCode(error) : undefined;
    if (refused !== undefined) return { ...none, refused };
    throw error;
  }
  return taken(task, listed, memory.seen);
};

const endless = (pages: number, expected: number): Fault =>
  new Fault('graph.no-progress', {
    retry: 'never',
    facts: { purpose: 'items', pages, expected },
    advice: 'Exchange gives ever more pages of this folder, far more than it has items. Try later; if it stays, report it to Microsoft.',
  });

const askSomehow = async (
  task: Task<'page'>,
  client: Source,
  { folder, next }: FolderProgress,
  memory: PageMemory,
): Promise<Listed | 'gone'> => {
  const { control, unit } = task;
  const { listing } = memory;
  const { passId } = control.refs;
  let asking = first(task, client, { folder, next }, memory);
  let cursor = next;
  for (let ways = 1; ; ways++) {
    try {
      const page = await asking;
      const isNew = listing.note(passId, unit.folderKey, cursor, page);
      if (cursor !== null) listing.linkHeld(passId, unit.folderKey);
      return { page, isNew };
    } catch (error) {
      if (!isFault(error) || !isListingFault(error) || folder.recoverable === true || ways >= MOST_WAYS) throw error;
      const course = listing.course(passId, unit.folderKey, cursor !== null && isPlain(cursor));
      const way = otherWay(error, course);
      if (way === 'none') throw error;
      cursor =
        way === 'is-it-there' ? await cursorIfThere(task, client, folder, course, error) : way === 'from-start' ? null : PLAIN_LISTING;
      if (cursor === GONE) return 'gone';
      listing.restarted(passId, unit.folderKey, restartOf(error));
      asking = ask(task, client, folder, cursor);
    }
  }
};

const GONE = 'gone';

const restartOf = ({ code }: Fault): 'dead' | 'stuck' | 'shifted' =>
  code === 'graph.delta-expired' ? 'dead' : code === 'graph.listing-shifted' ? 'shifted' : 'stuck';

/** Where to go on with a folder that was not found: some answers say so of folders that are there. */
const cursorIfThere = async (
  task: Task<'page'>,
  client: Source,
  { mailbox, id }: FolderProgress['folder'],
  { isPlain: wasPlain, stuck }: Course,
  fault: Fault,
): Promise<string | null> => {
  if (wasPlain) throw fault;
  await task.worker.clock.sleep(GONE_TWICE_MS, task.signal);
  let there: GraphFolder | null;
  try {
    there = await client.folder(mailbox, id, task.signal);
  } catch (error) {
    throw isFault(error) && isListingFault(error) ? fault : error;
  }
  if (there === null) return GONE;
  return stuck === 0 ? null : PLAIN_LISTING;
};

/** The page that was asked for ahead, or else asked for now, while the next folders are asked for ahead. */
const first = (
  task: Task<'page'>,
  client: Source,
  { folder, next }: Pick<FolderProgress, 'folder' | 'next'>,
  { ahead, listing }: PageMemory,
): Promise<ItemPage> => {
  const { passId } = task.control.refs;
  const known = ahead.take(task, next);
  const asking = known === undefined ? ask(task, client, folder, next) : known.then((page) => page ?? ask(task, client, folder, next));
  ahead.ask(task, client, (key) => listing.trouble(passId, key) === undefined);
  return asking;
};

const ask = (
  { worker, control, signal }: Task<'page'>,
  client: Source,
  { mailbox, id, recoverable }: FolderProgress['folder'],
  cursor: string | null,
): Promise<ItemPage> =>
  recoverable === true
    ? client.recoverablePage(mailbox, ownerOf(control, mailbox), id, cursor, signal)
    : client.itemPage(mailbox, id, cursor, { pageSize: worker.limits.pageItems }, signal);

/** What the pass takes of a page. */
const taken = async (task: Task<'page'>, { page, isNew }: Listed, seen: SeenItems): Promise<PageManifest> => {
  const from = { id: page.mailbox.id, version: page.mailbox.version };
  const selection = selectionFor(task.control);
  const picker = new Picker(selection, task.state.listedBytes);
  // Most pages of a later pass are empty; then nobody needs to know what was taken before.
  const before = page.items.length === 0 ? new Set<string>() : await seen.of(task);
  const fresh = new Map<string, ManifestItem>();
  const passed = new Set<string>();
  const copies = task.control.settings.update === true && page.items.length > 0 ? await seen.copies(task) : undefined;
  const kept: string[] = [];
  let superseded: ByType = {};
  for (const item of page.items) {
    const once = markOf(item.id);
    if (before.has(once) || passed.has(once)) continue;
    passed.add(once);
    const known = copies?.of(once);
    if (known !== undefined && !(isChanged(known, item) && picker.takes(item))) {
      kept.push(once);
      continue;
    }
    const key = itemKey(from.id, item.id);
    if (!Number.isFinite(item.size)) throw new Fault('graph.invalid-reply', { retry: 'now', facts: { field: 'size' } });
    if (known === undefined && !picker.takes(item)) continue;
    const line = lineOf(key, item);
    fresh.set(key, line);
    if (known !== undefined) superseded = addByType(superseded, { [itemTypeOf(line.type)]: { items: 1, bytes: line.size } });
  }
  // A Trial looks at the first page of each folder only, and a later pass begins again.
  const on = selection.trial ? { next: null, delta: null } : { next: page.next, delta: page.delta };
  return {
    items: [...fresh.values()],
    ...(kept.length === 0 ? {} : { kept }),
    ...(Object.keys(superseded).length === 0 ? {} : { superseded }),
    repeats: page.items.length - passed.size,
    ...(Object.keys(picker.leftOut).length === 0 ? {} : { leftOut: picker.leftOut }),
    ...(isNew || on.next === null ? {} : { idle: true as const }),
    ...(page.short === undefined || selection.trial ? {} : { short: page.short }),
    mailbox: from,
    ...on,
  };
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

/** Names an item for ever: the physical mailbox that holds it, and its id there. */
export const itemKey = (mailboxId: string, itemId: string): string => deriveId('item', mailboxId, itemId);
