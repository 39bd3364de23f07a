import { isFault } from '@pstream/kernel';
import { ID, type Property } from '@pstream/mapi';
import { fileSource, openPst, type PstFile, type PstFolder, type PstItem } from '@pstream/pst/reader';
import type { Entry, Form, Loaded, Origin } from '../origin.js';

/** Items at the very top of a store: Exchange and Outlook have them in a folder. */
const TOP = ['Inbox'];
/** Where messages go that no table of a damaged store names. */
const RECOVERED = 'Recovered items';
/** Node ids of folders with a fixed place. [MS-PST] 2.4.1. */
const DELETED_ITEMS = 0x8062;
const ENTRY_ID_BYTES = 24;

/** Properties of the message store that name default folders. [MS-PST] 2.4.3.1. */
const BY_STORE: readonly (readonly [number, string])[] = [
  [ID.IpmWastebasketEntryId, 'deleteditems'],
  [ID.IpmOutboxEntryId, 'outbox'],
  [ID.IpmSentMailEntryId, 'sentitems'],
];

/** A PST or OST: Unicode, ANSI or with 4k pages, read leniently, so that damage costs what it is in, which is reported. `recover`: by what the
 *  whole file holds, where header or B-trees are broken. */
export const storeOrigin = async (path: string, form: Form, recover: boolean): Promise<Origin> => {
  const source = await fileSource(path);
  try {
    const file = await openPst(source, { mode: 'lenient', recover });
    return {
      form,
      entries: (signal) => (recover ? recoveredOf(file, signal) : entriesOf(file, signal)),
      met: () => file.problems.map(({ code, where }) => `${code} at ${where}`),
      problems: () => (file.problemsDropped === 0 ? [] : [`${file.problemsDropped} more`]),
      close: () => source.close(),
    };
  } catch (error) {
    await source.close();
    throw error;
  }
};

async function* entriesOf(file: PstFile, signal: AbortSignal | undefined): AsyncGenerator<Entry> {
  const wellKnown = wellKnownNames(file.properties);
  let top: PstFolder | undefined;
  for await (const folder of file.folders()) {
    if (folder.path.length === 0) {
      top = folder;
      continue;
    }
    const name = wellKnown.get(folder.nid);
    yield { kind: 'folder', path: folder.path, ...(name === undefined ? {} : { wellKnownName: name }), ...ofFolder(folder) };
    yield* itemsOf(file, folder, folder.path, signal);
  }
  // Last, so that a folder of that name which the store has itself says what it is.
  if (top === undefined || top.contentCount + top.associatedCount === 0) return;
  yield { kind: 'folder', path: TOP, wellKnownName: 'inbox' };
  yield* itemsOf(file, top, TOP, signal);
}

async function* itemsOf(file: PstFile, folder: PstFolder, path: readonly string[], signal: AbortSignal | undefined): AsyncGenerator<Entry> {
  for (const associated of [false, true]) {
    for await (const pending of file.items(folder, { associated })) {
      signal?.throwIfAborted();
      const load = async (): Promise<Loaded> => {
        const item = await pending.item();
        return { item, notes: item.warnings };
      };
      yield { kind: 'item', path, where: whereOf(pending), load };
    }
  }
}

/** The entries of a store, and behind them the messages that no table names, below a folder of their own. One of those that cannot be opened is
 *  none: what is left of deleted messages is mostly overwritten. */
async function* recoveredOf(file: PstFile, signal: AbortSignal | undefined): AsyncGenerator<Entry> {
  // Numbers: a store may have millions of items.
  const named = new Set<number>();
  for await (const entry of entriesOf(file, signal)) {
    if (entry.kind === 'item') named.add(Number(entry.where));
    yield entry;
  }
  const paths = new Map<number, readonly string[]>();
  for await (const { item: pending, folder } of file.messages()) {
    signal?.throwIfAborted();
    if (named.has(pending.nid)) continue;
    const item = await pending.item().catch((error: unknown) => {
      if (!isFault(error)) throw error;
    });
    if (item === undefined) continue;
    const path = paths.get(folder) ?? [RECOVERED, ...(await file.pathOf(folder))];
    paths.set(folder, path);
    yield { kind: 'item', path, where: whereOf(pending), load: () => Promise.resolve({ item, notes: item.warnings }) };
  }
}

const whereOf = ({ nid }: PstItem): string => `0x${nid.toString(16)}`;

const ofFolder = ({ containerClass, properties }: PstFolder): { containerClass?: string; properties: readonly Property[] } => ({
  ...(containerClass === undefined ? {} : { containerClass }),
  properties,
});

const wellKnownNames = (store: readonly Property[]): ReadonlyMap<number, string> => {
  const out = new Map<number, string>([[DELETED_ITEMS, 'deleteditems']]);
  for (const [id, name] of BY_STORE) {
    const value = store.find((property) => property.id === id)?.value;
    if (value?.length === ENTRY_ID_BYTES) out.set(new DataView(value.buffer, value.byteOffset).getUint32(20, true), name);
  }
  return out;
};
