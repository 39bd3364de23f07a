import type { Calls } from '../calls/calls.js';
import type { GraphFolder, GraphItem, GraphLimits, ItemPage, MailboxRef } from '../client.js';
import { countOf, objectsOf, textOf } from './fields.js';
import { graphPath, pinToOrigin, type GraphPath } from '../http/origin.js';

// Recoverable Items (spec §5.4): what users deleted and holds keep. The mailbox API does not document them; the mail API has been seen
// to list them, by the owner of the mailbox or, for an archive, by the mailbox id. Best effort.

const PAGE = 100;

/** The folders below Recoverable Items. Where the tenant does not show them, the Fault says so. */
export const readRecoverableFolders = async (
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  mailbox: MailboxRef,
  owner: string,
  signal?: AbortSignal,
): Promise<readonly GraphFolder[]> => {
  const found: GraphFolder[] = [];
  const first = graphPath`/v1.0/users/${owner}/mailFolders/recoverableitemsroot/childFolders?includeHiddenFolders=true&$top=${String(PAGE)}`;
  for (let path: GraphPath | null = first; path !== null; ) {
    const { body } = await calls.json({ purpose: 'mail', path, deadlineMs: limits.listingMs, mailboxId: mailbox.id }, signal);
    for (const raw of objectsOf(body, 'value')) {
      const id = textOf(raw, 'id');
      if (id === null) continue;
      found.push({
        id,
        parentId: null,
        displayName: textOf(raw, 'displayName') ?? '',
        type: null,
        wellKnownName: null,
        isHidden: true,
        isSearch: false,
        totalItemCount: countOf(raw, 'totalItemCount'),
        childFolderCount: countOf(raw, 'childFolderCount'),
        mailbox,
      });
    }
    const next = textOf(body, '@odata.nextLink');
    path = next === null ? null : pinToOrigin(next, origin, 'nextLink');
  }
  return found;
};

/** One page of such a folder. The mail API tells neither sizes nor classes, and has no delta: `size` is 0, `type` null, and both `next`
 *  and `delta` are null on the last page. */
export const readRecoverablePage = async (
  calls: Calls,
  origin: URL,
  limits: GraphLimits,
  mailbox: MailboxRef,
  owner: string,
  folderId: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ItemPage> => {
  const path =
    cursor === null
      ? graphPath`/v1.0/users/${owner}/mailFolders/${folderId}/messages?$select=id,changeKey,createdDateTime,lastModifiedDateTime&$top=${String(PAGE)}`
      : pinToOrigin(cursor, origin, 'stored link');
  const call = { purpose: 'mail' as const, path, deadlineMs: limits.listingMs, mailboxId: mailbox.id, resumed: cursor !== null };
  const { body } = await calls.json(call, signal);
  const items = objectsOf(body, 'value').flatMap((raw): GraphItem[] => {
    const id = textOf(raw, 'id');
    if (id === null) return [];
    const of = (name: string): string | null => textOf(raw, name);
    return [
      {
        id,
        type: null,
        size: 0,
        changeKey: of('changeKey'),
        createdDateTime: of('createdDateTime'),
        lastModifiedDateTime: of('lastModifiedDateTime'),
      },
    ];
  });
  const next = textOf(body, '@odata.nextLink');
  return { items, removed: [], next: next === null ? null : pinToOrigin(next, origin, 'nextLink'), delta: null, mailbox };
};
