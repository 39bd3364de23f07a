import { Fault, isFault } from '@pstream/kernel';
import type { Calls } from '../calls/calls.js';
import type { GraphFolder, GraphLimits, MailboxRef } from '../client.js';
import { countOf, extendedProperty, isObject, objectsOf, textOf, type JsonObject } from './fields.js';
import { graphPath, mailboxOfPath, pinToMailbox, pinToOrigin, type GraphPath } from '../http/origin.js';

/** `$top` in use by public clients; no maximum is documented. */
const PAGE = 200;
const PR_FOLDER_TYPE = 0x3601;
const PR_ATTR_HIDDEN = 0x10f4;
const EXPAND = `$expand=singleValueExtendedProperties($filter=${encodeURIComponent("id eq 'Integer 0x3601' or id eq 'Boolean 0x10F4'")})`;
const LIST = `includeHiddenFolders=true&$top=${String(PAGE)}&${EXPAND}`;

/** Where a mailbox's calls begin. */
export const mailboxBase = (mailbox: MailboxRef): GraphPath => graphPath`/${mailbox.version}/admin/exchange/mailboxes/${mailbox.id}`;

/** The mailbox that a path leads to: `mailbox` itself, or the part of it that a redirect or parentMailboxUrl named. */
export const mailboxAt = (path: GraphPath, mailbox: MailboxRef): MailboxRef => {
  const found = mailboxOfPath(path);
  return found === null || found.mailboxId.toLowerCase() === mailbox.id.toLowerCase()
    ? mailbox
    : { id: found.mailboxId, version: found.version };
};

const below = (base: GraphPath, rest: string): GraphPath => `${base}${rest}` as GraphPath;

/** Walks the folder tree (spec §3, §4): level by level with hidden folders, then once through the flat delta listing, so that a folder
 *  which one of the two ways leaves out is still found. Parents come before their children. Sends a request only when asked for more. */
export async function* walkFolders(
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  mailbox: MailboxRef,
  signal?: AbortSignal,
): AsyncGenerator<GraphFolder> {
  const seen = new Set<string>();
  let rootId: string | null = null;
  const levels: { readonly path: GraphPath; readonly parentId: string | null }[] = [
    { path: below(mailboxBase(mailbox), `/folders?${LIST}`), parentId: null },
  ];
  for (let level = levels.shift(); level !== undefined; level = levels.shift()) {
    for await (const { raw, path } of pages(calls, origin, limits, level.path, undefined, signal)) {
      if (level.parentId === null) rootId ??= textOf(raw, 'parentFolderId');
      const folder = read(raw, origin, mailboxAt(path, mailbox), level.parentId);
      if (folder === null || seen.has(folder.id)) continue;
      seen.add(folder.id);
      yield folder;
      // A search folder has no children of its own. A count that is missing means: look.
      if (!folder.isSearch && (folder.childFolderCount > 0 || typeof raw['childFolderCount'] !== 'number')) {
        const children = graphPath`/folders/${folder.id}/childFolders`;
        levels.push({ path: below(mailboxBase(folder.mailbox), `${children}?${LIST}`), parentId: folder.id });
      }
    }
  }
  yield* crossCheck(calls, origin, limits, mailbox, seen, rootId, signal);
}

/** Folders that only the delta listing knows. */
async function* crossCheck(
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  mailbox: MailboxRef,
  seen: Set<string>,
  rootId: string | null,
  signal?: AbortSignal,
): AsyncGenerator<GraphFolder> {
  const missed = new Map<string, { readonly raw: JsonObject; readonly at: MailboxRef }>();
  try {
    const prefer = `odata.maxpagesize=${String(PAGE)}`;
    for await (const { raw, path } of pages(calls, origin, limits, below(mailboxBase(mailbox), '/folders/delta'), prefer, signal)) {
      const id = textOf(raw, 'id');
      if (id === null || id === rootId || seen.has(id)) continue;
      if (isObject(raw['@removed'])) missed.delete(id);
      else missed.set(id, { raw, at: mailboxAt(path, mailbox) });
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
    const folder = await readOne(calls, origin, limits, at, raw, parent !== null && seen.has(parent) ? parent : null, signal);
    if (folder === null) continue;
    seen.add(folder.id);
    yield folder;
  }
}

const NOT_OFFERED: ReadonlySet<string> = new Set(['graph.bad-request', 'graph.not-found', 'graph.delta-expired']);
const GONE: ReadonlySet<string> = new Set(['graph.folder-gone', 'graph.not-found', 'graph.item-gone']);

/** Reads a folder by itself: the delta listing cannot say whether it is a search folder. Null where it is gone. */
const readOne = async (
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  at: MailboxRef,
  raw: JsonObject,
  parentId: string | null,
  signal?: AbortSignal,
): Promise<GraphFolder | null> => {
  const listed = read(raw, origin, at, parentId);
  if (listed === null) return null;
  try {
    const path = below(mailboxBase(listed.mailbox), `${graphPath`/folders/${listed.id}`}?${EXPAND}`);
    const reply = await calls.json({ purpose: 'folders', path, deadlineMs: limits.listingMs }, signal);
    return read(reply.body, origin, mailboxAt(reply.path, listed.mailbox), parentId);
  } catch (error) {
    if (isFault(error) && GONE.has(error.code)) return null;
    throw error;
  }
};

/** The entries of a listing, page by page, with the path that answered. Fault 'graph.paging-loop' (never) for a link that comes twice. */
async function* pages(
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  first: GraphPath,
  prefer: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly raw: JsonObject; readonly path: GraphPath }> {
  const followed = new Set<string>();
  for (let path: GraphPath | null = first; path !== null; ) {
    const call = { purpose: 'folders' as const, path, deadlineMs: limits.listingMs, ...(prefer === undefined ? {} : { prefer }) };
    const reply = await calls.json(call, signal);
    for (const raw of objectsOf(reply.body, 'value')) yield { raw, path: reply.path };
    const next = textOf(reply.body, '@odata.nextLink');
    if (next === null) return;
    path = pinToOrigin(next, origin, 'nextLink');
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

const read = (raw: JsonObject, origin: URL, at: MailboxRef, parentId: string | null): GraphFolder | null => {
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
    mailbox: elsewhere === null ? at : mailboxAt(pinToMailbox(elsewhere, origin, 'parentMailboxUrl').path, at),
  };
};
