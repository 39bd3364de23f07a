import { createHash } from 'node:crypto';
import { deleteBelow, type BlobStore, type PartStaging, type PartStore, type StagedExtent } from '@pstream/blob';
import type { ByType, PartRefs } from '@pstream/contracts';
import { assert, type Clock } from '@pstream/kernel';
import type { MapiItem } from '@pstream/mapi';
import { PstWriter, type FolderSpec, type ItemReceipt } from '@pstream/pst/writer';
import { loadCheckpoints, saveCheckpoint, type PassCounts } from './checkpoints.js';
import type { KeySet } from '../pass/key-set.js';
import { itemEntry, joinEntries, splitEntries } from './item-entries.js';
import { partKeysKey } from './part-keys.js';
import type { PartLog } from './part-log.js';
import { StagingTarget } from './staging-target.js';

/** So many checkpoints in a row hold only what is new; then one holds everything and the chain begins again, so that a
 *  resume never reads more than this many. */
const CHAIN_LENGTH = 16;

/** What a part is made with. */
export type PartPlan = {
  readonly refs: PartRefs;
  readonly name: string;
  readonly container: string;
  readonly ordinal: number;
  readonly displayName: string;
  readonly recordKey: Uint8Array;
  readonly createdAt: string;
};

/** What an open part needs of the world. */
export type PartPorts = { readonly parts: PartStore; readonly work: BlobStore; readonly log: PartLog; readonly clock: Clock };

/** A part that this builder owns under one epoch: a writer whose extents are staged as they fill, and its checkpoints. */
export class OpenPart {
  readonly plan: PartPlan;
  readonly epoch: number;
  readonly #ports: PartPorts;
  readonly #staging: PartStaging;
  readonly #target: StagingTarget;
  readonly #writer: PstWriter;
  #digests: Uint8Array[] = [];
  #savedKeys: number;
  #savedExtents: number;
  #savedDigests: number;
  /** Keys of the pass before the first of this part. */
  readonly #firstKey: number;
  #seq: number;
  #before: string;
  /** Monotonic time of the last checkpoint, and source bytes taken since. */
  checkpointedAtMs: number;
  bytesSince = 0;

  private constructor(
    plan: PartPlan,
    epoch: number,
    ports: PartPorts,
    staging: PartStaging,
    target: StagingTarget,
    writer: PstWriter,
    resumed: Resumed,
  ) {
    this.plan = plan;
    this.epoch = epoch;
    this.#ports = ports;
    this.#staging = staging;
    this.#target = target;
    this.#writer = writer;
    this.#digests = resumed.digests;
    this.#savedDigests = resumed.digests.length;
    this.#savedKeys = resumed.keys;
    this.#firstKey = resumed.firstKey;
    this.#savedExtents = target.extents.length;
    this.#seq = 0;
    this.#before = resumed.before;
    this.checkpointedAtMs = ports.clock.monotonicMs();
  }

  /** Wins the part's next epoch, restores what the checkpoints hold into `keys`, and goes on from there. */
  static async take(
    wanted: PartPlan,
    ports: PartPorts,
    keys: KeySet,
  ): Promise<{ readonly part: OpenPart; readonly counts: PassCounts | undefined }> {
    const taken = await ports.log.takeOver(wanted.refs, wanted);
    assert(taken.is === 'open', 'a part that was taken over is open');
    // One that is on record keeps its name.
    const plan = { ...wanted, name: taken.name };
    const chain = await loadCheckpoints(ports.work, plan.refs.partId);
    const extents = chain.flatMap((checkpoint) => checkpoint.extents);
    const staging = await ports.parts.take({ partId: plan.refs.partId, name: plan.name }, taken.epoch, extents);
    const target = new StagingTarget(staging, extents);
    const writer =
      chain.length === 0
        ? PstWriter.create(target, { recordKey: plan.recordKey, displayName: plan.displayName, createdAt: plan.createdAt })
        : PstWriter.resume(
            target,
            chain.map((checkpoint) => checkpoint.writer),
          );
    const known = keys.size;
    for (const checkpoint of chain) keys.addAll(checkpoint.keys);
    const resumed = {
      digests: chain.flatMap((checkpoint) => splitEntries(checkpoint.digests)),
      keys: chain.length === 0 ? 0 : Math.max(known, keys.size),
      before: chain.at(-1)?.hash ?? '',
      firstKey: known,
    };
    return { part: new OpenPart(plan, taken.epoch, ports, staging, target, writer, resumed), counts: chain.at(-1)?.counts };
  }

  get items(): number {
    return this.#writer.itemCount;
  }

  /** Upper bound of the finished file if this item were added. */
  boundAfter(item: MapiItem): number {
    return this.#writer.boundAfter(item);
  }

  ensureFolder(folder: FolderSpec): void {
    this.#writer.ensureFolder(folder);
  }

  async addItem(folderKey: string, item: MapiItem, bytes: number): Promise<ItemReceipt> {
    const receipt = await this.#writer.addItem(folderKey, item);
    this.#digests.push(itemEntry(receipt.digest, item.associated));
    this.bytesSince += bytes;
    return receipt;
  }

  /** Makes everything so far durable: extents acknowledged first, then the checkpoint. Only after this may the position
   *  on the log move. */
  async checkpoint(keys: KeySet, counts: PassCounts): Promise<void> {
    const seq = ++this.#seq;
    const full = seq % CHAIN_LENGTH === 0;
    const writer = this.#writer.checkpoint({ full });
    await this.#target.drain();
    this.#before = await saveCheckpoint(this.#ports.work, this.plan.refs.partId, {
      epoch: this.epoch,
      seq,
      extents: this.#target.extents.slice(full ? 0 : this.#savedExtents),
      keys: keys.since(full ? 0 : this.#savedKeys),
      digests: joinEntries(this.#digests.slice(full ? 0 : this.#savedDigests)),
      writer,
      counts,
      before: full ? '' : this.#before,
    });
    this.#savedExtents = this.#target.extents.length;
    this.#savedKeys = keys.size;
    this.#savedDigests = this.#digests.length;
    this.bytesSince = 0;
    this.checkpointedAtMs = this.#ports.clock.monotonicMs();
  }

  /** Closes the file and decides its commit: after this the part is what the list says, whoever publishes it. `types` are its items by kind,
   *  where they are known. */
  async intendSeal(types: ByType | undefined, keys: KeySet): Promise<void> {
    const sealed = await this.#writer.seal();
    await this.#target.drain();
    const extents = this.#target.sorted();
    const bytes = new TextEncoder().encode(JSON.stringify(extents));
    const listSha256 = createHash('sha256').update(bytes).digest('hex');
    const listKey = `${listsOf(this.plan.refs.partId)}${this.epoch}.json`;
    await this.#ports.work.putIfAbsent(listKey, bytes);
    // An update says later which part has the older copy of an item.
    await this.#ports.work.putIfAbsent(partKeysKey(this.plan.refs.partId, this.epoch), keys.since(this.#firstKey));
    await this.#ports.log.intendSeal({
      refs: this.plan.refs,
      epoch: this.epoch,
      extents: extents.length,
      listKey,
      listSha256,
      bytes: sealed.bytes,
      items: sealed.items,
      folders: sealed.folders,
      ...(types === undefined ? {} : { types }),
    });
  }

  /** Publishes the file under the name. */
  commit(extents: readonly StagedExtent[], listSha256: string): ReturnType<PartStaging['commit']> {
    return this.#staging.commit(extents, listSha256);
  }

  /** Lets go without deleting anything: another builder, or this one later, goes on from the last checkpoint. */
  async release(): Promise<void> {
    await this.#target.settle();
    await this.#staging.release();
  }

  /** What the verifier must find: an entry per item, in order of arrival. */
  get entries(): readonly Uint8Array[] {
    return this.#digests;
  }
}

type Resumed = { readonly digests: Uint8Array[]; readonly keys: number; readonly before: string; readonly firstKey: number };

const listsOf = (partId: string): string => `lists/${partId}/`;

/** Removes the lists of a part's extents once it is published, or never will be. */
export const dropLists = async (work: BlobStore, partId: string): Promise<void> => {
  await deleteBelow(work, listsOf(partId), () => true);
};
