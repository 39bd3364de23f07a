import type { DiscoveredFolder, ExtractionEvent, SourceMailbox } from '@pstream/contracts';
import { chunksOf, deriveId } from '@pstream/kernel';
import { scopeOf, selectionOf } from '../domain/extraction/selection.js';
import type { Extraction } from '../domain/extraction/state.js';
import type { Task } from '../worker.js';
import { readFolderTree, unlistedBelow } from './folder-tree.js';

/** Folders in one event at the most, so that no event grows without bound. */
const FOLDERS_PER_EVENT = 500;

/** Finds the mailbox and its folder tree, and where each folder is to be listed from: its beginning, or where an earlier pass
 *  left off. */
export const planExport = async (task: Task<'plan'>): Promise<Extraction> => {
  const { worker, control } = task;
  const tree = await readFolderTree(task);
  const history = await worker.histories.before(control);
  const scope = scopeOf(selectionOf(control.kind, control.settings));
  const folders = tree.folders.map((folder): DiscoveredFolder => {
    // What was changed since shows in no later delta: an update lists every folder from its beginning.
    const isFollowed = folder.left === undefined && control.settings.update !== true;
    const from = isFollowed ? history.startOf(folder.key, folder.mailbox.id, scope) : undefined;
    return from === undefined ? folder : { ...folder, from };
  });
  return recordPlan(task, tree.mailbox, folders, unlistedBelow(control.refs, tree.unlisted, worker.clock.now()));
};

/** Appends the plan as one commit, with what is on record beside the folders. */
export const recordPlan = async (
  { worker, control }: Pick<Task, 'worker' | 'control'>,
  mailbox: SourceMailbox,
  folders: readonly DiscoveredFolder[],
  beside: readonly ExtractionEvent[],
): Promise<Extraction> => {
  const { refs } = control;
  const at = worker.clock.now();
  // A mailbox without folders has an event that says so.
  const chunks = folders.length === 0 ? [[]] : chunksOf(folders, FOLDERS_PER_EVENT);
  const events: ExtractionEvent[] = [
    { type: 'ExtractionStarted', data: { ...refs, mailbox: { id: mailbox.id, version: mailbox.version }, at } },
    ...chunks.map(
      (some, n): ExtractionEvent => ({ type: 'FoldersDiscovered', data: { ...refs, folders: some, last: n === chunks.length - 1, at } }),
    ),
    ...beside,
  ];
  return worker.log.append(refs.passId, deriveId('plan', refs.passId), events, (state) => !state.treeComplete);
};
