import { createHash } from 'node:crypto';
import { PstCorrupt } from '../format/index.js';
import { ID, type MapiItem } from '@pstream/mapi';
import type { PstFile, PstFolder, PstItem } from '../reader/pst-file.js';
import { compareItemPair, type Compared, type ItemDifference } from './compare-items.js';
import { itemPath, pathText } from './pst-list.js';

/** The outcome of a comparison. `lost`, `changed`, `added` count properties by name; `differences` is everything lost or changed, and items that
 *  are only in the copy unless `allowExtra`; `notes` say where, the first `maxNotes` of them. */
export type PstDiff = {
  readonly folders: number;
  readonly foldersLost: number;
  readonly items: number;
  readonly itemsLost: number;
  readonly itemsExtra: number;
  readonly unreadable: number;
  readonly compared: Readonly<Compared>;
  readonly lost: Readonly<Record<string, number>>;
  readonly changed: Readonly<Record<string, number>>;
  readonly added: Readonly<Record<string, number>>;
  readonly differences: number;
  readonly notes: readonly { readonly kind: string; readonly where: string; readonly what: string }[];
};

/** `associated` compares hidden items too. `topFolder` is where a copy keeps items that the original has at the very top. */
export type DiffOptions = {
  readonly associated?: boolean;
  readonly allowExtra?: boolean;
  readonly maxNotes?: number;
  readonly topFolder?: string;
  readonly signal?: AbortSignal;
};

/** What recognises an item in a copy: its search key if it has one, and a digest of content that no store changes. A copy of an item
 *  without search key has got one, so copies are known by both. */
const identities = (item: MapiItem): { searchKey: string | undefined; content: string } => {
  const plain = (id: number): Uint8Array | undefined =>
    item.properties.find((property) => property.id === id && property.name === undefined)?.value;
  const searchKey = plain(ID.SearchKey);
  const hash = createHash('sha256');
  for (const id of STABLE) {
    const value = plain(id);
    hash.update(`${id} ${value?.length ?? -1} `).update(value ?? NOTHING);
  }
  return { searchKey: searchKey?.length === 16 ? Buffer.from(searchKey).toString('hex') : undefined, content: hash.digest('hex') };
};

const STABLE = [ID.MessageClass, ID.Subject, ID.MessageDeliveryTime, ID.ClientSubmitTime, ID.InternetMessageId, ID.Body, ID.Html];
const NOTHING = new Uint8Array(0);

/** A copy that was read ahead and not yet matched. */
type Waiting = { readonly pending: PstItem; taken: boolean };

/** The items of one folder path in all copies, found by identity. Copies usually keep the order, so it reads ahead only as far as needed. */
class Pool {
  private readonly waiting = new Map<string, Waiting[]>();
  private readonly all: Waiting[] = [];
  private readonly next: AsyncGenerator<PstItem>;

  constructor(
    copies: readonly { file: PstFile; folder: PstFolder }[],
    associated: boolean,
    private readonly onDamage: (item: PstItem) => void,
  ) {
    this.next = (async function* () {
      for (const { file, folder } of copies) yield* file.items(folder, { associated });
    })();
  }

  async take(key: string): Promise<MapiItem | undefined> {
    const known = this.waiting.get(key)?.find(({ taken }) => !taken);
    if (known !== undefined) {
      known.taken = true;
      return known.pending.item();
    }
    for (let step = await this.next.next(); step.done !== true; step = await this.next.next()) {
      const item = await readable(step.value, this.onDamage);
      if (item === undefined) continue;
      const { searchKey, content } = identities(item);
      if (searchKey === key || content === key) return item;
      const entry = { pending: step.value, taken: false };
      this.all.push(entry);
      for (const id of [searchKey, content]) {
        if (id === undefined) continue;
        const list = this.waiting.get(id);
        if (list === undefined) this.waiting.set(id, [entry]);
        else list.push(entry);
      }
    }
    return undefined;
  }

  async left(): Promise<number> {
    let count = this.all.filter(({ taken }) => !taken).length;
    for (let step = await this.next.next(); step.done !== true; step = await this.next.next()) count++;
    return count;
  }
}

const readable = async (pending: PstItem, onDamage: (item: PstItem) => void): Promise<MapiItem | undefined> => {
  try {
    const item = await pending.item();
    if (!item.warnings.some((warning) => warning.includes('.unreadable'))) return item;
  } catch (error) {
    if (!(error instanceof PstCorrupt)) throw error;
  }
  onDamage(pending);
  return undefined;
};

/** Compares an original store with the copies made from it (the parts of one mailbox, whose folders are merged), item by item and property by
 *  property. Left out is only what every store computes for itself (see `DROPPED_PROPERTIES`). Items that cannot be read in the original are
 *  counted, not judged; in a copy they are differences. Holds two items at a time. */
export const pstDiff = async (original: PstFile, copies: readonly PstFile[], options: DiffOptions = {}): Promise<PstDiff> => {
  const byPath = new Map<string, { file: PstFile; folder: PstFolder }[]>();
  for (const file of copies) {
    for await (const folder of file.folders()) {
      const key = pathText(folder.path);
      const known = byPath.get(key);
      if (known === undefined) byPath.set(key, [{ file, folder }]);
      else known.push({ file, folder });
    }
  }
  const counts = { folders: 0, foldersLost: 0, items: 0, itemsLost: 0, itemsExtra: 0, unreadable: 0 };
  const compared: Compared = { properties: 0, recipients: 0, attachments: 0, embedded: 0 };
  const tallies = { lost: {} as Record<string, number>, changed: {} as Record<string, number>, added: {} as Record<string, number> };
  const notes: { kind: string; where: string; what: string }[] = [];
  let damaged = 0;
  const note = (kind: string, where: string, what: string): void => {
    if (notes.length < (options.maxNotes ?? 100)) notes.push({ kind, where, what });
  };
  const tell = ({ kind, where, what }: ItemDifference): void => {
    tallies[kind][what] = (tallies[kind][what] ?? 0) + 1;
    if (kind !== 'added') note(kind, where, what);
  };

  const compareFolder = async (folder: PstFolder, associated: boolean): Promise<void> => {
    const path = pathText(folder.path);
    const atTop = folder.path.length === 0 && !(byPath.get(path) ?? []).some((copy) => copy.folder.contentCount > 0);
    const found = byPath.get(atTop ? (options.topFolder ?? 'Inbox') : path) ?? [];
    const pool = new Pool(found, associated, (item) => {
      damaged++;
      note('unreadable', path, `0x${item.nid.toString(16)}`);
    });
    for await (const pending of original.items(folder, { associated })) {
      options.signal?.throwIfAborted();
      const item = await readable(pending, () => counts.unreadable++);
      if (item === undefined) continue;
      counts.items++;
      const where = itemPath(folder, pending);
      const { searchKey, content } = identities(item);
      const other = await pool.take(searchKey ?? content);
      if (other === undefined) {
        counts.itemsLost++;
        note('lost', where, 'item');
      } else compareItemPair(where, item, other, tell, compared);
    }
    if (atTop) return;
    const extra = await pool.left();
    counts.itemsExtra += extra;
    if (extra > 0 && options.allowExtra !== true) note('added', path, `${extra} item(s)`);
  };

  for await (const folder of original.folders()) {
    counts.folders++;
    if (folder.path.length > 0 && !byPath.has(pathText(folder.path))) {
      counts.foldersLost++;
      note('lost', pathText(folder.path), 'folder');
    }
    await compareFolder(folder, false);
    if (options.associated === true) await compareFolder(folder, true);
  }
  const sum = (tally: Record<string, number>): number => Object.values(tally).reduce((total, n) => total + n, 0);
  const extra = options.allowExtra === true ? 0 : counts.itemsExtra;
  return {
    ...counts,
    compared,
    ...tallies,
    differences: sum(tallies.lost) + sum(tallies.changed) + counts.foldersLost + counts.itemsLost + extra + damaged,
    notes,
  };
};
