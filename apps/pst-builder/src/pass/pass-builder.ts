import { createHash } from 'node:crypto';
import { getClaim, type BlobStore, type PartStore, type StagedExtent } from '@pstream/blob';
import {
  addByType,
  buildStream,
  itemTypeOf,
  lessByType,
  partName,
  type BuildEvent,
  type ByType,
  type ItemMeta,
  type PartRefs,
  type PassControl,
} from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { decodeExportStream } from '@pstream/fasttransfer';
import { assert, deriveId, Fault, isFault, type Clock } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { appendBuildEvent, appendBuildEvents } from './build-log.js';
import { loadCheckpoints, type PassCounts } from '../part/checkpoints.js';
import { KeySet } from './key-set.js';
import { clearPass } from '../sweep/leftovers.js';
import { passItems } from './lost-items.js';
import { OpenPart, splitEntries, type PartPlan, type PartPorts } from '../part/open-part.js';
import { PartLog } from '../part/part-log.js';
import { PassFolders } from './pass-folders.js';

/** Numbers a builder goes by. */
export type BuilderLimits = {
  /** A checkpoint is written after so many bytes of items, or so long after the first item that is in none. */
  readonly checkpointBytes: number;
  readonly checkpointMs: number;
};

/** What a builder needs of the world. */
export type BuilderPorts = {
  readonly store: EventStore;
  readonly work: BlobStore;
  readonly clock: Clock;
  readonly limits: BuilderLimits;
  /** The destination of a pass. */
  parts(control: PassControl): Promise<PartStore>;
  /** Reads a part of the pass back; returns its SHA-256 (hex). */
  verify(control: PassControl, name: string, entries: readonly Uint8Array[]): Promise<string>;
  /** Reports a fault of our own. */
  readonly defect: (error: unknown) => void;
  /** Reports why leftovers could not be removed from working storage; the sweep tries again. */
  readonly uncleared: (error: unknown) => void;
};

/** The destination does not have an extent any more that it had acknowledged. */
const LOST = 'part.extents-lost';
const LOST_ADVICE =
  'The destination has lost pieces of an unfinished PST: Azure drops them after 7 days without work, or a disk is not mounted. Mount it if that is so. Then resume: what is really gone is listed as failed, and Retry Errors exports it again.';

/** Items put on record with one append. */
const LOST_BATCH = 200;

type ItemRecord = Extract<ItemMeta, { kind: 'item' }>;

/** Builds the parts of one pass. Handing it an item twice is harmless. After any error it must be thrown away: a new one
 *  goes on from the last checkpoint. */
export class PassBuilder {
  readonly #ports: BuilderPorts;
  readonly #control: PassControl;
  readonly #log: PartLog;
  readonly #folders: PassFolders;
  readonly #parts: PartStore;
  readonly #keys = new KeySet();
  readonly #verifying: Promise<void>[] = [];
  #counts: PassCounts = { exported: 0, unbuilt: 0, bytes: 0, folders: {}, types: {} };
  /** What the parts before the open one hold, by kind. */
  #typesBefore: ByType | undefined = {};
  /** Parts of this pass so far, and parts of earlier passes of the mailbox. */
  #count = 0;
  #base = 0;
  #open: OpenPart | undefined;
  #dirty = false;
  #touchedAtMs: number;
  /** How often a part was begun again because it had to be given up, by ordinal; and the parts that were. */
  readonly #again = new Map<number, number>();
  readonly #abandoned: string[] = [];

  private constructor(ports: BuilderPorts, control: PassControl, parts: PartStore) {
    this.#ports = ports;
    this.#control = control;
    this.#parts = parts;
    this.#touchedAtMs = ports.clock.monotonicMs();
    this.#log = new PartLog(ports.store, ports.clock);
    this.#folders = new PassFolders(ports.store, control.refs.passId);
  }

  /** Restores what earlier owners left: rolls decided commits forward, takes the open part over. */
  static async open(ports: BuilderPorts, control: PassControl): Promise<PassBuilder> {
    const builder = new PassBuilder(ports, control, await ports.parts(control));
    await builder.#restore();
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
    return (
      this.#dirty &&
      (this.#open === undefined ||
        this.#open.bytesSince >= checkpointBytes ||
        this.#ports.clock.monotonicMs() - this.#open.checkpointedAtMs >= checkpointMs)
    );
  }

  /** How long nothing has come, in milliseconds. */
  get idleMs(): number {
    return this.#ports.clock.monotonicMs() - this.#touchedAtMs;
  }

  /** Adds one item to the open part, cutting a new one where the limit asks for it. */
  async take(meta: ItemRecord, value: Uint8Array): Promise<void> {
    this.#touchedAtMs = this.#ports.clock.monotonicMs();
    if (this.#keys.has(meta.itemKey)) return;
    this.#dirty = true;
    try {
      await this.#add(meta, await this.#parse(meta, value));
    } catch (error) {
      if (!isFault(error) || !isOfItem(error)) throw error;
      await this.#recordUnbuilt(meta, error);
    }
    this.#keys.add(meta.itemKey);
  }

  async #add(meta: ItemRecord, item: MapiItem): Promise<void> {
    let part = await this.#part();
    if (part.items > 0 && part.boundAfter(item) > this.#control.settings.partBytes) {
      await this.#seal(part);
      part = await this.#part();
      this.#dirty = true;
    }
    const home = await this.#folders.homeOf(meta.folderKey);
    await this.#folders.ensure(part, home);
    await part.addItem(home, item, meta.bytes);
    const folders = this.#counts.folders as Record<string, number>;
    folders[meta.folderKey] = (folders[meta.folderKey] ?? 0) + 1;
    const { types, exported, bytes } = this.#counts;
    const counted =
      types === undefined ? {} : { types: addByType(types, { [itemTypeOf(meta.itemType)]: { items: 1, bytes: meta.bytes } }) };
    this.#counts = { ...this.#counts, ...counted, exported: exported + 1, bytes: bytes + meta.bytes };
  }

  /** Makes everything taken so far durable. */
  async checkpoint(): Promise<void> {
    if (!this.#dirty || this.#open === undefined) return;
    await this.#open.checkpoint(this.#keys, this.#counts);
    this.#dirty = false;
  }

  /** Seals and verifies what is open, and records how the pass ended. */
  async end(end: Extract<ItemMeta, { kind: 'end' }>): Promise<void> {
    // An empty mailbox gets a PST with its folders, once.
    if (this.#open === undefined && this.#count === 0 && this.#base === 0 && this.#control.kind === 'full') await this.#part();
    if (this.#open !== undefined) await this.#seal(this.#open);
    await Promise.all(this.#verifying);
    const { exported, unbuilt, bytes, folders } = this.#counts;
    const totals = { discovered: end.discovered, exported, skipped: end.skipped, failed: end.failed + unbuilt };
    await this.#append('finished', {
      type: 'BuildFinished',
      data: { ...this.#control.refs, totals, bytes, parts: this.#count, folders, at: this.#ports.clock.now() },
    });
    // From here on nobody opens this pass again, so nothing of it is read. What stays behind now is swept up later: the pass has not failed.
    const parts = Array.from({ length: this.#count }, (_, n) => this.#refs(n + 1).partId);
    await clearPass(this.#ports.work, this.#control.refs, [...parts, ...this.#abandoned]).catch(this.#ports.uncleared);
  }

  /** Records that nothing of the pass is under way here. The builder is released. */
  async pause(attempt: number): Promise<void> {
    await this.checkpoint();
    await this.release();
    await this.#append(`paused/${attempt}`, { type: 'BuildPaused', data: { ...this.#control.refs, attempt, at: this.#ports.clock.now() } });
  }

  /** Lets go of the open part without deleting anything. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#verifying);
    await this.#open?.release();
    this.#open = undefined;
  }

  // Parts

  #refs(ordinal: number): PartRefs {
    const again = this.#again.get(ordinal);
    return { ...this.#control.refs, partId: deriveId('part', this.#control.refs.passId, ordinal, ...(again === undefined ? [] : [again])) };
  }

  #plan(ordinal: number): PartPlan {
    const refs = this.#refs(ordinal);
    const name = partName(this.#control.settings.destinationName, this.#base + ordinal);
    return {
      refs,
      name,
      container: this.#control.settings.container,
      ordinal: this.#base + ordinal,
      displayName: name.replace(/\.pst$/i, ''),
      recordKey: createHash('sha256').update(`record-key\u0000${refs.partId}`).digest().subarray(0, 16),
      createdAt: this.#control.startedAt,
    };
  }

  async #part(): Promise<OpenPart> {
    if (this.#open !== undefined) return this.#open;
    await this.#take(this.#count + 1);
    assert(this.#open !== undefined, 'a part that was taken is open');
    return this.#open;
  }

  async #take(ordinal: number): Promise<void> {
    this.#typesBefore = this.#counts.types;
    const { part, counts } = await OpenPart.take(this.#plan(ordinal), this.#partPorts(), this.#keys);
    if (counts !== undefined) this.#counts = { ...counts, folders: { ...counts.folders } };
    this.#open = part;
    this.#count = ordinal;
    this.#folders.begin();
    // The mailbox's first part, and that of its first Full pass, show every folder, empty ones too; others only what leads to their items.
    const isFirstFull = this.#control.kind === 'full' && this.#control.earlier.every(({ kind }) => kind !== 'full');
    if (this.#base + ordinal === 1 || (ordinal === 1 && isFirstFull)) await this.#folders.showAll(part);
  }

  async #seal(part: OpenPart): Promise<void> {
    // Keys and digests of the last items must be there for whoever has to roll the commit forward.
    await part.checkpoint(this.#keys, this.#counts);
    this.#dirty = false;
    const { types } = this.#counts;
    await part.intendSeal(types === undefined || this.#typesBefore === undefined ? undefined : lessByType(types, this.#typesBefore));
    await this.#publish(part.plan, part);
    await part.release();
    this.#open = undefined;
    this.#verify(part.plan, part.entries);
  }

  /** Commits what the recorded intent says: the same list, whoever does it and however often. */
  async #publish(plan: PartPlan, owner?: OpenPart): Promise<void> {
    const part = await this.#log.read(plan.refs.partId);
    if (part.is !== 'intended') return;
    const list = await this.#ports.work.get(part.listKey);
    if (createHash('sha256').update(list).digest('hex') !== part.listSha256) {
      throw new Fault('part.list-damaged', {
        retry: 'never',
        facts: { partId: plan.refs.partId },
        advice: 'The working storage was changed from outside. Restore it from a backup and resume the pass.',
      });
    }
    const extents = JSON.parse(new TextDecoder().decode(list)) as StagedExtent[];
    const etag =
      owner === undefined
        ? await this.#publishAgain(plan, part.epoch, extents, part.listSha256)
        : (await owner.commit(extents, part.listSha256)).etag;
    await this.#log.recordSealed(plan.refs, etag, this.#parts.locate(plan.name));
  }

  /** For an owner that died between deciding and recording: `take` and `commit` may be repeated, and tidy up after it. */
  async #publishAgain(plan: PartPlan, epoch: number, extents: readonly StagedExtent[], listSha256: string): Promise<string> {
    const staging = await this.#parts.take({ partId: plan.refs.partId, name: plan.name }, epoch, extents);
    const { etag } = await staging.commit(extents, listSha256);
    await staging.release();
    return etag;
  }

  /** Reads the part back beside the work on the next one. */
  #verify(plan: PartPlan, entries: readonly Uint8Array[]): void {
    const verified = this.#ports
      .verify(this.#control, plan.name, entries)
      .then(async (sha256) => void (await this.#log.recordVerified(plan.refs, sha256)));
    // Awaited at the end of the pass; until then an error must not count as unhandled.
    verified.catch(() => undefined);
    this.#verifying.push(verified);
  }

  // Restoring

  async #restore(): Promise<void> {
    await this.#folders.load();
    for (const { passId } of this.#control.earlier) {
      for (const event of (await this.#ports.store.read(buildStream(passId))) as unknown as readonly BuildEvent[]) {
        if (event.type === 'BuildFinished') this.#base += event.data.parts;
      }
    }
    for (let ordinal = 1; ; ordinal++) {
      for (;;) {
        const plan = this.#plan(ordinal);
        const part = await this.#log.read(plan.refs.partId);
        if (part.is === 'none') return;
        if (part.is === 'abandoned') await this.#writeOff(ordinal, plan, part.epoch);
        else {
          try {
            if (part.is === 'open') return await this.#take(ordinal);
            await this.#adopt(plan);
            this.#count = ordinal;
            break;
          } catch (error) {
            if (!isFault(error) || error.code !== LOST) throw error;
            await this.#giveUp(plan, error);
          }
        }
      }
    }
  }

  /** A part whose commit was decided: publish and verify it if that is still to be done, and know its items. */
  async #adopt(plan: PartPlan): Promise<void> {
    const chain = await loadCheckpoints(this.#ports.work, plan.refs.partId);
    await this.#publish(plan);
    for (const checkpoint of chain) this.#keys.addAll(checkpoint.keys);
    const counts = chain.at(-1)?.counts;
    if (counts !== undefined) this.#counts = { ...counts, folders: { ...counts.folders } };
    const part = await this.#log.read(plan.refs.partId);
    if (part.is === 'sealed' && !part.verified) {
      this.#verify(
        plan,
        chain.flatMap(({ digests }) => splitEntries(digests)),
      );
    }
  }

  /** A part of which the destination has lost pieces. The first time that ends the attempt, because a disk may only be absent; whoever
   *  resumes after that has been told what it means. */
  async #giveUp(plan: PartPlan, lost: Fault): Promise<void> {
    const { partId } = plan.refs;
    const told = ((await this.#ports.store.read(buildStream(this.#control.refs.passId))) as unknown as readonly BuildEvent[]).some(
      (event) =>
        event.type === 'BuildFailed' &&
        event.data.attempt < this.#control.attempt &&
        event.data.cause.code === LOST &&
        event.data.cause.facts?.['partId'] === partId,
    );
    if (!told) throw new Fault(LOST, { retry: 'never', facts: { ...lost.facts, partId }, cause: lost, advice: LOST_ADVICE });
    const part = await this.#log.read(partId);
    if (part.is === 'open' || part.is === 'intended') await this.#log.abandon(plan.refs, part.epoch, LOST);
  }

  /** Puts the items of a part that was given up on record as not built, so that Retry Errors asks for them, and begins it again. */
  async #writeOff(ordinal: number, plan: PartPlan, epoch: number): Promise<void> {
    const { passId } = this.#control.refs;
    const { partId } = plan.refs;
    const gone = new KeySet();
    for (const checkpoint of await loadCheckpoints(this.#ports.work, partId)) gone.addAll(checkpoint.keys);
    const items = await passItems(this.#ports.store, this.#ports.work, passId);
    const at = this.#ports.clock.now();
    const unbuilt = new Set(items.unbuilt);
    let batch: BuildEvent[] = [];
    const flush = async (): Promise<void> => {
      const [first] = batch;
      if (first?.type === 'ItemUnbuilt') await appendBuildEvents(this.#ports, passId, `lost/${partId}/${first.data.itemKey}`, batch);
      batch = [];
    };
    for await (const item of items.lost(gone)) {
      // Those of earlier parts are in these checkpoints too, and safe.
      if (this.#keys.has(item.itemKey) || unbuilt.has(item.itemKey)) continue;
      unbuilt.add(item.itemKey);
      batch.push({
        type: 'ItemUnbuilt',
        data: { ...this.#control.refs, ...item, code: LOST, advice: 'Run Retry Errors: it exports the item again, into a new part.', at },
      });
      if (batch.length === LOST_BATCH) await flush();
    }
    await flush();
    this.#keys.addAll(gone.since(0));
    this.#counts = { ...this.#counts, unbuilt: unbuilt.size };
    this.#abandoned.push(partId);
    this.#again.set(ordinal, (this.#again.get(ordinal) ?? 0) + 1);
    // What is left of it at the destination is in nobody's way; removing it is a courtesy.
    await this.#parts
      .take({ partId, name: plan.name }, epoch, [])
      .then((staging) => staging.abandon())
      .catch(() => undefined);
  }

  // Items

  async #parse(meta: ItemRecord, value: Uint8Array): Promise<MapiItem> {
    return decodeExportStream(
      meta.claim === undefined ? value : await getClaim(this.#ports.work, { key: meta.claim, sha256: meta.sha256, bytes: meta.bytes }),
    );
  }

  /** An item that cannot be built is on record, and Retry Errors asks the tenant for it again. */
  async #recordUnbuilt(meta: ItemRecord, fault: Fault): Promise<void> {
    const { itemKey, itemId, folderKey, mailbox, itemType, fidelity } = meta;
    await this.#append(`unbuilt/${itemKey}`, {
      type: 'ItemUnbuilt',
      data: {
        ...this.#control.refs,
        itemKey,
        itemId,
        folderKey,
        mailbox,
        itemType,
        sizeBytes: meta.bytes,
        code: fault.code,
        ...(fault.advice === undefined ? {} : { advice: fault.advice }),
        ...(fidelity === undefined ? {} : { fidelity }),
        at: this.#ports.clock.now(),
      },
    });
    // Its key must come into a checkpoint, so there has to be a part to write one for.
    await this.#part();
    this.#counts = { ...this.#counts, unbuilt: this.#counts.unbuilt + 1 };
  }

  async #append(purpose: string, event: BuildEvent): Promise<void> {
    await appendBuildEvent(this.#ports, this.#control.refs.passId, purpose, event);
  }

  #partPorts(): PartPorts {
    return { parts: this.#parts, work: this.#ports.work, log: this.#log, clock: this.#ports.clock };
  }
}

/** Whether a fault is the item's own: its stream cannot be parsed, is not there, or does not fit the format. */
const isOfItem = (fault: Fault): boolean =>
  fault.code.startsWith('fasttransfer.') || fault.code.startsWith('claim.') || fault.code.startsWith('item.');
