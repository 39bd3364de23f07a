import type { BlobStore } from '@pstream/blob';
import {
  buildStream,
  extractionStream,
  ITEM_KEYS_PER_EVENT,
  parseManifest,
  type BuildEvent,
  type ItemOutcome,
  type PassControl,
  type PassRefs,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { loadCheckpoints } from '../part/checkpoints.js';
import { appendBuildEvents } from './build-log.js';
import type { BuilderPorts } from './builder-ports.js';
import { KeySet } from './key-set.js';

/** What the log and the listings say of a pass's items; see `passItems`. */
export type PassItems = {
  /** Items on record as not built, whatever the reason. */
  readonly unbuilt: ReadonlySet<string>;
  /** Items on record as skipped or failed by the extractor. */
  readonly explained: ReadonlySet<string>;
  /** The items whose keys are wanted as the listings know them, in the order of the listings; `code` and `at` are the caller's. */
  of(wanted: (key: string) => boolean): AsyncIterable<Omit<ItemOutcome, 'code' | 'at'>>;
};

/** Finds a pass's items again by its events and page manifests. Fault 'manifest.damaged' (never). */
export const passItems = async (store: EventStore, work: BlobStore, passId: string): Promise<PassItems> => {
  const build = await store.read(buildStream(passId));
  const extraction = await store.read(extractionStream(passId));
  const marked = new Map(
    extraction.flatMap((event): (readonly [string, Pick<ItemOutcome, 'fidelity' | 'doubts'>])[] => {
      if (event.type !== 'ItemReadAsMime' && event.type !== 'ItemDoubted') return [];
      const { itemKey, doubts } = event.data;
      const fidelity = event.type === 'ItemReadAsMime' ? { fidelity: 'mime' as const } : {};
      return [[itemKey, { ...fidelity, ...(doubts === undefined ? {} : { doubts }) }]];
    }),
  );
  return {
    unbuilt: new Set(build.flatMap((event) => (event.type === 'ItemUnbuilt' ? [event.data.itemKey] : []))),
    explained: new Set(
      extraction.flatMap((event) => (event.type === 'ItemSkipped' || event.type === 'ItemFailed' ? [event.data.itemKey] : [])),
    ),
    async *of(wanted) {
      for (const event of extraction) {
        if (event.type !== 'PageListed' || event.data.manifest === null) continue;
        const { folderKey, mailbox, manifest } = event.data;
        for (const { key, id, type, size, date } of parseManifest(manifest, await work.get(manifest.key)).items) {
          if (!wanted(key)) continue;
          const dated = date === undefined ? {} : { itemDate: date };
          yield { itemKey: key, itemId: id, folderKey, mailbox, itemType: type, ...dated, sizeBytes: size, ...marked.get(key) };
        }
      }
    },
  };
};

/** The destination does not have an extent any more that it had acknowledged. */
export const EXTENTS_LOST = 'part.extents-lost';
export const EXTENTS_LOST_ADVICE =
  'The destination has lost pieces of an unfinished PST: Azure drops them after 7 days without work, or a disk is not mounted. Mount it if that is so. Then resume: what is really gone is listed as failed, and Retry Errors exports it again.';

/** Something that is not ours has the name of a part. */
export const FOREIGN = 'part.foreign-blob';

/** Items recorded with one append. */
const BATCH = 200;

/** An item that was published and never came. */
const LOST_ON_THE_WAY = 'item.lost-on-the-way';

/** Records the items of a pass that were listed and published and that the builder never received as not built: the log has lost them.
 *  `safe` holds those that came. Returns how many items of the pass are now on record as not built. May be repeated.
 *  Fault 'manifest.damaged' (never). */
export const recordMissingItems = async (ports: BuilderPorts, refs: PassRefs, safe: KeySet): Promise<number> => {
  const items = await passItems(ports.store, ports.work, refs.passId);
  const unbuilt = new Set(items.unbuilt);
  const advice = 'The message log has lost this item: its database was damaged or removed. Run Retry Errors: it exports the item again.';
  await recordUnbuilt(
    ports,
    refs,
    'missing',
    unbuilt,
    items.of((key) => !safe.has(key) && !unbuilt.has(key) && !items.explained.has(key)),
    {
      code: LOST_ON_THE_WAY,
      advice,
    },
  );
  return unbuilt.size;
};

/** Records the items that earlier passes failed to export and that this pass has built: everything that a retry was asked for and that came, and
 *  whatever passes before a new beginning or an update had to report. May be repeated. Fault 'manifest.damaged' (never). */
export const recordMendedItems = async (ports: BuilderPorts, control: PassControl, built: KeySet): Promise<void> => {
  const { refs, number, kind } = control;
  const among = kind === 'retry-errors' ? undefined : await reportedBefore(ports.store, control);
  if (among?.size === 0) return;
  const items = await passItems(ports.store, ports.work, refs.passId);
  const at = ports.clock.now();
  let itemKeys: string[] = [];
  const flush = async (): Promise<void> => {
    const [first] = itemKeys;
    if (first === undefined) return;
    const event: BuildEvent = { type: 'ItemsMended', data: { ...refs, number, itemKeys, at } };
    await appendBuildEvents(ports, refs.passId, `mended/${first}`, [event]);
    itemKeys = [];
  };
  for await (const { itemKey } of items.of((key) => built.has(key) && !items.unbuilt.has(key) && among?.has(key) !== false)) {
    itemKeys.push(itemKey);
    if (itemKeys.length === ITEM_KEYS_PER_EVENT) await flush();
  }
  await flush();
};

/** Items of which passes before a new beginning, or before an update, reported something. */
const reportedBefore = async (store: EventStore, { replaced, earlier, settings }: PassControl): Promise<ReadonlySet<string>> => {
  const keys = new Set<string>();
  for (const { passId } of [...replaced, ...(settings.update === true ? earlier : [])])
    for (const { type, data } of [...(await store.read(extractionStream(passId))), ...(await store.read(buildStream(passId)))])
      if (type.startsWith('Item') && 'itemKey' in data) keys.add(data.itemKey);
  return keys;
};

/** Records the items of a part that was given up for this cause as not built, except those that `safe` holds because an earlier part has them.
 *  Adds their keys to `safe`, since they are dealt with, and returns how many items of the pass are now on record as not built. May be
 *  repeated. Fault 'manifest.damaged' (never). */
export const recordLostItems = async (ports: BuilderPorts, refs: PassRefs, partId: string, safe: KeySet, code: string): Promise<number> => {
  const gone = new KeySet();
  for (const checkpoint of await loadCheckpoints(ports.work, partId)) gone.addAll(checkpoint.keys);
  const items = await passItems(ports.store, ports.work, refs.passId);
  const unbuilt = new Set(items.unbuilt);
  await recordUnbuilt(
    ports,
    refs,
    partId,
    unbuilt,
    items.of((key) => gone.has(key) && !safe.has(key) && !unbuilt.has(key)),
    {
      code,
      advice: 'Run Retry Errors: it exports the item again, into a new part.',
    },
  );
  safe.addAll(gone.since(0));
  return unbuilt.size;
};

/** Appends the items in batches whose command ids follow from `purpose` and their first item, and adds their keys to `unbuilt`. */
const recordUnbuilt = async (
  ports: BuilderPorts,
  refs: PassRefs,
  purpose: string,
  unbuilt: Set<string>,
  items: AsyncIterable<Omit<ItemOutcome, 'code' | 'at'>>,
  cause: { readonly code: string; readonly advice: string },
): Promise<void> => {
  const at = ports.clock.now();
  let batch: BuildEvent[] = [];
  const flush = async (): Promise<void> => {
    const [first] = batch;
    if (first?.type === 'ItemUnbuilt') await appendBuildEvents(ports, refs.passId, `lost/${purpose}/${first.data.itemKey}`, batch);
    batch = [];
  };
  for await (const item of items) {
    unbuilt.add(item.itemKey);
    batch.push({ type: 'ItemUnbuilt', data: { ...refs, ...item, ...cause, at } });
    if (batch.length === BATCH) await flush();
  }
  await flush();
};
