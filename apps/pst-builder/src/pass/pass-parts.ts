import { createHash } from 'node:crypto';
import type { PartStore, StagedExtent } from '@pstream/blob';
import { buildStream, partName, type PartRefs, type PassControl } from '@pstream/contracts';
import { assert, deriveId, Fault, isFault } from '@pstream/kernel';
import { loadCheckpoints } from '../part/checkpoints.js';
import { splitEntries } from '../part/item-entries.js';
import { OpenPart, type PartPlan } from '../part/open-part.js';
import { PartLog } from '../part/part-log.js';
import type { BuilderPorts } from './builder-ports.js';
import { EXTENTS_LOST, EXTENTS_LOST_ADVICE, FOREIGN, recordLostItems } from './lost-items.js';
import type { PassFolders } from './pass-folders.js';
import { settleReplaced } from './replaced-parts.js';
import type { Tally } from './tally.js';

/** The parts of one pass, from the first epoch to the verified file: which is open, which are committed, and what to do about those that an
 *  earlier owner left behind. */
export class PassParts {
  readonly #ports: BuilderPorts;
  readonly #control: PassControl;
  readonly #destination: PartStore;
  readonly #folders: PassFolders;
  readonly #tally: Tally;
  readonly #log: PartLog;
  readonly #verifying: Promise<void>[] = [];
  /** Parts of this pass so far, and parts of earlier passes of the mailbox. */
  #count = 0;
  #base = 0;
  #open: OpenPart | undefined;
  /** How often a part was begun again because it had to be abandoned, by ordinal; and the parts that were. */
  readonly #again = new Map<number, number>();
  readonly #abandoned: string[] = [];

  constructor(ports: BuilderPorts, control: PassControl, destination: PartStore, folders: PassFolders, tally: Tally) {
    this.#ports = ports;
    this.#control = control;
    this.#destination = destination;
    this.#folders = folders;
    this.#tally = tally;
    this.#log = new PartLog(ports);
  }

  /** The part that takes items now; undefined before the first item of a part. */
  get open(): OpenPart | undefined {
    return this.#open;
  }

  /** Parts of this pass. */
  get count(): number {
    return this.#count;
  }

  /** Whether no pass of the mailbox has made a part yet. */
  get none(): boolean {
    return this.#count === 0 && this.#base === 0;
  }

  /** Ids of all parts of the pass, abandoned ones included. */
  get ids(): readonly string[] {
    return [...Array.from({ length: this.#count }, (_, n) => this.#refs(n + 1).partId), ...this.#abandoned];
  }

  /** The open part; the next one is taken if there is none. */
  async current(): Promise<OpenPart> {
    if (this.#open !== undefined) return this.#open;
    await this.#take(this.#count + 1);
    assert(this.#open !== undefined, 'a part that was taken is open');
    return this.#open;
  }

  /** Closes the open part, decides its commit, publishes it, and begins to read it back beside whatever comes next. */
  async seal(part: OpenPart): Promise<void> {
    // Keys and digests of the last items must be there for whoever has to roll the commit forward.
    await part.checkpoint(this.#tally.keys, this.#tally.counts);
    await part.intendSeal(this.#tally.typesOfPart(), this.#tally.keys);
    await this.#publish(part.plan, part);
    await part.release();
    this.#open = undefined;
    this.#verify(part.plan, part.entries);
  }

  /** Resolves when every part that was sealed has been read back; rejects with the first that differs. */
  async verified(): Promise<void> {
    await Promise.all(this.#verifying);
  }

  /** Lets go of the open part without deleting anything. */
  async release(): Promise<void> {
    await Promise.allSettled(this.#verifying);
    await this.#open?.release();
    this.#open = undefined;
  }

  /** Takes up what earlier owners left: rolls decided commits forward, takes the open part over, writes off what the destination has lost. */
  async restore(): Promise<void> {
    this.#base = await settleReplaced(this.#ports, this.#control, this.#destination);
    for (const { passId } of this.#control.earlier) {
      for (const event of await this.#ports.store.read(buildStream(passId))) {
        if (event.type === 'BuildFinished') this.#base += event.data.parts;
      }
    }
    for (let ordinal = 1; await this.#restorePart(ordinal); ordinal++);
  }

  /** Restores a part; false if it is the open one, or was never begun: no further ones can exist. */
  async #restorePart(ordinal: number): Promise<boolean> {
    // A part that is written off gets another id, and is looked at again under it.
    for (;;) {
      const wanted = this.#plan(ordinal);
      const part = await this.#log.read(wanted.refs.partId);
      if (part.is === 'none') return false;
      // A part that is on record keeps its name, whatever the mailbox is called since.
      const plan = { ...wanted, name: part.name };
      if (part.is === 'abandoned') {
        await this.#writeOff(ordinal, plan, part);
        continue;
      }
      try {
        if (part.is === 'open') {
          await this.#take(ordinal);
          return false;
        }
        await this.#adopt(plan);
        this.#count = ordinal;
        return true;
      } catch (error) {
        if (isFault(error) && error.code === FOREIGN && part.name !== wanted.name) await this.#abandon(plan, FOREIGN);
        else if (isFault(error) && error.code === EXTENTS_LOST) await this.#giveUp(plan, error);
        else throw error;
      }
    }
  }

  #refs(ordinal: number): PartRefs {
    const again = this.#again.get(ordinal);
    return { ...this.#control.refs, partId: deriveId('part', this.#control.refs.passId, ordinal, ...(again === undefined ? [] : [again])) };
  }

  #plan(ordinal: number): PartPlan {
    const refs = this.#refs(ordinal);
    const { destinationName, folder } = this.#control.settings;
    const name = partName(destinationName, this.#base + ordinal, folder);
    return {
      refs,
      name,
      container: this.#control.settings.container,
      ordinal: this.#base + ordinal,
      displayName: name.slice(name.indexOf('/') + 1).replace(/\.pst$/i, ''),
      recordKey: createHash('sha256').update(`record-key\u0000${refs.partId}`).digest().subarray(0, 16),
      createdAt: this.#control.startedAt,
    };
  }

  async #take(ordinal: number): Promise<void> {
    this.#tally.beginPart();
    const { work, clock } = this.#ports;
    const ports = { parts: this.#destination, work, log: this.#log, clock };
    const { part, counts } = await OpenPart.take(this.#plan(ordinal), ports, this.#tally.keys);
    this.#tally.restore(counts);
    this.#open = part;
    this.#count = ordinal;
    this.#folders.begin();
    // The mailbox's first part, and that of its first Full pass, show every folder, empty ones too; others only what leads to their items.
    const isFirstFull = this.#control.kind === 'full' && this.#control.earlier.every(({ kind }) => kind !== 'full');
    if (this.#base + ordinal === 1 || (ordinal === 1 && isFirstFull)) await this.#folders.showAll(part);
  }

  /** Commits what the recorded intent says: the same list, whoever does it and however often. */
  async #publish(plan: PartPlan, owner?: OpenPart): Promise<void> {
    const part = await this.#log.read(plan.refs.partId);
    if (part.is !== 'intended') return;
    const list = await this.#listOf(plan, part.listKey);
    if (list === undefined) return;
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
    await this.#log.recordSealed(plan.refs, etag, this.#destination.locate(plan.name));
  }

  /** Undefined where another owner has published the part meanwhile, and with the end of the pass removed the list. */
  async #listOf({ refs }: PartPlan, key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#ports.work.get(key);
    } catch (error) {
      const isMissing = isFault(error) && error.code === 'blob.not-found';
      if (isMissing && (await this.#log.read(refs.partId)).is !== 'intended') return undefined;
      throw error;
    }
  }

  /** For an owner that died between deciding and recording: `take` and `commit` may be repeated, and tidy up after it. */
  async #publishAgain(plan: PartPlan, epoch: number, extents: readonly StagedExtent[], listSha256: string): Promise<string> {
    const staging = await this.#destination.take({ partId: plan.refs.partId, name: plan.name }, epoch, extents);
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

  /** A part whose commit was decided: publish and verify it if that is still to be done, and know its items. */
  async #adopt(plan: PartPlan): Promise<void> {
    const chain = await loadCheckpoints(this.#ports.work, plan.refs.partId);
    await this.#publish(plan);
    for (const checkpoint of chain) this.#tally.keys.addAll(checkpoint.keys);
    this.#tally.restore(chain.at(-1)?.counts);
    const part = await this.#log.read(plan.refs.partId);
    if (part.is === 'sealed' && !part.verified) {
      this.#verify(
        plan,
        chain.flatMap(({ digests }) => splitEntries(digests)),
      );
    }
  }

  /** A part of which the destination has lost pieces. The first time that ends the attempt, because a disk may only be absent; whoever
   *  resumes after that has read what it means. */
  async #giveUp(plan: PartPlan, lost: Fault): Promise<void> {
    const { partId } = plan.refs;
    const reported = (await this.#ports.store.read(buildStream(this.#control.refs.passId))).some(
      (event) =>
        event.type === 'BuildFailed' &&
        event.data.attempt < this.#control.attempt &&
        event.data.cause.code === EXTENTS_LOST &&
        event.data.cause.facts?.['partId'] === partId,
    );
    if (!reported)
      throw new Fault(EXTENTS_LOST, { retry: 'never', facts: { ...lost.facts, partId }, cause: lost, advice: EXTENTS_LOST_ADVICE });
    await this.#abandon(plan, EXTENTS_LOST);
  }

  async #abandon({ refs }: PartPlan, reason: string): Promise<void> {
    const part = await this.#log.read(refs.partId);
    if (part.is === 'open' || part.is === 'intended') await this.#log.abandon(refs, part.epoch, reason);
  }

  /** Records the items of an abandoned part as not built, so that Retry Errors asks for them, and begins the part again. */
  async #writeOff(ordinal: number, plan: PartPlan, { epoch, reason }: { readonly epoch: number; readonly reason: string }): Promise<void> {
    const { partId } = plan.refs;
    const code = reason === FOREIGN ? FOREIGN : EXTENTS_LOST;
    this.#tally.setUnbuilt(await recordLostItems(this.#ports, this.#control.refs, partId, this.#tally.keys, code));
    this.#abandoned.push(partId);
    // What is left of it at the destination is in nobody's way; removing it is a courtesy. Where its own name is somebody else's, a folder still finds
    // its pieces under another one.
    const name = reason === FOREIGN ? this.#plan(ordinal).name : plan.name;
    this.#again.set(ordinal, (this.#again.get(ordinal) ?? 0) + 1);
    await this.#destination
      .take({ partId, name }, epoch, [])
      .then((staging) => staging.abandon())
      .catch(() => undefined);
  }
}
