import type { ManifestItem, SourceMailbox } from '@pstream/contracts';
import { slicesAfter, type SliceName } from '../domain/extraction/units.js';
import type { OpenPage } from '../domain/extraction/state.js';
import { readManifest } from '../manifests.js';
import type { Task } from '../worker.js';

/** A slice to be exported. `task` is the one of this slice, whichever unit it is done with. */
export type Slice = { readonly task: Task<'slice'>; readonly mailbox: SourceMailbox; readonly items: readonly ManifestItem[] };

/** The slice of a unit and the small ones after it that may be exported with it, in their order; none when it has been exported already.
 *  Folders with few items are many, and would cost a call each. Together they keep within the bounds of one slice. */
export const joinedSlices = async (task: Task<'slice'>): Promise<readonly Slice[]> => {
  const { state, unit } = task;
  const open = state.folders.get(unit.folderKey)?.open.get(unit.page);
  if (open === undefined || !open.slices.has(unit.from)) return [];
  const first = await readSlice(task, unit, open);
  const more = await Promise.all(companions(task, first).map((name) => readSlice(task, name, name.open)));
  // One call names an item once. An item that was moved between two listings is in both.
  const seen = new Set<string>();
  const isNew = ({ items }: Slice): boolean => {
    const before = seen.size;
    for (const { id } of items) seen.add(id);
    return seen.size === before + items.length;
  };
  const slices = [first, ...more];
  const last = slices.findIndex((slice) => !isNew(slice));
  return last === -1 ? slices : slices.slice(0, Math.max(1, last));
};

/** The open slices after the first that are whole pages of the same mailbox, up to the first that is not or that would be too much. */
const companions = ({ state, unit, worker }: Task<'slice'>, first: Slice): (SliceName & { readonly open: OpenPage })[] => {
  const joined: (SliceName & { readonly open: OpenPage })[] = [];
  let items = first.items.length;
  let bytes = first.items.reduce((sum, { size }) => sum + size, 0);
  for (const slice of slicesAfter(state, unit)) {
    const { open } = slice;
    items += open.items;
    bytes += open.bytes;
    const isSmall = open.starts.length === 1 && items <= worker.limits.sliceItems && bytes <= worker.limits.sliceBytes;
    if (!isSmall || open.mailbox.id !== first.mailbox.id || open.mailbox.version !== first.mailbox.version) break;
    joined.push(slice);
  }
  return joined;
};

const readSlice = async (task: Task<'slice'>, { folderKey, page, from }: SliceName, open: OpenPage): Promise<Slice> => {
  const manifest = await readManifest(task.worker.work, open.manifest, task.signal);
  const until = Math.min(...open.starts.filter((start) => start > from), manifest.items.length);
  return {
    task: { ...task, unit: { ...task.unit, folderKey, page, from } },
    mailbox: open.mailbox,
    items: manifest.items.slice(from, until),
  };
};
