import type { JsonReply } from '../calls/calls.js';
import type { MailboxSession } from '../calls/session.js';
import type { GraphFolder, GraphItem, ItemPage } from '../client.js';
import { graphPath, type GraphPath } from '../http/origin.js';
import { countOf, objectsOf, textOf } from './fields.js';
import { ListingProgress } from './progress.js';

// Recoverable Items (Graph §5.4): what users deleted and holds keep. The mailbox API does not document them; the mail API has been seen
// to list them, by the owner of the mailbox or, for an archive, by the mailbox id. Best effort.

const PAGE = 100;

/** The folders below Recoverable Items. Where the tenant does not show them, the Fault says so. */
export const readRecoverableFolders = async (session: MailboxSession, owner: string): Promise<readonly GraphFolder[]> => {
  const found: GraphFolder[] = [];
  const first = graphPath`/v1.0/users/${owner}/mailFolders/recoverableitemsroot/childFolders?includeHiddenFolders=true&$top=${String(PAGE)}`;
  const progress = new ListingProgress();
  for (let path: GraphPath | null = first; path !== null; ) {
    const { body }: JsonReply = await session.mailJson({ purpose: 'mail', path });
    const before = found.length;
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
        mailbox: session.mailbox,
      });
    }
    progress.note(found.slice(before));
    const next = textOf(body, '@odata.nextLink');
    path = next === null ? null : session.path(next, 'nextLink');
  }
  return found;
};

/** One page of such a folder. The mail API gives neither sizes nor classes, and has no delta: `size` is 0, `type` null, and both `next`
 *  and `delta` are null on the last page. */
export const readRecoverablePage = async (
  session: MailboxSession,
  owner: string,
  folderId: string,
  cursor: string | null,
): Promise<ItemPage> => {
  const path =
    cursor === null
      ? graphPath`/v1.0/users/${owner}/mailFolders/${folderId}/messages?$select=id,changeKey,createdDateTime,lastModifiedDateTime&$top=${String(PAGE)}`
      : session.path(cursor, 'stored link');
  const { body } = await session.mailJson({ purpose: 'mail', path, resumed: cursor !== null });
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
  return { items, removed: [], next: next === null ? null : session.path(next, 'nextLink'), delta: null, mailbox: session.mailbox };
};
