import type { ItemPage } from '@pstream/graph';
import type { FolderProgress } from '../domain/extraction/state.js';
import type { Source } from '../source/source.js';
import type { Task } from '../worker.js';

/** First pages of the folders that come next, asked for while the folder before them is dealt with: most folders have one page, and
 *  each would wait for an answer of its own. Only what the tenant said is held; what counts of it is decided when its turn comes. */
export class PagesAhead {
  /** By pass, then by folder and cursor. */
  readonly #asked = new Map<string, Map<string, Promise<ItemPage>>>();

  /** The page of the unit, if it was asked for; the promise never gives a failure, but undefined. */
  take({ control, unit }: Task<'page'>, next: FolderProgress['next']): Promise<ItemPage | undefined> | undefined {
    const asked = this.#asked.get(control.refs.passId);
    const name = nameOf(unit.folderKey, next);
    const page = asked?.get(name);
    asked?.delete(name);
    return page?.catch(() => undefined);
  }

  /** Asks for the first pages of the next folders that are `wanted`, so that with the unit's own call as many are under way as a mailbox may
   *  have. */
  ask({ worker, control, state, unit }: Task<'page'>, client: Source, wanted: (folderKey: string) => boolean): void {
    const asked = this.#asked.get(control.refs.passId) ?? new Map<string, Promise<ItemPage>>();
    this.#asked.set(control.refs.passId, asked);
    let passed = false;
    for (const { folder, listed, listedPages, next } of state.folders.values()) {
      if (asked.size >= worker.limits.batchesAtOnce - 1) return;
      const isLater = passed && !listed && listedPages === 0 && folder.recoverable !== true;
      passed ||= folder.key === unit.folderKey;
      const name = nameOf(folder.key, next);
      if (!isLater || asked.has(name) || !wanted(folder.key)) continue;
      // Not under the unit's signal: it outlives the unit, and ends with the client at the latest.
      const page = client.itemPage(folder.mailbox, folder.id, next, { pageSize: worker.limits.pageItems });
      page.catch(() => undefined);
      asked.set(name, page);
    }
  }

  /** The pass is over, or somebody else goes on with it. */
  forget(passId: string): void {
    this.#asked.delete(passId);
  }
}

const nameOf = (folderKey: string, cursor: string | null): string => `${folderKey}/${cursor ?? ''}`;
