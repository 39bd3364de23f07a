import type { BlobStore } from '@pstream/blob';
import {
  buildStream,
  extractionStream,
  folderPaths,
  mailboxJobStream,
  UPDATED_PER_LIST,
  type DiscoveredFolder,
  type ListSuperseded,
  type ListSupersededReply,
  type ManifestRef,
  type SupersededItem,
  type UpdatedItem,
} from '@pstream/contracts';
import { readParts, type EventStore } from '@pstream/event-store';
import { readList } from './lists.js';

/** What the list needs of the world. */
export type SupersededPorts = { readonly store: EventStore; readonly work: BlobStore };

type Recorded = {
  readonly passId: string;
  readonly partId: string | null;
  readonly newItemKey: string | null;
  readonly newPartId: string | null;
};
type Found = { readonly list: ManifestRef; readonly items: number };

/** What the passes of a mailbox that count have found and built. */
type Updates = {
  readonly lists: readonly Found[];
  readonly numbers: ReadonlyMap<string, number>;
  readonly folders: ReadonlyMap<string, DiscoveredFolder>;
  readonly recorded: ReadonlyMap<string, Recorded>;
};

/** Lists the copies in PSTs of a mailbox of which its updates have found that the mailbox has another version, or none any more: which part has the older
 *  copy, and which the newer. Asks nobody but the log. Fault 'manifest.damaged' (never). */
export const listSuperseded = async (
  { store, work }: SupersededPorts,
  { mailboxJobId, cursor, limit }: ListSuperseded,
): Promise<ListSupersededReply> => {
  const updates = await updatesOf(store, mailboxJobId);
  const total = updates.lists.reduce((sum, { items }) => sum + items, 0);
  const from = cursor === null ? 0 : Number(cursor);
  if (!Number.isInteger(from) || from < 0 || from > total) return { is: 'bad-cursor' };
  const page = await itemsFrom(work, updates.lists, from, limit);
  const paths = folderPaths([...updates.folders.values()]);
  const names = new Map<string, string | null>();
  const nameOf = async (passId: string, partId: string | null): Promise<string | null> => {
    if (partId === null) return null;
    if (!names.has(partId))
      for (const part of await readParts(store, passId))
        for (const event of part.events) if (event.type === 'PartOpened') names.set(part.partId, event.data.name);
    return names.get(partId) ?? null;
  };
  const items: SupersededItem[] = [];
  for (const { what, itemKey, itemId, folderKey, toFolderKey, itemType, itemDate = null, sizeBytes, passId } of page) {
    const known = updates.recorded.get(`${itemKey}/${passId}`);
    const newer = known === undefined || known.newItemKey === null ? undefined : known;
    items.push({
      what,
      state: what === 'gone' ? 'gone' : newer === undefined ? 'pending' : 'superseded',
      itemKey,
      itemId,
      folder: paths.get(folderKey) ?? '',
      to: toFolderKey === undefined ? null : (paths.get(toFolderKey) ?? ''),
      itemType,
      itemDate,
      sizeBytes,
      passId,
      pass: updates.numbers.get(passId) ?? 0,
      part: known === undefined ? await onlyPart(store, passId) : await nameOf(passId, known.partId),
      newPassId: newer?.passId ?? null,
      newPass: newer === undefined ? null : (updates.numbers.get(newer.passId) ?? 0),
      newPart: newer === undefined ? null : await nameOf(newer.passId, newer.newPartId),
    });
  }
  const next = from + items.length;
  return { is: 'listed', items, total, next: next < total ? String(next) : null };
};

/** The part of a pass that wrote one; of several it is recorded only with the newer copy which has an item. */
const onlyPart = async (store: EventStore, passId: string): Promise<string | null> => {
  const [first, ...others] = await readParts(store, passId);
  const opened = first?.events.find((event) => event.type === 'PartOpened');
  return others.length > 0 || opened === undefined ? null : opened.data.name;
};

const itemsFrom = async (work: BlobStore, lists: readonly Found[], from: number, limit: number): Promise<UpdatedItem[]> => {
  const page: UpdatedItem[] = [];
  let before = 0;
  for (const { list, items } of lists) {
    if (page.length < limit && before + items > from) {
      const start = Math.max(0, from - before);
      page.push(...(await readList(work, list)).slice(start, start + limit - page.length));
    }
    before += items;
  }
  return page;
};

const updatesOf = async (store: EventStore, mailboxJobId: string): Promise<Updates> => {
  const events = await store.read(mailboxJobStream(mailboxJobId));
  const replaced = new Set(events.flatMap((event) => (event.type === 'MailboxStartedOver' ? event.data.passIds : [])));
  const ended = new Set(events.flatMap((event) => (event.type === 'PassCompleted' ? [event.data.passId] : [])));
  const passes = events.flatMap((event) =>
    event.type === 'PassStarted' && event.data.kind !== 'verify' && ended.has(event.data.passId) && !replaced.has(event.data.passId)
      ? [event.data]
      : [],
  );
  const folders = new Map<string, DiscoveredFolder>();
  const lists: Found[] = [];
  const recorded = new Map<string, Recorded>();
  // Without an update there is nothing to list, however much was exported.
  if (passes.every(({ settings }) => settings.update !== true)) return { lists, numbers: new Map(), folders, recorded };
  for (const { passId } of passes) {
    for (const event of await store.read(extractionStream(passId))) {
      if (event.type === 'FoldersDiscovered') for (const folder of event.data.folders) folders.set(folder.key, folder);
      if (event.type !== 'ExtractionFinished' || event.data.update === undefined) continue;
      const { changed, moved, gone, lists: own } = event.data.update;
      const all = changed + moved + gone;
      lists.push(...own.map((list, n) => ({ list, items: Math.min(UPDATED_PER_LIST, all - n * UPDATED_PER_LIST) })));
    }
    for (const event of await store.read(buildStream(passId))) {
      if (event.type !== 'ItemsSuperseded') continue;
      for (const { itemKey, passId: of, partId, newItemKey, newPassId = passId, newPartId } of event.data.items)
        recorded.set(`${itemKey}/${of}`, { passId: newPassId, partId, newItemKey, newPartId });
    }
  }
  return { lists, numbers: new Map(passes.map(({ passId, number }) => [passId, number])), folders, recorded };
};
