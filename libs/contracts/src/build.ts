import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, passRefs, type EventOf } from './event-shapes.js';
import { folderCounts, HeldUp, itemOutcome, superseded } from './extraction.js';
import { ByType } from './item-types.js';
import { Cause, Totals } from './words.js';

// Build: which items are in which PST. Streams `part:<id>` and `build:<pass>`.

const partRefs = { ...passRefs, partId: id };
const PartRefsShape = z.object(partRefs);
/** Ids that tell which part of which pass an event is about. */
export type PartRefs = Readonly<z.infer<typeof PartRefsShape>>;

/** The items of a part by kind, with the bytes of their streams; absent where an earlier release built some of them. */
const types = ByType.exactOptional();

/** Events of a part. */
export const partEvents = {
  PartOpened: z.object({ ...partRefs, name: z.string(), container: z.string(), ordinal, at }),
  BuilderTookOver: z.object({ ...partRefs, epoch: ordinal, at }),
  PartSealIntended: z.object({
    ...partRefs,
    epoch: ordinal,
    extents: count,
    /** Blob with the ordered list of extents; `listSha256` is its hash and pins every byte of the file. */
    listKey: z.string(),
    listSha256: z.string(),
    bytes: count,
    items: count,
    folders: count,
    types,
    at,
  }),
  PartSealed: z.object({
    ...partRefs,
    name: z.string(),
    etag: z.string(),
    location: z.string(),
    bytes: count,
    items: count,
    types,
    at,
  }),
  PartVerified: z.object({ ...partRefs, sha256: z.string(), bytes: count, items: count, at }),
  /** The file is not at the destination any more: it was deleted because its mailbox started over, or by the operation that closed its project. */
  PartRemoved: z.object({ ...partRefs, closedBy: id.exactOptional(), at }),
  PartAbandoned: z.object({ ...partRefs, reason: z.string(), at }),
};
export type PartEvent = EventOf<typeof partEvents>;

/** Events of the building of a pass. */
export const buildEvents = {
  ItemUnbuilt: itemOutcome,
  /** So many items of the pass, and bytes of their streams, are durable in its parts or on record as not built: the pace of the extractor
   *  follows from it. Recorded as often as slices are, not with every checkpoint. */
  BuildCheckpointed: z.object({ ...passRefs, items: count, bytes: count, at }),
  /** The pass cannot be built for now: its items are kept aside until the cause has passed. */
  BuildWaited: z.object({ ...passRefs, held: HeldUp, at }),
  /** Items that earlier passes could not export and that this one has built, at most 500 of them. */
  ItemsMended: z.object({ ...passRefs, number: ordinal, itemKeys: z.array(id).readonly(), at }),
  /** Copies of items in sealed parts that have a newer one in a part of this pass, or of which this update found that the mailbox has none (`newItemKey`
   *  is null), at most 500 of them. They stay where they are. `partId` is null where a release up to 0.3.0 built the copy, which did not record the
   *  parts of items. */
  ItemsSuperseded: z.object({
    ...passRefs,
    number: ordinal,
    items: z
      .array(
        z.object({
          itemKey: id,
          passId: id,
          partId: id.nullable(),
          newItemKey: id.nullable(),
          /** Absent where it is this pass. */
          newPassId: id.exactOptional(),
          newPartId: id.nullable(),
        }),
      )
      .readonly(),
    at,
  }),
  BuildPaused: z.object({ ...passRefs, attempt: ordinal, at }),
  BuildFinished: z.object({
    ...passRefs,
    totals: Totals,
    bytes: count,
    parts: count,
    /** Exported items per folder key. */
    folders: z.record(z.string(), count).readonly(),
    ...folderCounts,
    ...superseded,
    at,
  }),
  BuildFailed: z.object({ ...passRefs, attempt: ordinal, cause: Cause, at }),
};
export type BuildEvent = EventOf<typeof buildEvents>;

/** The stream of a part. */
export const partStream = (partId: string): StreamName<PartEvent> => streamName(`part:${partId}`);
/** The stream of the building of a pass. */
export const buildStream = (passId: string): StreamName<BuildEvent> => streamName(`build:${passId}`);
