import { createHash } from 'node:crypto';
import { isPlain, type FolderEntry, type GraphFolder, type GraphItem, type ItemPage, type MailboxRef } from '@pstream/graph';
import { Fault, type Retry } from '@pstream/kernel';
import type { Source } from './source/source.js';

const MAILBOX: MailboxRef = { id: 'MBX:1@2', version: 'v1.0' };

/** A call that lists: the delta of a folder, its plain listing, the folder by itself, or the subfolders. */
export type ListingCall = {
  readonly kind: 'delta' | 'plain' | 'folder';
  readonly folder: string;
  /** 0 for the first page. */
  readonly page: number;
  /** How often this very call was made before. */
  readonly before: number;
};

/** What goes wrong: a Fault instead of the answer, another answer, or undefined for nothing. */
export type Trouble = (call: ListingCall) => Fault | Partial<ItemPage> | 'gone' | undefined;

/** A Fault as a listing call gives it. */
export const listingFault = (code: string, retry: Retry = 'never'): Fault =>
  new Fault(code, { retry, facts: { purpose: 'items', status: 500 }, advice: 'What to do.' });

/** A tenant with one mailbox in memory: so many folders, items and pages, and what goes wrong with its listings. */
export class TroubledSource {
  readonly calls: ListingCall[] = [];
  readonly exported: string[] = [];
  /** What a walk of the tree could not list. */
  readonly missing: Extract<FolderEntry, { fault: Fault }>[] = [];
  readonly folders: string[];
  trouble: Trouble = () => undefined;
  /** Bytes of an item as its mailbox states them. */
  sizeOf: (itemId: string) => number = () => 10;
  /** Items that cannot be exported. */
  broken: (itemId: string) => boolean = () => false;
  /** Items that are deleted between their listing and their export. */
  gone: (itemId: string) => boolean = () => false;
  readonly #items: number;
  readonly #made = new Map<string, number>();

  constructor(folders: readonly string[], itemsPerFolder = 7) {
    this.folders = [...folders];
    this.#items = itemsPerFolder;
  }

  itemsOf(folder: string): string[] {
    return Array.from({ length: this.#items }, (_, n) => `${folder}-${String(n)}`);
  }

  /** Ids of all items but those of some folders, sorted. */
  allBut(...left: readonly string[]): string[] {
    return this.folders.flatMap((folder) => (left.includes(folder) ? [] : this.itemsOf(folder))).toSorted();
  }

  source(): Source {
    const source: Partial<Source> = {
      findUser: () => Promise.resolve({ id: 'u', userPrincipalName: 'ada@contoso.com', mail: null }),
      mailboxes: () => Promise.resolve({ primary: MAILBOX, archive: null }),
      folders: () => this.#walk(),
      folder: async (_mailbox, id) => {
        const answer = this.#answer({ kind: 'folder', folder: id, page: 0 });
        return answer === 'gone' ? null : this.#folder(id);
      },
      itemPage: async (_mailbox, folder, cursor, { pageSize }) => this.#page(folder, cursor, pageSize),
      exportItems: (_mailbox, ids) => this.#export(ids),
      close: () => Promise.resolve(),
    };
    return source as Source;
  }

  async *#walk(): AsyncGenerator<FolderEntry> {
    for (const folder of this.folders) yield this.#folder(folder);
    yield* this.missing;
  }

  #folder(id: string): GraphFolder {
    const nothing = { parentId: null, type: 'IPF.Note', wellKnownName: null, isHidden: false, isSearch: false, childFolderCount: 0 };
    return { ...nothing, id, displayName: id, totalItemCount: this.#items, mailbox: MAILBOX };
  }

  #answer(call: Omit<ListingCall, 'before'>): Partial<ItemPage> | 'gone' | undefined {
    const name = `${call.kind} ${call.folder} ${String(call.page)}`;
    const before = this.#made.get(name) ?? 0;
    this.#made.set(name, before + 1);
    this.calls.push({ ...call, before });
    const answer = this.trouble({ ...call, before });
    if (answer instanceof Fault) throw answer;
    return answer;
  }

  /** Cursors are `delta:n` and `plain:n`; the tenant's deltas repeat nothing. */
  #page(folder: string, cursor: string | null, pageSize: number): ItemPage {
    const plain = cursor !== null && isPlain(cursor);
    const from = cursor === null ? 0 : Number(cursor.split(':')[1]);
    const answer = this.#answer({ kind: plain ? 'plain' : 'delta', folder, page: from / pageSize });
    const page = this.itemsOf(folder).slice(from, from + pageSize);
    const on = from + pageSize < this.#items ? `${plain ? 'plain' : 'delta'}:${String(from + pageSize)}` : null;
    const whole: ItemPage = {
      items: page.map(
        (id): GraphItem => ({
          id,
          type: 'IPM.Note',
          size: this.sizeOf(id),
          changeKey: null,
          createdDateTime: null,
          lastModifiedDateTime: null,
        }),
      ),
      removed: [],
      next: on,
      delta: on === null && !plain ? 'delta:end' : null,
      mailbox: MAILBOX,
    };
    return answer === undefined || answer === 'gone' ? whole : { ...whole, ...answer };
  }

  async *#export(ids: readonly string[]): ReturnType<Source['exportItems']> {
    for (const itemId of ids) {
      const code = this.gone(itemId) ? 'graph.item-gone' : this.broken(itemId) ? 'graph.item-too-large' : undefined;
      if (code !== undefined) {
        yield { itemId, fault: new Fault(code, { retry: 'never' }) };
        continue;
      }
      this.exported.push(itemId);
      const data = new TextEncoder().encode(itemId);
      yield {
        itemId,
        changeKey: null,
        data,
        mailbox: MAILBOX,
        doubts: [],
        attachments: 0,
        sha256: createHash('sha256').update(data).digest('hex'),
      };
    }
  }
}
