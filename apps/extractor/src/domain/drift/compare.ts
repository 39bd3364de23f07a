import type { DriftItem, ManifestItem } from '@pstream/contracts';
import { listedDate, type Selectable } from '../extraction/selection.js';

/** What of a listing is compared. */
export type ListedNow = Selectable & {
  readonly id: string;
  readonly changeKey: string | null;
  readonly lastModifiedDateTime: string | null;
};

/** A listing of one folder since its export, page by page: the last word on each item counts. */
export class Listing {
  readonly #now = new Map<string, ListedNow | 'gone'>();

  get isEmpty(): boolean {
    return this.#now.size === 0;
  }

  add(items: readonly ListedNow[], removed: readonly string[]): void {
    for (const id of removed) this.#now.set(id, 'gone');
    for (const item of items) this.#now.set(item.id, item);
  }

  /** How the folder differs from what was exported of it. `whole`: everything that is there was listed, so what was not is gone.
   *  `takes`: whether an export would take an item. */
  compare(
    folder: string,
    exported: ReadonlyMap<string, ManifestItem>,
    { whole, takes }: { readonly whole: boolean; readonly takes: (item: Selectable) => boolean },
  ): DriftItem[] {
    const found: DriftItem[] = [];
    for (const [id, now] of this.#now) {
      const then = exported.get(id);
      if (now === 'gone') {
        if (then !== undefined) found.push(gone(folder, then));
      } else if (then === undefined) {
        if (takes(now)) found.push(arrived(folder, now));
      } else if (then.changeKey !== null && now.changeKey !== null && then.changeKey !== now.changeKey)
        found.push(changed(folder, then, now));
    }
    if (whole) for (const then of exported.values()) if (!this.#now.has(then.id)) found.push(gone(folder, then));
    return found.sort((a, b) => (a.itemId < b.itemId ? -1 : a.itemId > b.itemId ? 1 : 0));
  }
}

const known = (folder: string, { id, type, size, date, changed: asOf }: ManifestItem) => ({
  folder,
  to: null,
  itemId: id,
  itemType: type,
  itemDate: date ?? null,
  sizeBytes: size,
  exportedAsOf: asOf ?? null,
});

const gone = (folder: string, then: ManifestItem): DriftItem => ({ what: 'gone', ...known(folder, then), changedAt: null });

const changed = (folder: string, then: ManifestItem, now: ListedNow): DriftItem => ({
  what: 'changed',
  ...known(folder, then),
  changedAt: listedDate(now.lastModifiedDateTime) ?? null,
});

const arrived = (folder: string, { id, type, size, createdDateTime, lastModifiedDateTime }: ListedNow): DriftItem => ({
  what: 'new',
  folder,
  to: null,
  itemId: id,
  itemType: type ?? 'IPM.Note',
  itemDate: listedDate(createdDateTime) ?? null,
  sizeBytes: size,
  exportedAsOf: null,
  changedAt: listedDate(lastModifiedDateTime) ?? null,
});
