import type { ManifestItem } from '@pstream/contracts';
import { deriveId, isFault } from '@pstream/kernel';
import { manifestKey, readManifest, storedManifest } from '../manifests.js';
import type { Task } from '../worker.js';

/** Which items of a folder were taken before: by earlier passes, and on earlier pages. Each item counts once, however often the tenant
 *  lists it, and from whatever part of an archive: a folder that is moved to another part is listed there from its start. */
export class SeenItems {
  readonly #folders = new Map<string, Set<string>>();

  /** All of them, read from the manifests of the pages that this worker did not list. */
  async of(task: Task<'page'>): Promise<Set<string>> {
    const { passId } = task.control.refs;
    const { folderKey, page } = task.unit;
    const name = nameOf(task);
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    for (const manifest of (await task.worker.histories.before(task.control)).manifests(folderKey)) {
      for (const item of (await readManifest(task.worker.work, manifest, task.signal)).items) seen.add(markOf(item.id));
    }
    for (let earlier = 0; earlier < page; earlier++) {
      const stored = await storedManifest(task.worker.work, manifestKey(passId, folderKey, earlier), task.signal).catch(
        (error: unknown) => {
          if (isFault(error) && error.code === 'blob.not-found') return undefined;
          throw error;
        },
      );
      for (const item of stored?.page.items ?? []) seen.add(markOf(item.id));
    }
    this.#folders.set(name, seen);
    return seen;
  }

  /** Takes note of a page's items. A folder that nobody has asked about yet is read from its manifests when somebody does. */
  add(task: Task<'page'>, items: readonly ManifestItem[]): void {
    const marks = this.#folders.get(nameOf(task));
    if (marks !== undefined) for (const item of items) marks.add(markOf(item.id));
  }

  /** Forgets a folder that has been listed to its end. */
  forget(passId: string, folderKey: string): void {
    this.#folders.delete(`${passId}/${folderKey}`);
  }

  /** Forgets a pass that is over, or that somebody else may go on with. */
  forgetPass(passId: string): void {
    for (const name of this.#folders.keys()) if (name.startsWith(`${passId}/`)) this.#folders.delete(name);
  }
}

const nameOf = (task: Task<'page'>): string => `${task.control.refs.passId}/${task.unit.folderKey}`;

/** An item within its folder, whichever mailbox the folder is in; shorter than the id, of which millions may be held. */
export const markOf = (itemId: string): string => deriveId('seen', itemId);
