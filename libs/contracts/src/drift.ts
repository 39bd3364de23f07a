import { z } from 'zod';
import { at, count, id } from './event-shapes.js';
import { Cause, Ulid } from './words.js';

// Drift: what has changed in a mailbox since its items were exported.

/** `changed`: edited since it was listed; `gone`: deleted, or moved to another folder, where it is `new`; `new`: taken by no pass, although
 *  the options would take it; `moved`: `gone` in one folder and `new` in another, found by `withMoves`. */
export const driftKinds = ['changed', 'gone', 'new', 'moved'] as const;

/** An item that is not in the mailbox as it was when it was exported. */
export const DriftItem = z.strictObject({
  what: z.enum(driftKinds),
  /** Path of its folder in the mailbox; of a moved item where it was, with `to` where it is. */
  folder: z.string(),
  to: z.string().nullable(),
  itemId: id,
  itemType: z.string(),
  /** When it came into being. */
  itemDate: z.string().nullable(),
  sizeBytes: z.number(),
  /** When it had last changed as it was listed for the export; null where it was not exported. */
  exportedAsOf: z.string().nullable(),
  /** When it last changed now; null where it is gone. */
  changedAt: z.string().nullable(),
});
export type DriftItem = z.infer<typeof DriftItem>;

/** A folder that could not be compared, or not to its end. `items`: those of it that were exported. */
export const DriftNote = z.strictObject({ folder: z.string(), cause: Cause, items: count });
export type DriftNote = z.infer<typeof DriftNote>;

/** Asks for the drift of a mailbox, from its first folder or from where an earlier answer ended. */
export const ReadDrift = z.strictObject({ mailboxJobId: Ulid, cursor: z.string().nullable() });
export type ReadDrift = z.infer<typeof ReadDrift>;

export const ReadDriftReply = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('read'),
    /** The pass whose listing is compared with, and when it was started. */
    passId: Ulid,
    startedAt: at,
    items: z.array(DriftItem),
    notes: z.array(DriftNote),
    folders: z.strictObject({ done: count, total: count }),
    next: z.string().nullable(),
  }),
  /** No pass has exported anything yet. */
  z.strictObject({ is: z.literal('nothing-exported') }),
  /** The cursor belongs to another state of the mailbox. */
  z.strictObject({ is: z.literal('bad-cursor') }),
  /** The tenant does not let the mailbox be read. */
  z.strictObject({ is: z.literal('refused'), cause: Cause }),
]);
export type ReadDriftReply = z.infer<typeof ReadDriftReply>;

/** The items with those that are gone in one folder and new in another as one `moved` each. Ids change with a move, so type, size and date
 *  have to be the same, and no other item may have them. */
export const withMoves = (items: readonly DriftItem[]): DriftItem[] => {
  const alike = Map.groupBy(
    items.filter(({ what, itemDate }) => (what === 'gone' || what === 'new') && itemDate !== null),
    ({ itemType, sizeBytes, itemDate }) => `${itemType}/${String(sizeBytes)}/${String(itemDate)}`,
  );
  const moved = new Map<DriftItem, DriftItem | null>();
  for (const pair of alike.values()) {
    const [gone, arrived] = [pair.find(({ what }) => what === 'gone'), pair.find(({ what }) => what === 'new')];
    if (pair.length !== 2 || gone === undefined || arrived === undefined) continue;
    moved.set(gone, { ...gone, what: 'moved', to: arrived.folder, changedAt: arrived.changedAt });
    moved.set(arrived, null);
  }
  return items.flatMap((item) => {
    const instead = moved.get(item);
    return instead === null ? [] : [instead ?? item];
  });
};
