import type { BlobStore } from '@pstream/blob';
import {
  buildStream,
  causeOf,
  extractionStream,
  folderPaths,
  listsMailbox,
  mailboxJobStream,
  passControl,
  type DiscoveredFolder,
  type DriftItem,
  type DriftNote,
  type ManifestItem,
  type ManifestRef,
  type PassControl,
  type ReadDrift,
  type ReadDriftReply,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { isListingFault } from '@pstream/graph';
import { Fault, isFault, type Clock } from '@pstream/kernel';
import { Listing } from '../domain/drift/compare.js';
import { Picker, selectionOf } from '../domain/extraction/selection.js';
import { readManifest } from '../manifests.js';
import type { Source } from '../source/source.js';

/** What reading the drift of a mailbox needs of the world. */
export type DriftPorts = {
  readonly store: EventStore;
  /** Page manifests. */
  readonly work: BlobStore;
  readonly clock: Clock;
  client(control: PassControl): Promise<Source>;
};

/** Whoever asks waits: an answer ends with the folder after which this time is over. */
const ENOUGH_MS = 8_000;
/** A folder that takes longer than this is left where it is. */
const FOLDER_MS = 12_000;
/** Items in an answer. */
const MOST_ITEMS = 1_000;
const PAGE_ITEMS = 200;

/** What the passes of a mailbox have listed of a folder: where the first of them left off, and what each has taken. */
type Exported = { readonly folder: DiscoveredFolder; readonly link: string | null; readonly manifests: readonly ManifestRef[] };

/** What all passes together have exported. */
type History = {
  readonly control: PassControl;
  readonly folders: readonly Exported[];
  readonly paths: ReadonlyMap<string, string>;
  /** Keys of the items that were taken and are in no PST: they failed or were skipped. */
  readonly missing: ReadonlySet<string>;
};

type FolderDrift = { readonly items: readonly DriftItem[]; readonly note: DriftNote | undefined };

/** Compares a mailbox as it is with what its passes have exported, folder by folder: by the delta since its first listing where the tenant still
 *  knows that, or else by listing the folder again. Records nothing and changes nothing. */
export const readDrift = async (ports: DriftPorts, { mailboxJobId, cursor }: ReadDrift): Promise<ReadDriftReply> => {
  const history = await historyOf(ports.store, mailboxJobId);
  if (history === undefined) return { is: 'nothing-exported' };
  const { control, folders } = history;
  const { passId } = control.refs;
  const from = placeOf(cursor, passId, folders.length);
  if (from === undefined) return { is: 'bad-cursor' };
  const startedMs = ports.clock.monotonicMs();
  const items: DriftItem[] = [];
  const notes: DriftNote[] = [];
  let { folder: at, item: skip } = from;
  try {
    const client = await ports.client(control);
    while (at < folders.length && items.length < MOST_ITEMS && ports.clock.monotonicMs() - startedMs < ENOUGH_MS) {
      const drift = await compareFolder(ports, client, history, folders[at]!);
      const room = MOST_ITEMS - items.length;
      items.push(...drift.items.slice(skip, skip + room));
      const isWhole = drift.items.length <= skip + room;
      if (isWhole && drift.note !== undefined) notes.push(drift.note);
      [at, skip] = isWhole ? [at + 1, 0] : [at, skip + room];
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    return { is: 'refused', cause: causeOf(error) };
  }
  return {
    is: 'read',
    passId,
    startedAt: control.startedAt,
    items,
    notes,
    folders: { done: at, total: folders.length },
    next: at < folders.length ? [passId, at, skip].join('-') : null,
  };
};

/** Folder and item to go on with; undefined for a cursor that belongs to another export, or to none. */
const placeOf = (
  cursor: string | null,
  passId: string,
  folders: number,
): { readonly folder: number; readonly item: number } | undefined => {
  if (cursor === null) return { folder: 0, item: 0 };
  const [pass, folder, item] = cursor.split('-');
  const [at, skip] = [Number(folder), Number(item)];
  return pass === passId && Number.isInteger(at) && Number.isInteger(skip) && at >= 0 && at < folders && skip >= 0
    ? { folder: at, item: skip }
    : undefined;
};

const historyOf = async (store: EventStore, mailboxJobId: string): Promise<History | undefined> => {
  const events = await store.read(mailboxJobStream(mailboxJobId));
  const replaced = new Set(events.flatMap((event) => (event.type === 'MailboxStartedOver' ? event.data.passIds : [])));
  const passes = events.flatMap((event) =>
    event.type === 'PassCompleted' && event.data.kind !== 'verify' && !replaced.has(event.data.passId) ? [event.data] : [],
  );
  const listing = passes.findLast(({ kind }) => listsMailbox(kind));
  const control = listing === undefined ? undefined : passControl(events, listing.passId);
  if (control === undefined) return undefined;
  const folders = new Map<string, DiscoveredFolder>();
  const links = new Map<string, { readonly mailboxId: string; readonly link: string }>();
  const manifests = new Map<string, ManifestRef[]>();
  let failed = new Set<string>();
  const skipped = new Set<string>();
  for (const { passId, kind } of passes) {
    // A retry covers all that had failed before it; what was skipped it leaves.
    if (kind === 'retry-errors') failed = new Set();
    for (const event of await store.read(extractionStream(passId))) {
      if (event.type === 'FoldersDiscovered')
        for (const folder of event.data.folders) if (listsMailbox(kind) || !folders.has(folder.key)) folders.set(folder.key, folder);
      if (event.type === 'ItemFailed') failed.add(event.data.itemKey);
      if (event.type === 'ItemSkipped') skipped.add(event.data.itemKey);
      if (event.type !== 'PageListed') continue;
      const { folderKey, manifest, delta, mailbox, again } = event.data;
      // What a retry asks for again is in the list of the pass before it.
      if (manifest !== null && !again) manifests.set(folderKey, [...(manifests.get(folderKey) ?? []), manifest]);
      if (delta !== null && !links.has(folderKey)) links.set(folderKey, { mailboxId: mailbox.id, link: delta });
    }
    for (const event of await store.read(buildStream(passId))) if (event.type === 'ItemUnbuilt') failed.add(event.data.itemKey);
  }
  return {
    control,
    missing: new Set([...failed, ...skipped]),
    paths: folderPaths([...folders.values()]),
    folders: [...folders.values()]
      .filter(({ left, recoverable }) => left === undefined && recoverable !== true)
      .map((folder) => {
        const link = links.get(folder.key);
        // A folder that lives elsewhere now is listed from its start.
        return {
          folder,
          link: link?.mailboxId === folder.mailbox.id ? link.link : null,
          manifests: manifests.get(folder.key) ?? [],
        };
      }),
  };
};

/** Codes with which a delta cannot be followed from where it was left. */
const NOT_FROM_THERE: ReadonlySet<string> = new Set(['graph.delta-expired', 'graph.paging-loop', 'graph.no-progress']);

const compareFolder = async (ports: DriftPorts, client: Source, history: History, exported: Exported): Promise<FolderDrift> => {
  const { folder } = exported;
  const path = history.paths.get(folder.key) ?? folder.name;
  const picker = new Picker(selectionOf('full', history.control.settings), 0);
  const takes = (item: Parameters<Picker['takes']>[0]): boolean => picker.takes(item);
  const untilMs = ports.clock.monotonicMs() + FOLDER_MS;
  const listing = new Listing();
  let whole = exported.link === null;
  let note: DriftNote | undefined;
  try {
    const ended = await listAll(ports.clock, client, folder, exported.link, listing, untilMs).catch(async (error: unknown) => {
      if (exported.link === null || !isFault(error) || !NOT_FROM_THERE.has(error.code)) throw error;
      whole = true;
      return listAll(ports.clock, client, folder, null, listing, untilMs);
    });
    if (!ended) throw TOO_MUCH;
  } catch (error) {
    if (!isFault(error) || (error !== TOO_MUCH && !isListingFault(error))) throw error;
    whole = false;
    note = { folder: path, cause: causeOf(error), items: await countOf(ports.work, exported, history.missing) };
  }
  // Nothing has happened in most folders; then nobody needs to know what they held.
  if (!whole && listing.isEmpty) return { items: [], note };
  const known = await itemsOf(ports.work, exported, history.missing);
  return { items: listing.compare(path, known, { whole, takes }), note };
};

const TOO_MUCH = new Fault('drift.folder-too-large', {
  retry: 'never',
  advice: 'More has changed in this folder than can be compared in one go. What was found is listed; a Full pass takes what is new.',
});

/** Lists a folder from a link, or from its start. False where the time was over before its end. */
const listAll = async (
  clock: Clock,
  client: Source,
  { mailbox, id }: DiscoveredFolder,
  link: string | null,
  listing: Listing,
  untilMs: number,
): Promise<boolean> => {
  for (let cursor = link; ; ) {
    const page = await client.itemPage(mailbox, id, cursor, { pageSize: PAGE_ITEMS });
    listing.add(page.items, page.removed);
    if (page.next === null) return true;
    if (clock.monotonicMs() >= untilMs) return false;
    cursor = page.next;
  }
};

/** The exported items of a folder by id. */
const itemsOf = async (
  work: BlobStore,
  { manifests }: Exported,
  missing: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ManifestItem>> => {
  const items = new Map<string, ManifestItem>();
  for (const ref of manifests)
    for (const item of (await readManifest(work, ref)).items) if (!missing.has(item.key)) items.set(item.id, item);
  return items;
};

const countOf = async (work: BlobStore, exported: Exported, missing: ReadonlySet<string>): Promise<number> =>
  (await itemsOf(work, exported, missing)).size;
