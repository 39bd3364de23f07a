import { assert, type Clock } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { digest, toEntryId } from './ids.js';
import type { MailboxSource, SimFolder, SimItem } from './source.js';

/** One thing that happened to a mailbox while the simulator runs. Its place in the log is what a delta token remembers. */
export type Change = { readonly folderId: string; readonly itemId: string; readonly what: 'changed' | 'deleted' | 'added' };

/** What an id stands for now: an item, one that is gone, or nothing that this mailbox ever had. */
export type Found = { readonly is: 'item'; readonly item: SimItem } | { readonly is: 'gone' } | { readonly is: 'unknown' };

type Origin = { readonly state: MailboxState; readonly item: SimItem };

/** A mailbox as it is now: its source with the changes, deletions and arrivals of this run laid over it. */
export class MailboxState {
  readonly log: Change[] = [];
  readonly #byId = new Map<string, SimFolder>();
  readonly #versions = new Map<string, { readonly version: number; readonly modified: string }>();
  readonly #gone = new Set<string>();
  /** Ordinals of deleted items per folder, ascending. */
  readonly #holes = new Map<string, number[]>();
  readonly #added = new Map<string, SimItem[]>();
  readonly #placed = new Map<string, number>();
  readonly #addedById = new Map<string, { readonly item: SimItem; readonly origin?: Origin }>();

  constructor(
    readonly source: MailboxSource,
    private readonly clock: Clock,
  ) {}

  /** All folders, parents first. */
  folders(): readonly SimFolder[] {
    const folders = this.source.folders();
    if (this.#byId.size !== folders.length) for (const folder of folders) this.#byId.set(folder.id, folder);
    return folders;
  }

  /** The folder of that id. */
  folder(id: string): SimFolder | undefined {
    this.folders();
    return this.#byId.get(id);
  }

  /** Puts a folder, with all below it, into a partition of an archive. */
  place(folderId: string, partition: number): void {
    this.#placed.set(folderId, partition);
  }

  /** The partition that the folder or the nearest folder above it was put into; undefined where none was. */
  placed(folder: SimFolder): number | undefined {
    for (let at: SimFolder | undefined = folder; at !== undefined; at = at.parentId === null ? undefined : this.folder(at.parentId)) {
      const partition = this.#placed.get(at.id);
      if (partition !== undefined) return partition;
    }
    return undefined;
  }

  /** Where a folder's items really are: itself, or the folder that a search folder looks into. */
  home(folder: SimFolder): SimFolder {
    return folder.searchOf === undefined ? folder : (this.folder(folder.searchOf) ?? folder);
  }

  /** Items that a listing of the folder shows now. */
  count(folder: SimFolder): number {
    const home = this.home(folder);
    return this.end(home) - (this.#holes.get(home.id)?.length ?? 0);
  }

  /** One past the last ordinal of a folder. */
  end(folder: SimFolder): number {
    return folder.count + (this.#added.get(folder.id)?.length ?? 0);
  }

  /** The items at positions `from` to `to` of the listing, deleted ones not counted. */
  async page(folder: SimFolder, from: number, to: number): Promise<readonly SimItem[]> {
    const home = this.home(folder);
    const holes = this.#holes.get(home.id) ?? [];
    let ordinal = from;
    for (const hole of holes) if (hole <= ordinal) ordinal++;
    const found: SimItem[] = [];
    while (found.length < to - from && ordinal < this.end(home)) {
      const { items, next } = await this.from(home, ordinal, to - from - found.length);
      found.push(...items);
      ordinal = next;
    }
    return found;
  }

  /** Up to `limit` places from an ordinal on, without the deleted ones, and the ordinal to go on from. */
  async from(folder: SimFolder, ordinal: number, limit: number): Promise<{ readonly items: readonly SimItem[]; readonly next: number }> {
    const next = Math.min(ordinal + limit, this.end(folder));
    const stored = ordinal < folder.count ? await this.source.items(folder, ordinal, Math.min(next, folder.count)) : [];
    const added = this.#added.get(folder.id)?.slice(Math.max(0, ordinal - folder.count), Math.max(0, next - folder.count)) ?? [];
    const items = [...stored, ...added].filter((item) => !this.#gone.has(item.id)).map((item) => this.#current(item));
    return { items, next };
  }

  /** Looks an id up. */
  async find(id: string): Promise<Found> {
    if (this.#gone.has(id)) return { is: 'gone' };
    const item = this.#addedById.get(id)?.item ?? (await this.source.find(id));
    return item === undefined ? { is: 'unknown' } : { is: 'item', item: this.#current(item) };
  }

  /** The export stream of an item as it is now. */
  stream(item: SimItem): Promise<Uint8Array> {
    const origin = this.#addedById.get(item.id)?.origin;
    return origin === undefined ? this.source.stream(item) : origin.state.stream(origin.item);
  }

  /** The properties of an item as it is now. */
  content(item: SimItem): Promise<MapiItem> {
    const origin = this.#addedById.get(item.id)?.origin;
    return origin === undefined ? this.source.content(item) : origin.state.content(origin.item);
  }

  /** Somebody edits the item: new change key and time; generated items get new content too. */
  change(item: SimItem): void {
    const version = (this.#versions.get(item.id)?.version ?? 0) + 1;
    this.#versions.set(item.id, { version, modified: seconds(this.clock.now()) });
    this.log.push({ folderId: item.folderId, itemId: item.id, what: 'changed' });
  }

  /** Somebody deletes the item for good. */
  delete(item: SimItem): void {
    if (this.#gone.has(item.id)) return;
    this.#gone.add(item.id);
    const holes = this.#holes.get(item.folderId) ?? [];
    holes.push(item.ordinal);
    holes.sort((a, b) => a - b);
    this.#holes.set(item.folderId, holes);
    this.log.push({ folderId: item.folderId, itemId: item.id, what: 'deleted' });
  }

  /** A new item arrives in the folder: one the source makes up, or else a copy of the folder's first item under a new id. */
  async arrive(folder: SimFolder): Promise<SimItem> {
    const extra = this.end(folder) - folder.count;
    const made = this.source.another?.(folder, extra);
    if (made !== undefined) return this.#add(folder, made);
    const [first] = await this.source.items(folder, 0, 1);
    assert(first !== undefined, 'an empty folder of a fixed source cannot receive a copy');
    return this.receive(folder, this, first);
  }

  /** Takes an item of another mailbox (or this one) into a folder, under a new id. */
  receive(folder: SimFolder, from: MailboxState, item: SimItem): SimItem {
    const ordinal = this.end(folder);
    const id = toEntryId(digest('received', this.source.guid, folder.id, ordinal, item.id).subarray(0, 32));
    const received = { ...item, id, folderId: folder.id, ordinal, modified: seconds(this.clock.now()) };
    return this.#add(folder, received, { state: from, item });
  }

  #add(folder: SimFolder, item: SimItem, origin?: Origin): SimItem {
    const added = this.#added.get(folder.id) ?? [];
    added.push(item);
    this.#added.set(folder.id, added);
    this.#addedById.set(item.id, origin === undefined ? { item } : { item, origin });
    this.log.push({ folderId: folder.id, itemId: item.id, what: 'added' });
    return item;
  }

  #current(item: SimItem): SimItem {
    const latest = this.#versions.get(item.id);
    if (latest === undefined) return item;
    const changeKey = digest('change', item.changeKey, latest.version).subarray(0, 12).toString('base64');
    return { ...item, version: item.version + latest.version, modified: latest.modified, changeKey };
  }
}

/** Exchange shows times to the second. */
export const seconds = (iso: string): string => `${iso.slice(0, 19)}Z`;
