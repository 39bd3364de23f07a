import { causeOf, type DiscoveredFolder, type ExtractionEvent, type PassRefs, type SourceMailbox } from '@pstream/contracts';
import type { FolderEntry, GraphFolder, MailboxRef } from '@pstream/graph';
import { deriveId, Fault } from '@pstream/kernel';
import type { Source } from '../source/source.js';
import type { Task } from '../worker.js';
import { applyFolderRules } from './folder-rules.js';
import { recoverableFolders, type UnlistedBelow } from './recoverable.js';

/** The folders of a mailbox, and those of which something below could not be listed. */
export type FolderTree = {
  readonly mailbox: SourceMailbox;
  readonly folders: readonly DiscoveredFolder[];
  readonly unlisted: readonly UnlistedBelow[];
};

/** Name of the entry that stands for the root where the root itself could not be listed to its end. It is not in the PST. */
const ROOT_NAME = '(top of the mailbox)';

/** Finds the mailbox and its folders, with what the options of the project say about them. Search folders are named and left: their items
 *  live elsewhere. */
export const readFolderTree = async (task: Task<'plan'>): Promise<FolderTree> => {
  const { worker, control, signal } = task;
  const client = await worker.client(control);
  const mailbox = await mailboxOf(task, client);
  const entries: FolderEntry[] = [];
  for await (const entry of client.folders(mailbox, signal)) entries.push(entry);
  const keyOf = (id: string | null): string => (id === null ? deriveId('root', mailbox.id) : deriveId('folder', mailbox.id, id));
  const found = entries.flatMap((entry) => ('fault' in entry ? [] : [entry]));
  const below = entries.flatMap((entry): UnlistedBelow[] =>
    'fault' in entry ? [{ folderKey: keyOf(entry.subfoldersOf), fault: entry.fault, attempts: entry.attempts }] : [],
  );
  const { options = {} } = control.settings;
  const recoverable = options.recoverableItems === true ? await recoverableFolders(task, client, mailbox) : { folders: [], unlisted: [] };
  const root = below.some(({ folderKey }) => folderKey === keyOf(null)) ? [rootOf(keyOf(null), mailbox)] : [];
  return {
    mailbox,
    folders: applyFolderRules(
      [...root, ...withoutHidden(toSourceFolders(found, keyOf), options.skipHiddenFolders === true), ...recoverable.folders],
      options,
    ),
    unlisted: [...below, ...recoverable.unlisted],
  };
};

/** What goes on record of folders of which something below could not be listed. */
export const unlistedBelow = (refs: PassRefs, unlisted: readonly UnlistedBelow[], at: string): ExtractionEvent[] =>
  unlisted.map(({ folderKey, fault, attempts }) => ({
    type: 'FolderNotListed',
    data: { ...refs, folderKey, what: 'subfolders', cause: causeOf(fault), attempts, at },
  }));

const mailboxOf = async ({ control, signal }: Task<'plan'>, client: Source): Promise<MailboxRef> => {
  const user = await client.findUser(control.settings.source, signal);
  const mailboxes = await client.mailboxes(user.id, signal);
  const mailbox = control.settings.type === 'archive' ? mailboxes.archive : mailboxes.primary;
  if (mailbox !== null) return mailbox;
  throw new Fault('graph.no-archive', {
    retry: 'never',
    facts: { passId: control.refs.passId },
    advice: 'This user has no in-place archive. Enable one, or move the user to a Mailbox project.',
  });
};

const rootOf = (key: string, mailbox: MailboxRef): DiscoveredFolder => ({
  key,
  parent: null,
  name: ROOT_NAME,
  containerClass: null,
  wellKnownName: null,
  hidden: true,
  expected: 0,
  left: 'refused',
  id: '',
  mailbox: { id: mailbox.id, version: mailbox.version },
});

/** Marks hidden folders, and those below them, as left where they are not wanted: Outlook shows neither. Parents come before their children. */
const withoutHidden = (folders: readonly DiscoveredFolder[], isUnwanted: boolean): readonly DiscoveredFolder[] => {
  if (!isUnwanted) return folders;
  const hidden = new Set<string>();
  return folders.map((folder) => {
    if (!folder.hidden && !(folder.parent !== null && hidden.has(folder.parent))) return folder;
    hidden.add(folder.key);
    return folder.left === undefined ? { ...folder, left: 'hidden' } : folder;
  });
};

const toSourceFolders = (found: readonly GraphFolder[], keyOf: (id: string) => string): DiscoveredFolder[] => {
  const known = new Set(found.map(({ id }) => id));
  return found.map((folder) => ({
    key: keyOf(folder.id),
    parent: folder.parentId === null || !known.has(folder.parentId) ? null : keyOf(folder.parentId),
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
