import { z } from 'zod';
import { streamName, type StreamName } from './envelope.js';
import { at, count, id, ordinal, passRefs, type EventOf } from './event-shapes.js';
import { ByType } from './item-types.js';
import { Cause, Ulid } from './words.js';

// Extraction: page-level facts on the log, items as messages beside it.

/** A folder of the source. `key` is stable within the job; `parent` null means a child of the root. Search folders are
 *  listed with `left` set and are not read: their items live elsewhere; neither are those that only lead to a folder, those that a
 *  filter skips, hidden ones where the project does not want them, and those that a mapping makes, and recoverable ones that the tenant does not show. The items of a folder with `into` go to that folder of the PST instead. */
export const SourceFolder = z.strictObject({
  key: z.string(),
  parent: z.string().nullable(),
  name: z.string(),
  containerClass: z.string().nullable(),
  wellKnownName: z.string().nullable(),
  hidden: z.boolean(),
  expected: z.int().nonnegative(),
  left: z.enum(['search-folder', 'path-only', 'filtered', 'hidden', 'target', 'refused']).optional(),
  into: z.strictObject({ key: z.string(), path: z.string() }).optional(),
});
export type SourceFolder = z.infer<typeof SourceFolder>;

/** A mailbox as the tenant names it, and the API version that reaches it. */
export const SourceMailbox = z.strictObject({ id: z.string(), version: z.enum(['v1.0', 'beta']) });
export type SourceMailbox = z.infer<typeof SourceMailbox>;

/** Where a page's list of items is kept; facts on the log stay short. */
export const ManifestRef = z.strictObject({ key: z.string(), sha256: z.string() });
export type ManifestRef = z.infer<typeof ManifestRef>;

/** When an item came into being, ISO 8601, as the listing says; absent where it says nothing of use. */
const itemDate = z.string();

/** A line of a page manifest. `key` names the item for ever: 32 hex digits derived from mailbox and item id. */
export const ManifestItem = z.strictObject({
  key: z.string(),
  id: z.string(),
  changeKey: z.string().nullable(),
  type: z.string(),
  size: z.number(),
  date: itemDate.exactOptional(),
  /** When it last changed. */
  changed: itemDate.exactOptional(),
});
export type ManifestItem = z.infer<typeof ManifestItem>;

/** A folder as a pass found it. `from` is where an earlier pass left off listing it: only what came since is listed.
 *  `recoverable` folders are listed in a way of their own. A retry lists a folder with `listAgain`: no pass before it could. */
export const DiscoveredFolder = SourceFolder.extend({
  id: z.string(),
  mailbox: SourceMailbox,
  from: z.string().optional(),
  recoverable: z.literal(true).optional(),
  listAgain: z.literal(true).optional(),
});
export type DiscoveredFolder = z.infer<typeof DiscoveredFolder>;

/** Why an item that was listed is left for a later pass, or for none: it is not discovered, so no sum counts it. */
export const leftOutReasons = ['trial', 'date', 'type'] as const;
/** Items left out of a page, by reason. */
export const LeftOut = z.partialRecord(z.enum(leftOutReasons), z.int().positive());
export type LeftOut = z.infer<typeof LeftOut>;

/** What of a folder could not be listed. */
export const Unlisted = z.enum(['items', 'subfolders']);
export type Unlisted = z.infer<typeof Unlisted>;

/** What a pass says of its folders when it ends: how many could not be listed, and how many items of those that a retry lists again no
 *  pass before it had listed. 0 if absent. */
export const folderCounts = { foldersNotListed: count.exactOptional(), firstSeen: count.exactOptional() };

/** Items that the pass lists although passes before it counted them, because they were changed or moved; 0 if absent. */
export const superseded = { superseded: count.exactOptional() };

/** Waits of one kind: how many, and milliseconds together. */
export const Waits = z.object({ times: z.int().positive(), ms: z.int().nonnegative() });
export type Waits = z.infer<typeof Waits>;

/** How true to its source an item is; absent means the export stream itself. `mime`: made from MIME or JSON, with what these leave out gone. */
export const Fidelity = z.enum(['mime']);
export type Fidelity = z.infer<typeof Fidelity>;

/** Codes `doubt.<condition>` of what was noticed about an item that was exported, the strongest first. */
const Doubts = z.array(z.string()).readonly();

const outcome = {
  itemKey: id,
  itemId: id,
  folderKey: id,
  mailbox: SourceMailbox,
  itemType: z.string(),
  itemDate: itemDate.exactOptional(),
  sizeBytes: count,
  /** How often this pass asked for the item; 1 if absent. */
  attempts: ordinal.exactOptional(),
  code: z.string(),
  advice: z.string().exactOptional(),
  /** Why the item could not be read as MIME either, where that was tried. */
  fallback: z.string().exactOptional(),
  /** The item that could not be built had been read as MIME. */
  fidelity: Fidelity.exactOptional(),
  /** Codes of the doubts whether the item is what the mailbox holds, the strongest first; absent where there are none. */
  doubts: Doubts.exactOptional(),
  at,
};
const OutcomeShape = z.object(outcome);
/** An item that was not exported, or not as its stream: which one, where it was, and why. */
export type ItemOutcome = Readonly<z.infer<typeof OutcomeShape>>;
/** Data of the events that tell of one item. */
export const itemOutcome = z.object({ ...passRefs, ...outcome });

/** Code of a wait for the builder of a mailbox, which is further behind than the limits allow: no fault, but the pace of the slowest. */
export const BUILDER_BEHIND = 'builder.behind';

/** What has to pass before the work can go on, and when it is tried again. `limit`: a limit of the tenant that makes it wait, by its name. */
export const HeldUp = z
  .object({ code: z.string(), limit: z.string().exactOptional(), advice: z.string().exactOptional(), retryAt: at })
  .readonly();
export type HeldUp = z.infer<typeof HeldUp>;

/** What a pass that updates found of the items that are in PSTs already. */
export const UpdateSums = z.object({
  changed: count,
  moved: count,
  gone: count,
  /** Lists of `UpdatedItem`, in working storage. */
  lists: z.array(ManifestRef).readonly(),
  /** Changed and moved ones, which the pass lists again: by the folder that their older copies count in, and by kind with the sizes of these. The
   *  changed ones among them are in `PageListed` as well. */
  folders: z.record(z.string(), count).readonly(),
  types: ByType,
});
export type UpdateSums = Readonly<z.infer<typeof UpdateSums>>;

/** Events of the extraction of a pass. */
export const extractionEvents = {
  ExtractionStarted: z.object({ ...passRefs, mailbox: SourceMailbox, at }),
  FoldersDiscovered: z.object({ ...passRefs, folders: z.array(DiscoveredFolder).readonly(), last: z.boolean(), at }),
  PageListed: z.object({
    ...passRefs,
    folderKey: id,
    /** Number of the page within the folder, from 0. */
    page: count,
    mailbox: SourceMailbox,
    items: count,
    bytes: count,
    /** The items failed in an earlier pass and are asked for again: they were discovered then. */
    again: z.boolean(),
    /** Entries that the tenant listed again; they count once. */
    repeats: count,
    /** Items that the pass does not take; absent where it takes all. */
    leftOut: LeftOut.exactOptional(),
    /** Of a pass that updates: items of the page whose older copy is in a PST, by kind as they are now. From here on the older copies count no
     *  more. Absent where there are none, and where a release up to 0.3.0 listed the page. */
    superseded: ByType.exactOptional(),
    /** The page brought nothing that the listing had not brought before: the pass is no further for it. */
    idle: z.literal(true).exactOptional(),
    /** Code of the fault for which the rest of a recoverable folder was not listed. */
    refused: z.string().exactOptional(),
    /** First items of the export slices into which the page was cut. */
    slices: z.array(count).readonly(),
    manifest: ManifestRef.nullable(),
    /** Where the next page begins; null at the end of the folder. */
    next: z.string().nullable(),
    /** Where a later run can go on; only on the last page. */
    delta: z.string().nullable(),
    at,
  }),
  /** The pass gives up listing a folder, or what is left of it, and goes on without. `attempts` counts how often it was asked for. */
  FolderNotListed: z.object({
    ...passRefs,
    folderKey: id,
    what: Unlisted,
    cause: Cause,
    attempts: ordinal,
    /** The pass has given up something of this folder before. */
    already: z.literal(true).exactOptional(),
    at,
  }),
  SliceExported: z.object({
    ...passRefs,
    folderKey: id,
    page: count,
    from: count,
    items: count,
    bytes: count,
    skipped: count,
    failed: count,
    /** How many of `items` were made from MIME or JSON; 0 if absent. */
    mime: count.exactOptional(),
    /** How many of `items` may not be what the mailbox holds; 0 if absent. */
    doubts: count.exactOptional(),
    at,
  }),
  ItemSkipped: itemOutcome,
  ItemFailed: itemOutcome,
  /** The item has no usable export stream and was made from its MIME or JSON; `code` says why. It is among the items of its slice. */
  ItemReadAsMime: itemOutcome,
  /** The stream of the item can be read, but hints that it is not whole, and did so again when it was asked for again. `code` is the strongest
   *  doubt. It is among the items of its slice. An item that was made from MIME has its doubts in `ItemReadAsMime`. */
  ItemDoubted: itemOutcome,
  /** Time went by waiting: for limits of the tenant, by their names, and, where `held` says so, for a cause that has to pass before the
   *  work can go on. */
  ExtractionWaited: z.object({
    ...passRefs,
    waits: z.record(z.string(), Waits).readonly(),
    held: HeldUp.nullable().exactOptional(),
    at,
  }),
  ExtractionPaused: z.object({ ...passRefs, attempt: ordinal, at }),
  ExtractionFinished: z.object({
    ...passRefs,
    discovered: count,
    published: count,
    skipped: count,
    failed: count,
    bytes: count,
    ...folderCounts,
    update: UpdateSums.exactOptional(),
    at,
  }),
  ExtractionFailed: z.object({ ...passRefs, attempt: ordinal, cause: Cause, at }),
};
export type ExtractionEvent = EventOf<typeof extractionEvents>;

/** The stream of the extraction of a pass. */
export const extractionStream = (passId: string): StreamName<ExtractionEvent> => streamName(`extraction:${passId}`);

const Refs = { workgroupId: z.string(), customerId: Ulid, projectId: Ulid, mailboxJobId: Ulid, passId: Ulid };

/** A piece of extraction work: seconds long, safe to repeat. Key = mailbox job, so one mailbox is worked on in one place. */
export const WorkUnit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plan'), ...Refs }),
  z.strictObject({ kind: z.literal('page'), ...Refs, folderKey: z.string(), page: z.int() }),
  z.strictObject({ kind: z.literal('slice'), ...Refs, folderKey: z.string(), page: z.int(), from: z.int() }),
  z.strictObject({ kind: z.literal('finish'), ...Refs }),
  /** After a stop: take note that nothing of this pass is under way any more. */
  z.strictObject({ kind: z.literal('pause'), ...Refs, attempt: z.int() }),
  /** After a resume: put whatever is still open on the topic again. */
  z.strictObject({ kind: z.literal('continue'), ...Refs, attempt: z.int() }),
]);
export type WorkUnit = z.infer<typeof WorkUnit>;

/** Header `ps-meta` of a record on the items topic. The value of an `item` is the raw export stream, or empty when it is a claim. */
export const ItemMeta = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('begin'), ...Refs, attempt: z.int() }),
  z.strictObject({
    kind: z.literal('item'),
    passId: Ulid,
    itemKey: z.string(),
    itemId: z.string(),
    folderKey: z.string(),
    mailbox: SourceMailbox,
    itemType: z.string(),
    itemDate: itemDate.exactOptional(),
    itemChanged: itemDate.exactOptional(),
    sha256: z.string(),
    bytes: z.int(),
    claim: z.string().optional(),
    /** Set when the stream was not the tenant's own but made here, with the code of the fault that led to it. */
    fidelity: Fidelity.optional(),
    reason: z.string().optional(),
    /** Codes of what was noticed about the item; absent where there is nothing. */
    doubts: Doubts.optional(),
  }),
  z.strictObject({ kind: z.literal('pause'), ...Refs, attempt: z.int() }),
  z.strictObject({
    kind: z.literal('end'),
    ...Refs,
    discovered: z.int(),
    published: z.int(),
    skipped: z.int(),
    failed: z.int(),
    foldersNotListed: z.int().optional(),
    firstSeen: z.int().optional(),
    superseded: z.int().optional(),
  }),
]);
export type ItemMeta = z.infer<typeof ItemMeta>;
