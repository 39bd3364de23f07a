import type { PageManifest } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import { markOf, type FolderCopies, type Listed } from '../domain/update/copies.js';
import { manifestKey, readManifest, storedManifest } from '../manifests.js';
import { copiesOf } from '../updates/exported-before.js';
import type { Task } from '../worker.js';

/** Which items of a folder were taken before: by earlier passes, and on earlier pages. Each item counts once, however often the tenant
 *  lists it, and from whatever part of an archive: a folder that is moved to another part is listed there from its start. */
export class SeenItems {
  readonly #folders = new Map<string, Set<string>>();
  readonly #copies = new Map<string, FolderCopies<Listed>>();

  /** All of them, read from the manifests of the pages that this worker did not list. */
  async of(task: Task<'page'>): Promise<Set<string>> {
    const { passId } = task.control.refs;
    const { folderKey, page } = task.unit;
    const name = nameOf(task);
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    // A pass that updates asks of each item what has become of it, and not only whether it was there.
    const history = task.control.settings.update === true ? [] : (await task.worker.histories.before(task.control)).manifests(folderKey);
    for (const manifest of history) {
      for (const item of (await readManifest(task.worker.work, manifest, task.signal)).items) seen.add(markOf(item.id));
    }
    for (let earlier = 0; earlier < page; earlier++) {
      const stored = await storedManifest(task.worker.work, manifestKey(passId, folderKey, earlier), task.signal).catch(
        (error: unknown) => {
          if (isFault(error) && error.code === 'blob.not-found') return undefined;
          throw error;
        },
      );
      if (stored !== undefined) for (const mark of marksOf(stored.page)) seen.add(mark);
    }
    this.#folders.set(name, seen);
    return seen;
  }

  /** What earlier passes have in PSTs of the folder, for a pass that updates it. */
  async copies({ worker, control, unit, signal }: Task<'page'>): Promise<FolderCopies<Listed>> {
    const name = `${control.refs.passId}/${unit.folderKey}`;
    const known = this.#copies.get(name);
    if (known !== undefined) return known;
    const passes = await worker.histories.exportedBefore(control);
    const copies = await copiesOf(worker.work, passes, unit.folderKey, ({ changeKey }): Listed => ({ changeKey }), signal);
    this.#copies.set(name, copies);
    return copies;
  }

  /** Takes note of a page's items. A folder that nobody has asked about yet is read from its manifests when somebody does. */
  add(task: Task<'page'>, page: Pick<PageManifest, 'items' | 'kept'>): void {
    const marks = this.#folders.get(nameOf(task));
    if (marks !== undefined) for (const mark of marksOf(page)) marks.add(mark);
  }

  /** Forgets a folder that has been listed to its end. */
  forget(passId: string, folderKey: string): void {
    this.#folders.delete(`${passId}/${folderKey}`);
    this.#copies.delete(`${passId}/${folderKey}`);
  }

  /** Forgets a pass that is over, or that somebody else may go on with. */
  forgetPass(passId: string): void {
    for (const known of [this.#folders, this.#copies])
      for (const name of known.keys()) if (name.startsWith(`${passId}/`)) known.delete(name);
  }
}

const nameOf = (task: Task<'page'>): string => `${task.control.refs.passId}/${task.unit.folderKey}`;

const marksOf = ({ items, kept = [] }: Pick<PageManifest, 'items' | 'kept'>): string[] => [...items.map(({ id }) => markOf(id)), ...kept];
