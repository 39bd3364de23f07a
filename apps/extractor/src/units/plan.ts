import type { DiscoveredFolder, ExtractionEvent, SourceMailbox } from '@pstream/contracts';
import type { GraphFolder, MailboxRef } from '@pstream/graph';
import { deriveId, Fault } from '@pstream/kernel';
import { scopeOf, selectionOf } from '../domain/extraction/selection.js';
import type { Extraction } from '../domain/extraction/state.js';
import type { Task } from '../worker.js';
import { applyFolderRules } from './folder-rules.js';
import { recoverableFolders } from './recoverable.js';

/** Folders in one event at the most, so that no event grows without bound. */
const FOLDERS_PER_EVENT = 500;

/** Finds the mailbox and its folder tree, and where each folder is to be listed from: its beginning, or where an earlier pass
 *  left off. Search folders are named and left: their items live elsewhere. */
export const planExport = async (task: Task<'plan'>): Promise<Extraction> => {
  const { worker, control, signal } = task;
  const client = await worker.client(control);
  const user = await client.findUser(control.settings.source, signal);
  const mailboxes = await client.mailboxes(user.id, signal);
  const mailbox = control.settings.type === 'archive' ? mailboxes.archive : mailboxes.primary;
  if (mailbox === null) {
    throw new Fault('graph.no-archive', {
      retry: 'never',
      facts: { passId: control.refs.passId },
      advice: 'This user has no in-place archive. Enable one, or move the user to a Mailbox project.',
    });
  }
  const found: GraphFolder[] = [];
  for await (const folder of client.folders(mailbox, signal)) found.push(folder);
  const history = await worker.histories.before(control);
  const scope = scopeOf(selectionOf(control.kind, control.settings));
  const { options = {} } = control.settings;
  const recoverable = options.recoverableItems === true ? await recoverableFolders(task, client, mailbox) : [];
  const folders = applyFolderRules([...toSourceFolders(mailbox, found), ...recoverable], options).map((folder): DiscoveredFolder => {
    const from = folder.left === undefined ? history.startOf(folder.key, folder.mailbox.id, scope) : undefined;
    return from === undefined ? folder : { ...folder, from };
  });
  return recordPlan({ worker, control }, mailbox, folders);
};

/** Appends the plan as one commit. */
export const recordPlan = async (
  { worker, control }: Pick<Task, 'worker' | 'control'>,
  mailbox: SourceMailbox,
  folders: readonly DiscoveredFolder[],
  pages: readonly ExtractionEvent[] = [],
): Promise<Extraction> => {
  const { refs } = control;
  const at = worker.clock.now();
  const chunks = Math.max(1, Math.ceil(folders.length / FOLDERS_PER_EVENT));
  const events: ExtractionEvent[] = [
    { type: 'ExtractionStarted', data: { ...refs, mailbox, at } },
    ...Array.from(
      { length: chunks },
      (_, n): ExtractionEvent => ({
        type: 'FoldersDiscovered',
        data: { ...refs, folders: folders.slice(n * FOLDERS_PER_EVENT, (n + 1) * FOLDERS_PER_EVENT), last: n === chunks - 1, at },
      }),
    ),
    ...pages,
  ];
  return worker.log.append(refs.passId, deriveId('plan', refs.passId), events, (state) => !state.treeComplete);
};

const toSourceFolders = (mailbox: MailboxRef, found: readonly GraphFolder[]): DiscoveredFolder[] => {
  const keyOf = new Map(found.map((folder) => [folder.id, deriveId('folder', mailbox.id, folder.id)]));
  return found.map((folder) => ({
    key: keyOf.get(folder.id)!,
    parent: (folder.parentId === null ? undefined : keyOf.get(folder.parentId)) ?? null,
    name: folder.displayName,
    containerClass: folder.type,
    wellKnownName: folder.wellKnownName,
    hidden: folder.isHidden,
    expected: folder.totalItemCount,
    ...(folder.isSearch ? { left: 'search-folder' as const } : {}),
    id: folder.id,
    mailbox: { id: folder.mailbox.id, version: folder.mailbox.version },
  }));
};
