import type { ManifestItem } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';

/** An item within its folder, whichever mailbox the folder is in; shorter than the id, of which millions may be held. */
export const markOf = (itemId: string): string => deriveId('seen', itemId);

/** An item that earlier passes took: what is kept of it as the last of them listed it, the pass that exported it, whether it is in a PST, and the pass
 *  that was the first to take it, as a number in their order. One that failed or was
 *  skipped is not, whatever is in the PST of a pass before: it is left to Retry Errors. */
export type Copy<Kept = ManifestItem> = {
  readonly item: Kept;
  readonly passId: string;
  readonly exported: boolean;
  readonly first: number;
};

/** A pass among those of its mailbox, from 0. */
export type NthPass = { readonly passId: string; readonly nth: number };

/** What of a listing says whether an item was changed. */
export type Listed = { readonly changeKey: string | null };

/** Whether an item is in a PST, and not as it is now. Where the tenant names no version, nobody can tell. */
export const isChanged = ({ item, exported }: Copy<Listed>, { changeKey }: Listed): boolean =>
  exported && item.changeKey !== null && changeKey !== null && item.changeKey !== changeKey;

/** What to keep of an item that a pass took; undefined for nothing but that it was taken. Folders may have millions of items. */
export type Keep<Kept> = (item: ManifestItem, mark: string, nth: number) => Kept | undefined;

/** What earlier passes took of one folder. */
export class FolderCopies<Kept extends Listed> {
  readonly #keep: Keep<Kept>;
  /** Null where nothing is kept. */
  readonly #byMark = new Map<string, Copy<Kept> | null>();

  constructor(keep: Keep<Kept>) {
    this.#keep = keep;
  }

  /** Adds a page of a pass; pages in the order of the passes. `missing`: keys of items that are in no part of it. `again`: the page holds what a retry
   *  asked for again, so that the listing before it says what the item was. */
  add(
    { passId, nth }: NthPass,
    items: readonly ManifestItem[],
    { missing, again }: { readonly missing: ReadonlySet<string>; readonly again: boolean },
  ): void {
    for (const item of items) {
      const mark = markOf(item.id);
      const known = this.#byMark.get(mark);
      if (known === null) continue;
      const exported = !missing.has(item.key);
      if (known !== undefined && again && !exported) continue;
      const kept = (again ? known?.item : undefined) ?? this.#keep(item, mark, nth);
      this.#byMark.set(mark, kept === undefined ? null : { item: kept, passId, exported, first: known?.first ?? nth });
    }
  }

  of(mark: string): Copy<Kept> | undefined {
    return this.#byMark.get(mark) ?? undefined;
  }

  /** Items that are still there, and that no pass before the second took: they may have been somewhere else before. One that failed or was skipped
   *  is there all the same. */
  arrivedLater(there: ReadonlySet<string>): Copy<Kept>[] {
    return this.#where((mark, { first }) => first > 0 && there.has(mark));
  }

  /** Items in PSTs that are not in the folder any more; `there` holds the marks of those that are. */
  notIn(there: ReadonlySet<string>): Copy<Kept>[] {
    return this.#where((mark, { exported }) => exported && !there.has(mark));
  }

  #where(isWanted: (mark: string, copy: Copy<Kept>) => boolean): Copy<Kept>[] {
    const found: Copy<Kept>[] = [];
    for (const [mark, copy] of this.#byMark) if (copy !== null && isWanted(mark, copy)) found.push(copy);
    return found;
  }
}
