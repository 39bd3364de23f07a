import {
  buildStream,
  extractionStream,
  ITEM_KEYS_PER_EVENT,
  parseUpdatedList,
  type BuildEvent,
  type PassControl,
  type UpdatedItem,
} from '@pstream/contracts';
import { partsOfPass, type PartOf } from '../part/part-keys.js';
import { appendBuildEvents } from './build-log.js';
import type { BuilderPorts } from './builder-ports.js';
import type { KeySet } from './key-set.js';

type Superseded = Extract<BuildEvent, { type: 'ItemsSuperseded' }>['data']['items'][number];

/** Records the copies in parts of earlier passes of which this pass has built a newer one (what an update took again, or what a retry after it made
 *  good), and those of which an update found nothing in the mailbox. May be repeated. Fault 'manifest.damaged' (never). */
export const recordSupersededItems = async (ports: BuilderPorts, control: PassControl, built: KeySet): Promise<void> => {
  const { refs, number } = control;
  const waiting = await pendingItems(ports, control);
  if (waiting.length === 0) return;
  const unbuilt = new Set(
    (await ports.store.read(buildStream(refs.passId))).flatMap((event) => (event.type === 'ItemUnbuilt' ? [event.data.itemKey] : [])),
  );
  const parts = new Map<string, Promise<PartOf>>();
  const partOf = async (passId: string, itemKey: string): Promise<string | null> => {
    const known = parts.get(passId) ?? partsOfPass(ports.store, ports.work, passId);
    parts.set(passId, known);
    return (await known)(itemKey);
  };
  const at = ports.clock.now();
  let items: Superseded[] = [];
  const flush = async (): Promise<void> => {
    const [first] = items;
    if (first === undefined) return;
    const event: BuildEvent = { type: 'ItemsSuperseded', data: { ...refs, number, items, at } };
    await appendBuildEvents(ports, refs.passId, `superseded/${first.itemKey}/${first.passId}`, [event]);
    items = [];
  };
  for (const { itemKey, passId, newItemKey, newPassId } of waiting) {
    const isBuilt = newItemKey === null || newPassId !== undefined || (built.has(newItemKey) && !unbuilt.has(newItemKey));
    if (!isBuilt) continue;
    const newPartId = newItemKey === null ? null : await partOf(newPassId ?? refs.passId, newItemKey);
    const by = newPassId === undefined ? {} : { newPassId };
    items.push({ itemKey, passId, partId: await partOf(passId, itemKey), newItemKey, ...by, newPartId });
    if (items.length === ITEM_KEYS_PER_EVENT) await flush();
  }
  await flush();
};

type Pending = Pick<UpdatedItem, 'itemKey' | 'passId' | 'newPassId'> & { readonly newItemKey: string | null };

/** Copies that updates up to this pass found not to be as the mailbox has them, and that no pass has recorded yet. */
const pendingItems = async ({ store, work }: BuilderPorts, { refs, settings, kind, earlier }: PassControl): Promise<Pending[]> => {
  const passes = [...earlier, { passId: refs.passId, kind, settings }];
  const updates = passes.filter((pass) => pass.settings.update === true);
  if (updates.length === 0 || (kind !== 'retry-errors' && settings.update !== true)) return [];
  const done = new Set<string>();
  for (const { passId } of passes)
    for (const event of await store.read(buildStream(passId)))
      if (event.type === 'ItemsSuperseded') for (const { itemKey, passId: of } of event.data.items) done.add(`${itemKey}/${of}`);
  const pending: Pending[] = [];
  for (const { passId } of updates)
    for (const event of await store.read(extractionStream(passId))) {
      if (event.type !== 'ExtractionFinished') continue;
      for (const list of event.data.update?.lists ?? [])
        for (const { itemKey, passId: of, newItemKey = null, newPassId } of parseUpdatedList(list, await work.get(list.key)))
          if (!done.has(`${itemKey}/${of}`))
            pending.push({ itemKey, passId: of, newItemKey, ...(newPassId === undefined ? {} : { newPassId }) });
    }
  return pending;
};
