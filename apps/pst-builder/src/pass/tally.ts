import { addByType, itemTypeOf, lessByType, type ByType, type ItemMeta } from '@pstream/contracts';
import type { PassCounts } from '../part/checkpoints.js';
import { KeySet } from './key-set.js';

type ItemRecord = Extract<ItemMeta, { kind: 'item' }>;

/** What a pass has taken so far: the keys of its items, and its counters. Checkpoints carry both from part to part and from owner to owner. */
export class Tally {
  readonly keys = new KeySet();
  #counts: PassCounts = { exported: 0, unbuilt: 0, bytes: 0, folders: {}, types: {} };
  /** What the parts before the open one hold, by kind. */
  #typesBefore: ByType | undefined = {};

  get counts(): PassCounts {
    return this.#counts;
  }

  /** Goes on from the counters of a checkpoint, where there is one. */
  restore(counts: PassCounts | undefined): void {
    if (counts !== undefined) this.#counts = { ...counts, folders: { ...counts.folders } };
  }

  /** Another part is open from here on. */
  beginPart(): void {
    this.#typesBefore = this.#counts.types;
  }

  /** The items of the open part by kind; undefined where an earlier release began the pass and did not count them. */
  typesOfPart(): ByType | undefined {
    const { types } = this.#counts;
    return types === undefined || this.#typesBefore === undefined ? undefined : lessByType(types, this.#typesBefore);
  }

  /** Counts an item that is in the open part. Its key is noted by the caller, once nothing can fail any more. */
  countExported({ folderKey, itemType, bytes }: ItemRecord): void {
    const counts = this.#counts;
    // One object for all items of a part: a copy for each would make counting quadratic.
    const folders = counts.folders as Record<string, number>;
    folders[folderKey] = (folders[folderKey] ?? 0) + 1;
    const types = counts.types === undefined ? {} : { types: addByType(counts.types, { [itemTypeOf(itemType)]: { items: 1, bytes } }) };
    this.#counts = { ...counts, ...types, exported: counts.exported + 1, bytes: counts.bytes + bytes };
  }

  /** Counts an item that is on record as not built. */
  countUnbuilt({ bytes }: ItemRecord): void {
    const { unbuilt, unbuiltBytes = 0 } = this.#counts;
    this.#counts = { ...this.#counts, unbuilt: unbuilt + 1, unbuiltBytes: unbuiltBytes + bytes };
  }

  /** Items that were dealt with, and bytes of their streams. */
  get taken(): { readonly items: number; readonly bytes: number } {
    const { exported, unbuilt, bytes, unbuiltBytes = 0 } = this.#counts;
    return { items: exported + unbuilt, bytes: bytes + unbuiltBytes };
  }

  /** Sets how many items of the pass are on record as not built. */
  setUnbuilt(unbuilt: number): void {
    this.#counts = { ...this.#counts, unbuilt };
  }
}
