import { getClaim } from '@pstream/blob';
import type { BuildEvent, ItemMeta, PassControl } from '@pstream/contracts';
import { decodeExportStream } from '@pstream/fasttransfer';
import { isFault, type Fault } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { asBuilt } from '../items/as-built.js';
import { clearPass } from '../sweep/leftovers.js';
import { appendBuildEvent } from './build-log.js';
import type { BuilderPorts } from './builder-ports.js';
import { recordMendedItems, recordMissingItems } from './lost-items.js';
import { PassFolders } from './pass-folders.js';
import { PassParts } from './pass-parts.js';
import { recordSupersededItems } from './superseded-items.js';
import { Tally } from './tally.js';

type BuildFinished = Extract<BuildEvent, { type: 'BuildFinished' }>['data'];
type ItemRecord = Extract<ItemMeta, { kind: 'item' }>;

/** A report is due after so many bytes or items, or so long after the last one. */
const REPORT_BYTES = 8 * 1024 ** 2;
const REPORT_ITEMS = 500;
const REPORT_MS = 10_000;

/** Takes the items of one pass in and hands them to its parts. Giving it an item twice is harmless. After any error it must be thrown away:
 *  a new one goes on from the last checkpoint. */
export class PassBuilder {
  readonly #ports: BuilderPorts;
  readonly #control: PassControl;
  readonly #folders: PassFolders;
  readonly #tally = new Tally();
  readonly #parts: PassParts;
  #dirty = false;
  #touchedAtMs: number;
  #reported = { items: 0, bytes: 0, atMs: 0 };

  private constructor(ports: BuilderPorts, control: PassControl, folders: PassFolders, parts: (tally: Tally) => PassParts) {
    this.#ports = ports;
    this.#control = control;
    this.#folders = folders;
    this.#parts = parts(this.#tally);
    this.#touchedAtMs = ports.clock.monotonicMs();
  }

  /** Restores what earlier owners left: see `PassParts.restore`. */
  static async open(ports: BuilderPorts, control: PassControl): Promise<PassBuilder> {
    const destination = await ports.parts(control);
    const folders = new PassFolders(ports.store, control.refs.passId);
    const builder = new PassBuilder(ports, control, folders, (tally) => new PassParts(ports, control, destination, folders, tally));
    await folders.load();
    await builder.#parts.restore();
    return builder;
  }

  /** The pass as it was when this builder was opened. */
  get control(): PassControl {
    return this.#control;
  }

  /** Whether anything was taken that is in no checkpoint yet. */
  get dirty(): boolean {
    return this.#dirty;
  }

  /** Whether it is time for a checkpoint. */
  get due(): boolean {
    const { checkpointBytes, checkpointMs } = this.#ports.limits;
    const { open } = this.#parts;
    if (!this.#dirty || open === undefined) return this.#dirty;
    return open.bytesSince >= checkpointBytes || this.#ports.clock.monotonicMs() - open.checkpointedAtMs >= checkpointMs;
  }

  /** How long no item has arrived, in milliseconds. */
  get idleMs(): number {
    return this.#ports.clock.monotonicMs() - this.#touchedAtMs;
  }

  /** Adds one item to the open part, cutting a new one where the limit asks for it. */
  async take(meta: ItemRecord, value: Uint8Array): Promise<void> {
    this.#touchedAtMs = this.#ports.clock.monotonicMs();
    if (this.#tally.keys.has(meta.itemKey)) return;
    this.#dirty = true;
    try {
      await this.#add(meta, await this.#parse(meta, value));
    } catch (error) {
      if (!isFault(error) || !isOfItem(error)) throw error;
      await this.#recordUnbuilt(meta, error);
    }
    this.#tally.keys.add(meta.itemKey);
  }

  /** Makes everything taken so far durable. */
  async checkpoint(): Promise<void> {
    const { open } = this.#parts;
    if (!this.#dirty || open === undefined) return;
    await open.checkpoint(this.#tally.keys, this.#tally.counts);
    this.#dirty = false;
    await this.#reportIfDue();
  }

  /** Records how much of the pass is durable: the extractor keeps to this pace. Everything taken must be in a checkpoint. */
  async report(): Promise<void> {
    const { items, bytes } = this.#tally.taken;
    this.#reported = { items, bytes, atMs: this.#ports.clock.monotonicMs() };
    const data = { ...this.#control.refs, items, bytes, at: this.#ports.clock.now() };
    await this.#append(`checkpointed/${items}/${bytes}`, { type: 'BuildCheckpointed', data });
  }

  /** Whether fewer items have come than were published. */
  misses({ published }: Extract<ItemMeta, { kind: 'end' }>): boolean {
    const { exported, unbuilt } = this.#tally.counts;
    return exported + unbuilt < published;
  }

  /** Seals and verifies what is open, and records how the pass ended. */
  async end(end: Extract<ItemMeta, { kind: 'end' }>): Promise<void> {
    // An empty mailbox gets a PST with its folders, once.
    if (this.#parts.open === undefined && this.#parts.none && this.#control.kind === 'full') await this.#parts.current();
    if (this.#parts.open !== undefined) await this.#seal();
    await this.#parts.verified();
    const { keys } = this.#tally;
    if (this.misses(end)) this.#tally.setUnbuilt(await recordMissingItems(this.#ports, this.#control.refs, keys));
    if (this.#control.kind === 'retry-errors' || this.#control.replaced.length > 0 || this.#control.settings.update === true)
      await recordMendedItems(this.#ports, this.#control, keys);
    await recordSupersededItems(this.#ports, this.#control, keys);
    const { exported, unbuilt, bytes, folders } = this.#tally.counts;
    const totals = { discovered: end.discovered, exported, skipped: end.skipped, failed: end.failed + unbuilt };
    await this.#append('finished', {
      type: 'BuildFinished',
      data: { ...this.#control.refs, totals, bytes, parts: this.#parts.count, folders, ...reported(end), at: this.#ports.clock.now() },
    });
    // From here on nobody opens this pass again, so nothing of it is read. What stays behind now is swept up later: the pass has not failed.
    await clearPass(this.#ports.work, this.#control.refs, this.#parts.ids).catch(this.#ports.uncleared);
  }

  /** Records that nothing of the pass is under way here. The builder is released. */
  async pause(attempt: number): Promise<void> {
    await this.checkpoint();
    await this.release();
    await this.#append(`paused/${attempt}`, { type: 'BuildPaused', data: { ...this.#control.refs, attempt, at: this.#ports.clock.now() } });
  }

  /** Lets go of the open part without deleting anything. */
  release(): Promise<void> {
    return this.#parts.release();
  }

  async #add(meta: ItemRecord, item: MapiItem): Promise<void> {
    let part = await this.#parts.current();
    if (part.items > 0 && part.boundAfter(item) > this.#control.settings.partBytes) {
      await this.#seal();
      await this.#reportIfDue();
      part = await this.#parts.current();
      this.#dirty = true;
    }
    const home = await this.#folders.homeOf(meta.folderKey);
    await this.#folders.ensure(part, home);
    await part.addItem(home, item, meta.bytes);
    this.#tally.countExported(meta);
  }

  async #seal(): Promise<void> {
    await this.#parts.seal(await this.#parts.current());
    this.#dirty = false;
  }

  /** As often as slices are recorded, so that the events of a pass stay few; of a slow mailbox with each checkpoint, so that nobody waits for long. */
  async #reportIfDue(): Promise<void> {
    const { items, bytes } = this.#tally.taken;
    const isDue =
      bytes - this.#reported.bytes >= REPORT_BYTES ||
      items - this.#reported.items >= REPORT_ITEMS ||
      (items > this.#reported.items && this.#ports.clock.monotonicMs() - this.#reported.atMs >= REPORT_MS);
    if (isDue) await this.report();
  }

  async #parse(meta: ItemRecord, value: Uint8Array): Promise<MapiItem> {
    const item = decodeExportStream(
      meta.claim === undefined ? value : await getClaim(this.#ports.work, { key: meta.claim, sha256: meta.sha256, bytes: meta.bytes }),
    );
    return asBuilt(item, meta);
  }

  /** An item that cannot be built is on record, and Retry Errors asks the tenant for it again. */
  async #recordUnbuilt(meta: ItemRecord, fault: Fault): Promise<void> {
    const { itemKey, itemId, folderKey, mailbox, itemType, itemDate, fidelity, doubts } = meta;
    await this.#append(`unbuilt/${itemKey}`, {
      type: 'ItemUnbuilt',
      data: {
        ...this.#control.refs,
        itemKey,
        itemId,
        folderKey,
        mailbox,
        itemType,
        ...(itemDate === undefined ? {} : { itemDate }),
        sizeBytes: meta.bytes,
        code: fault.code,
        ...(fault.advice === undefined ? {} : { advice: fault.advice }),
        ...(fidelity === undefined ? {} : { fidelity }),
        ...(doubts === undefined ? {} : { doubts }),
        at: this.#ports.clock.now(),
      },
    });
    // Its key must come into a checkpoint, so there has to be a part to write one for.
    await this.#parts.current();
    this.#tally.countUnbuilt(meta);
  }

  async #append(purpose: string, event: BuildEvent): Promise<void> {
    await appendBuildEvent(this.#ports, this.#control.refs.passId, purpose, event);
  }
}

/** What the extraction says of its folders goes on to whoever ends the pass. */
const reported = ({
  foldersNotListed,
  firstSeen,
  superseded,
}: Extract<ItemMeta, { kind: 'end' }>): Pick<BuildFinished, 'foldersNotListed' | 'firstSeen' | 'superseded'> => ({
  ...(foldersNotListed === undefined ? {} : { foldersNotListed }),
  ...(firstSeen === undefined ? {} : { firstSeen }),
  ...(superseded === undefined ? {} : { superseded }),
});

/** Whether a fault is the item's own: its stream cannot be parsed, is not there, or does not fit the format. */
const isOfItem = (fault: Fault): boolean =>
  fault.code.startsWith('fasttransfer.') || fault.code.startsWith('claim.') || fault.code.startsWith('item.');
