import { Fault, isFault } from '@pstream/kernel';
import type { JsonReply } from '../calls/calls.js';
import type { MailboxSession } from '../calls/session.js';
import type { FolderEntry, GraphFolder } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { helpsToShrink } from '../calls/classify.js';
import { isListingFault } from '../calls/listing-fault.js';
import { countOf, extendedProperty, isObject, objectsOf, textOf, type JsonObject } from './fields.js';
import { ListingProgress } from './progress.js';

/** `$top` in use by public clients; no maximum is documented. Smaller pages are asked for where one breaks. */
const PAGE_SIZES = [200, 20, 1] as const;
const PR_FOLDER_TYPE = 0x3601;
const PR_ATTR_HIDDEN = 0x10f4;
const EXPAND = `$expand=singleValueExtendedProperties($filter=${encodeURIComponent("id eq 'Integer 0x3601' or id eq 'Boolean 0x10F4'")})`;
/** Further rounds for what failed in a way that may pass, by the wait before each (see `MailboxSession.moment`): less than a minute in all. */
const LATER_ROUNDS = [3, 5, 6] as const;

/** Children of a folder, or of the root, that are to be listed. */
type Level = { readonly session: MailboxSession; readonly list: string; readonly parentId: string | null; readonly attempt: number };
type Failed = { readonly level: Level; readonly fault: Fault };

/** Walks the folder tree (Graph §3, §4): level by level with hidden folders, then once through the flat delta listing, so that a folder
 *  which one of the two ways leaves out is still found. Parents come before their children. A folder whose children cannot be listed does
 *  not end the walk: what neither way has found is named at its end. Sends a request only when asked for more. */
export const walkFolders = (session: MailboxSession): AsyncGenerator<FolderEntry> => new Walk(session).entries();

class Walk {
  readonly #session: MailboxSession;
  readonly #seen = new Map<string, GraphFolder>();
  readonly #levels: Level[];
  readonly #failed: Failed[] = [];
  #rootId: string | null = null;

  constructor(session: MailboxSession) {
    this.#session = session;
    this.#levels = [{ session, list: '/folders', parentId: null, attempt: 1 }];
  }

  async *entries(): AsyncGenerator<FolderEntry> {
    yield* this.#levelByLevel();
    for (const wait of LATER_ROUNDS) {
      const passing = this.#failed.filter(({ fault }) => fault.retry !== 'never');
      if (passing.length === 0) break;
      await this.#session.moment(wait);
      for (const one of passing) this.#failed.splice(this.#failed.indexOf(one), 1);
      this.#levels.push(...passing.map(({ level }) => ({ ...level, attempt: level.attempt + 1 })));
      yield* this.#levelByLevel();
    }
    const refused = yield* this.#crossCheck();
    yield* this.#missing(refused);
  }

  async *#levelByLevel(): AsyncGenerator<GraphFolder> {
    let before: Fault | undefined;
    for (let level = this.#levels.shift(); level !== undefined; level = this.#levels.shift()) {
      try {
        yield* this.#level(level);
        before = undefined;
      } catch (error) {
        if (!isFault(error) || !isListingFault(error) || this.#seen.size === 0) throw error;
        // Two in a row: it may be the mailbox that does not answer, not one folder of it.
        if (error.retry !== 'never' && before !== undefined && before.retry !== 'never') await this.#checkRoot(error);
        before = error;
        this.#failed.push({ level, fault: error });
      }
    }
  }

  async *#level({ session, list, parentId }: Level): AsyncGenerator<GraphFolder> {
    for (const size of PAGE_SIZES) {
      const first = session.below(`${list}?includeHiddenFolders=true&$top=${String(size)}&${EXPAND}`);
      try {
        for await (const { raw, path } of pages(session, first, { shrinks: size > 1 })) {
          if (parentId === null) this.#rootId ??= textOf(raw, 'parentFolderId');
          const folder = read(session.with(session.mailboxAt(path)), raw, parentId);
          if (folder === null || this.#seen.has(folder.id)) continue;
          this.#seen.set(folder.id, folder);
          yield folder;
          // A search folder has no children of its own. A count that is missing means: look.
          if (!folder.isSearch && (folder.childFolderCount > 0 || typeof raw['childFolderCount'] !== 'number')) {
            const children = graphPath`/folders/${folder.id}/childFolders`;
            this.#levels.push({ session: session.with(folder.mailbox), list: children, parentId: folder.id, attempt: 1 });
          }
        }
        return;
      } catch (error) {
        if (!isFault(error) || !helpsToShrink(error) || size === 1) throw error;
      }
    }
  }

  /** Throws the Fault where the root, which was listed a moment ago, is not listed either. */
  async #checkRoot(fault: Fault): Promise<void> {
    try {
      await this.#session.json({ purpose: 'folders', path: this.#session.below('/folders?$top=1'), lists: true });
    } catch (error) {
      throw isFault(error) && isListingFault(error) ? fault : error;
    }
  }

  /** Folders that only the delta listing knows. Returns the Fault for which there is no second opinion. */
  async *#crossCheck(): AsyncGenerator<GraphFolder, Fault | undefined> {
    const session = this.#session;
    const missed = new Map<string, { readonly raw: JsonObject; readonly at: MailboxSession }>();
    try {
      for await (const { raw, path } of pages(session, session.below('/folders/delta'), {
        prefer: `odata.maxpagesize=${String(PAGE_SIZES[0])}`,
      })) {
        const id = textOf(raw, 'id');
        if (id === null || id === this.#rootId || this.#seen.has(id)) continue;
        if (isObject(raw['@removed'])) missed.delete(id);
        else missed.set(id, { raw, at: session.with(session.mailboxAt(path)) });
      }
    } catch (error) {
      if (!isFault(error) || !isListingFault(error)) throw error;
      if (error.retry !== 'never' && this.#failed.some(({ fault }) => fault.retry !== 'never')) await this.#checkRoot(error);
      return error;
    }
    while (missed.size > 0) {
      // Parents first; what only hangs on itself goes to the root.
      const found =
        [...missed.keys()].find((id) => !missed.has(textOf(missed.get(id)!.raw, 'parentFolderId') ?? '')) ?? [...missed.keys()][0]!;
      const { raw, at } = missed.get(found)!;
      missed.delete(found);
      const parent = textOf(raw, 'parentFolderId');
      const folder = await readOne(at, raw, parent !== null && this.#seen.has(parent) ? parent : null);
      if (folder === null) continue;
      this.#seen.set(folder.id, folder);
      yield folder;
    }
    return undefined;
  }

  /** What neither way has found. A folder says how many children it has, the root does not: a root that was not listed to its end may lack
   *  hidden folders, which no delta shows. Without a second opinion the counts have to agree. */
  *#missing(refused: Fault | undefined): Generator<FolderEntry> {
    const children = new Map<string, number>();
    for (const { parentId } of this.#seen.values()) if (parentId !== null) children.set(parentId, (children.get(parentId) ?? 0) + 1);
    const failed = new Map(this.#failed.map(({ level, fault }) => [level.parentId, { fault, attempts: level.attempt }]));
    const ofRoot = failed.get(null);
    // The last page of some listings is empty and names itself; the second opinion is as good as another page then.
    const isEnd = ofRoot?.fault.facts['emptyPage'] === true && refused === undefined;
    if (ofRoot !== undefined && !isEnd) yield { subfoldersOf: null, ...ofRoot };
    for (const { id, isSearch, childFolderCount } of this.#seen.values()) {
      const own = failed.get(id);
      const why = own ?? (refused === undefined ? undefined : { fault: refused, attempts: 1 });
      if (why === undefined || isSearch) continue;
      const isShort = (children.get(id) ?? 0) < childFolderCount || (own !== undefined && childFolderCount === 0);
      if (isShort) yield { subfoldersOf: id, ...why };
    }
  }
}

const GONE: ReadonlySet<string> = new Set(['graph.folder-gone', 'graph.not-found', 'graph.item-gone']);

/** Reads a folder by itself: the delta listing cannot say whether it is a search folder. Null where it is gone. */
const readOne = async (session: MailboxSession, raw: JsonObject, parentId: string | null): Promise<GraphFolder | null> => {
  const listed = read(session, raw, parentId);
  if (listed === null) return null;
  const there = session.with(listed.mailbox);
  const found = await readFolder(there, listed.id);
  return found === null ? null : { ...found, parentId };
};

/** A folder as it is now. `parentId` is what the tenant says, also for a child of the root. Null where it is gone. */
export const readFolder = async (session: MailboxSession, folderId: string): Promise<GraphFolder | null> => {
  try {
    const path = session.below(`${graphPath`/folders/${folderId}`}?${EXPAND}`);
    const reply = await session.json({ purpose: 'folders', path });
    return read(session.with(session.mailboxAt(reply.path)), reply.body, textOf(reply.body, 'parentFolderId'));
  } catch (error) {
    if (isFault(error) && GONE.has(error.code)) return null;
    throw error;
  }
};

/** The entries of a listing, page by page, with the path that answered. Faults 'graph.paging-loop' for a link that comes twice and
 *  'graph.no-progress' for pages that do (never). */
async function* pages(
  session: MailboxSession,
  first: GraphPath,
  options: { readonly prefer?: string; readonly shrinks?: boolean },
): AsyncGenerator<{ readonly raw: JsonObject; readonly path: GraphPath }> {
  const followed = new Set<string>();
  const progress = new ListingProgress();
  for (let path: GraphPath | null = first; path !== null; ) {
    const reply: JsonReply = await session.json({ purpose: 'folders', path, lists: true, ...options });
    const entries = objectsOf(reply.body, 'value');
    for (const raw of entries) yield { raw, path: reply.path };
    const next = textOf(reply.body, '@odata.nextLink');
    if (next === null) return;
    path = session.path(next, 'nextLink');
    if (followed.has(path)) {
      throw new Fault('graph.paging-loop', {
        retry: 'never',
        facts: { pages: followed.size, emptyPage: entries.length === 0 },
        advice: 'The folder listing leads back to a page it had already. Try later; if it stays, report it to Microsoft.',
      });
    }
    progress.note(entries.map((raw) => ({ id: textOf(raw, 'id') ?? '' })));
    followed.add(path);
  }
}

/** The folder in a reply of the session's mailbox; null where it has no id. */
const read = (session: MailboxSession, raw: JsonObject, parentId: string | null): GraphFolder | null => {
  const id = textOf(raw, 'id');
  if (id === null) return null;
  const elsewhere = textOf(raw, 'parentMailboxUrl');
  return {
    id,
    parentId,
    displayName: textOf(raw, 'displayName') ?? '',
    type: textOf(raw, 'type'),
    wellKnownName: textOf(raw, 'wellKnownName'),
    // The property is declared in beta only; the extended one says the same in v1.0.
    isHidden: raw['isHidden'] === true || extendedProperty(raw, 'Boolean', PR_ATTR_HIDDEN)?.toLowerCase() === 'true',
    isSearch: extendedProperty(raw, 'Integer', PR_FOLDER_TYPE) === '2',
    totalItemCount: countOf(raw, 'totalItemCount'),
    childFolderCount: countOf(raw, 'childFolderCount'),
    mailbox: elsewhere === null ? session.mailbox : session.mailboxAt(session.mailboxPath(elsewhere, 'parentMailboxUrl').path),
  };
};
