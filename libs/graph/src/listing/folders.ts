import { Fault, isFault } from '@pstream/kernel';
import type { JsonReply } from '../calls/calls.js';
import type { MailboxSession } from '../calls/session.js';
import type { GraphFolder } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { countOf, extendedProperty, isObject, objectsOf, textOf, type JsonObject } from './fields.js';

/** `$top` in use by public clients; no maximum is documented. */
const PAGE = 200;
const PR_FOLDER_TYPE = 0x3601;
const PR_ATTR_HIDDEN = 0x10f4;
const EXPAND = `$expand=singleValueExtendedProperties($filter=${encodeURIComponent("id eq 'Integer 0x3601' or id eq 'Boolean 0x10F4'")})`;
const LIST = `includeHiddenFolders=true&$top=${String(PAGE)}&${EXPAND}`;

/** Walks the folder tree (Graph §3, §4): level by level with hidden folders, then once through the flat delta listing, so that a folder
 *  which one of the two ways leaves out is still found. Parents come before their children. Sends a request only when asked for more. */
export async function* walkFolders(session: MailboxSession): AsyncGenerator<GraphFolder> {
  const seen = new Set<string>();
  let rootId: string | null = null;
  const levels: { readonly path: GraphPath; readonly parentId: string | null }[] = [
    { path: session.below(`/folders?${LIST}`), parentId: null },
  ];
  for (let level = levels.shift(); level !== undefined; level = levels.shift()) {
    for await (const { raw, path } of pages(session, level.path)) {
      if (level.parentId === null) rootId ??= textOf(raw, 'parentFolderId');
      const folder = read(session.with(session.mailboxAt(path)), raw, level.parentId);
      if (folder === null || seen.has(folder.id)) continue;
      seen.add(folder.id);
      yield folder;
      // A search folder has no children of its own. A count that is missing means: look.
      if (!folder.isSearch && (folder.childFolderCount > 0 || typeof raw['childFolderCount'] !== 'number')) {
        const children = graphPath`/folders/${folder.id}/childFolders`;
        levels.push({ path: session.with(folder.mailbox).below(`${children}?${LIST}`), parentId: folder.id });
      }
    }
  }
  yield* crossCheck(session, seen, rootId);
}

/** Folders that only the delta listing knows. */
async function* crossCheck(session: MailboxSession, seen: Set<string>, rootId: string | null): AsyncGenerator<GraphFolder> {
  const missed = new Map<string, { readonly raw: JsonObject; readonly at: MailboxSession }>();
  try {
    const prefer = `odata.maxpagesize=${String(PAGE)}`;
    for await (const { raw, path } of pages(session, session.below('/folders/delta'), prefer)) {
      const id = textOf(raw, 'id');
      if (id === null || id === rootId || seen.has(id)) continue;
      if (isObject(raw['@removed'])) missed.delete(id);
      else missed.set(id, { raw, at: session.with(session.mailboxAt(path)) });
    }
  } catch (error) {
    // A second opinion: where a mailbox does not offer it, the first has to do.
    if (isFault(error) && NOT_OFFERED.has(error.code)) return;
    throw error;
  }
  while (missed.size > 0) {
    // Parents first; what only hangs on itself goes to the root.
    const found =
      [...missed.keys()].find((id) => !missed.has(textOf(missed.get(id)!.raw, 'parentFolderId') ?? '')) ?? [...missed.keys()][0]!;
    const { raw, at } = missed.get(found)!;
    missed.delete(found);
    const parent = textOf(raw, 'parentFolderId');
    const folder = await readOne(at, raw, parent !== null && seen.has(parent) ? parent : null);
    if (folder === null) continue;
    seen.add(folder.id);
    yield folder;
  }
}

const NOT_OFFERED: ReadonlySet<string> = new Set(['graph.bad-request', 'graph.not-found', 'graph.delta-expired']);
const GONE: ReadonlySet<string> = new Set(['graph.folder-gone', 'graph.not-found', 'graph.item-gone']);

/** Reads a folder by itself: the delta listing cannot say whether it is a search folder. Null where it is gone. */
const readOne = async (session: MailboxSession, raw: JsonObject, parentId: string | null): Promise<GraphFolder | null> => {
  const listed = read(session, raw, parentId);
  if (listed === null) return null;
  const there = session.with(listed.mailbox);
  try {
    const reply = await there.json({ purpose: 'folders', path: there.below(`${graphPath`/folders/${listed.id}`}?${EXPAND}`) });
    return read(there.with(there.mailboxAt(reply.path)), reply.body, parentId);
  } catch (error) {
    if (isFault(error) && GONE.has(error.code)) return null;
    throw error;
  }
};

/** The entries of a listing, page by page, with the path that answered. Fault 'graph.paging-loop' (never) for a link that comes twice. */
async function* pages(
  session: MailboxSession,
  first: GraphPath,
  prefer?: string,
): AsyncGenerator<{ readonly raw: JsonObject; readonly path: GraphPath }> {
  const followed = new Set<string>();
  for (let path: GraphPath | null = first; path !== null; ) {
    const reply: JsonReply = await session.json({ purpose: 'folders', path, ...(prefer === undefined ? {} : { prefer }) });
    for (const raw of objectsOf(reply.body, 'value')) yield { raw, path: reply.path };
    const next = textOf(reply.body, '@odata.nextLink');
    if (next === null) return;
    path = session.path(next, 'nextLink');
    if (followed.has(path)) {
      throw new Fault('graph.paging-loop', {
        retry: 'never',
        facts: { pages: followed.size },
        advice: 'The folder listing leads back to a page it had already. Try later; if it stays, report it to Microsoft.',
      });
    }
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
