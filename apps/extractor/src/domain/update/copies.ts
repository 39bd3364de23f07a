import type { ManifestItem } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';

/** An item within its folder, whichever mailbox the folder is in; shorter than the id, of which millions may be held. */
export const markOf = (itemId: string): string => deriveId('seen', itemId);

/** An item that earlier passes took: as the last of them listed it, the pass that exported it, whether it is in a PST, and the pass that was the first to
 *  take it, as a number in their order. One that failed or was
 *  skipped is not, whatever is in the PST of a pass before: it is left to Retry Errors. */
export type Copy = { readonly item: ManifestItem; readonly passId: string; readonly exported: boolean; readonly first: number };

/** A pass among those of its mailbox, from 0. */
export type NthPass = { readonly passId: string; readonly nth: number };

/** What of a listing says whether an item was changed. */
type Listed = { readonly changeKey: string | null };

/** Whether an item is in a PST, and not as it is now. Where the tenant names no version, nobody can tell. */
export const isChanged = ({ item, exported }: Copy, { changeKey }: Listed): boolean =>
  exported && item.changeKey !== null && changeKey !== null && item.changeKey !== changeKey;

/** What earlier passes took of one folder. */
export class FolderCopies {
  readonly #byMark = new Map<string, Copy>();

  /** Adds a page of a pass; pages in the order of the passes. `missing`: keys of items that are in no part of it. `again`: the page holds what a retry
   *  asked for again, so that the listing before it says what the item was. */
  add(
    { passId, nth }: NthPass,
    items: readonly ManifestItem[],
    { missing, again }: { readonly missing: ReadonlySet<string>; readonly again: boolean },
  ): void {
    for (const item of items) {
      const mark = markOf(item.id);
      const exported = !missing.has(item.key);
      const known = this.#byMark.get(mark);
      if (known === undefined || !again || exported)
        this.#byMark.set(mark, { item: again ? (known?.item ?? item) : item, passId, exported, first: known?.first ?? nth });
    }
  }

  of(mark: string): Copy | undefined {
    return this.#byMark.get(mark);
  }

  /** Items in PSTs that are still there, and that no pass before the second took: they may have been somewhere else before. */
  arrivedLater(there: ReadonlySet<string>): Copy[] {
    return [...this.#byMark].flatMap(([mark, copy]) => (copy.exported && copy.first > 0 && there.has(mark) ? [copy] : []));
  }

  /** Items in PSTs that are not in the folder any more; `there` holds the marks of those that are. */
  notIn(there: ReadonlySet<string>): Copy[] {
    return [...this.#byMark].flatMap(([mark, copy]) => (copy.exported && !there.has(mark) ? [copy] : []));
  }
}
