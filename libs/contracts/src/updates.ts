import { z } from 'zod';
import { count, id } from './event-shapes.js';
import { Ulid } from './words.js';

// Updates: items that are in a PST and were changed, moved or deleted since, as a pass that updates finds them.

/** `changed`: edited since it was listed; `moved`: in another folder now, with another id; `gone`: deleted, or moved in a way that nobody can tell. */
export const updateKinds = ['changed', 'moved', 'gone'] as const;

/** A copy of an item in a PST that is not as the mailbox has it now. */
export const UpdatedItem = z.strictObject({
  what: z.enum(updateKinds),
  itemKey: id,
  itemId: id,
  folderKey: id,
  itemType: z.string(),
  itemDate: z.string().exactOptional(),
  sizeBytes: z.number(),
  /** The pass that exported this copy. */
  passId: id,
  /** Key of the item as it is now; absent where it is gone. */
  newItemKey: id.exactOptional(),
  /** The pass that has exported it as it is now, if that was one before this update. */
  newPassId: id.exactOptional(),
  /** Folder that it was moved to. */
  toFolderKey: id.exactOptional(),
});
export type UpdatedItem = z.infer<typeof UpdatedItem>;

/** Items in one list. */
export const UPDATED_PER_LIST = 5_000;
/** A list in working storage. */
export const UpdatedList = z.array(UpdatedItem);

/** Whether a newer copy is in a part; of an item that is gone there will be none. */
export const supersededStates = ['superseded', 'pending', 'gone'] as const;

/** A copy as a report names it. */
export const SupersededItem = z.strictObject({
  what: z.enum(updateKinds),
  state: z.enum(supersededStates),
  itemKey: id,
  itemId: id,
  folder: z.string(),
  to: z.string().nullable(),
  itemType: z.string(),
  itemDate: z.string().nullable(),
  sizeBytes: z.number(),
  passId: id,
  pass: count,
  part: z.string().nullable(),
  newPassId: id.nullable(),
  newPass: count.nullable(),
  newPart: z.string().nullable(),
});
export type SupersededItem = z.infer<typeof SupersededItem>;

/** Asks which copies in the PSTs of a mailbox are not as the mailbox had them when a pass last updated. */
export const ListSuperseded = z.strictObject({ mailboxJobId: Ulid, cursor: z.string().nullable(), limit: z.int().min(1).max(1_000) });
export type ListSuperseded = z.infer<typeof ListSuperseded>;

export const ListSupersededReply = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('listed'), items: z.array(SupersededItem), total: count, next: z.string().nullable() }),
  z.strictObject({ is: z.literal('bad-cursor') }),
]);
export type ListSupersededReply = z.infer<typeof ListSupersededReply>;
