import type { GraphClient, GraphFolder, GraphItem, ItemPage, MailboxRef } from '@pstream/graph';
import { Fault } from '@pstream/kernel';

const MAILBOX: MailboxRef = { id: 'MBX:1@2', version: 'v1.0' };

type Entry = GraphItem & { readonly folderId: string };

/** A mailbox in memory with listings as the tenant's delta gives them: cursors, repeated entries, changes, cursors that die. */
export class FakeMailbox {
  readonly items: Entry[] = [];
  /** Everything that happened, oldest first; a cursor remembers how far it has seen. */
  readonly #log: Entry[] = [];
  /** Cursors made before are dead. */
  #era = 0;

  constructor(private readonly folderNames: readonly string[]) {}

  get folders(): GraphFolder[] {
    return this.folderNames.map((name) => ({
      id: name,
      parentId: null,
      displayName: name,
      type: 'IPF.Note',
      wellKnownName: null,
      isHidden: false,
      isSearch: false,
      totalItemCount: this.items.filter(({ folderId }) => folderId === name).length,
      childFolderCount: 0,
      mailbox: MAILBOX,
    }));
  }

  arrive(folder: number, item: Pick<GraphItem, 'type' | 'size' | 'createdDateTime'>): void {
    const folderId = this.folderNames[folder % this.folderNames.length] ?? '';
    const entry = { ...item, id: `item-${this.items.length}`, folderId, changeKey: null, lastModifiedDateTime: null };
    this.items.push(entry);
    this.#log.push(entry);
  }

  change(nth: number): void {
    const entry = this.items[nth % Math.max(1, this.items.length)];
    if (entry !== undefined) this.#log.push(entry);
  }

  forgetCursors(): void {
    this.#era++;
  }

  /** The part of a client that lists. */
  client(): GraphClient {
    const { folders } = this;
    const found = async function* (): AsyncGenerator<GraphFolder> {
      yield* folders;
    };
    return {
      findUser: () => Promise.resolve({ id: 'u', userPrincipalName: 'ada@contoso.com', mail: null }),
      mailboxes: () => Promise.resolve({ primary: MAILBOX, archive: null }),
      folders: found,
      itemPage: async (_mailbox: MailboxRef, folderId: string, cursor: string | null, { pageSize }: { readonly pageSize: number }) =>
        this.#page(folderId, cursor, pageSize),
    } as unknown as GraphClient;
  }

  #page(folderId: string, cursor: string | null, pageSize: number): ItemPage {
    // Where in the log the next page begins, and where the round before it had got to.
    const { era, at } = cursor === null ? { era: this.#era, at: 0 } : (JSON.parse(cursor) as { era: number; at: number });
    if (era !== this.#era) throw new Fault('graph.delta-expired', { retry: 'never', facts: { purpose: 'items' } });
    const entries: GraphItem[] = [];
    let next = at;
    for (; next < this.#log.length && entries.length < pageSize; next++)
      if (this.#log[next]!.folderId === folderId) entries.push(this.#log[next]!);
    const link = JSON.stringify({ era, at: next });
    const isLast = next === this.#log.length;
    return { items: entries, removed: [], next: isLast ? null : link, delta: isLast ? link : null, mailbox: MAILBOX };
  }
}
