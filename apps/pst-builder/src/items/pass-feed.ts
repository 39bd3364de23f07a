import { buildStream, type PassRefs } from '@pstream/contracts';
import { readPassControl } from '@pstream/event-store';
import { isFault, retryDelayMs, type Fault } from '@pstream/kernel';
import { appendBuildEvent, recordFailed } from '../pass/build-log.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PassBuilder } from '../pass/pass-builder.js';
import { AsideQueue } from './aside-queue.js';
import type { FeedOwner, FeedState } from './feed-owner.js';
import type { FeedRecord } from './set-aside.js';

/** Azure drops staged blocks 7 days after the last one; a part that waits this long is taken again, which renews them. */
const KEEP_ALIVE_MS = 3 * 24 * 3_600_000;

/** The part has another owner by now, or its fence was broken: its stream tells who goes on. */
const LOST = new Set(['part.fenced', 'part.taken-over', 'part.not-open']);
const LOST_WAIT_MS = 1000;
const LEAST_WAIT_MS = 250;
/** The same cause is recorded once in this time at most. */
const TELL_AGAIN_MS = 60_000;
/** An end that was set aside waits for items that the log may bring again until the log has brought nothing for this long. */
const LOG_MS = 5 * 60_000;

/** Feeds one pass: its records in order, one at a time, beside the other passes of the partition. Whatever goes wrong concerns this pass
 *  alone: what is not built leaves the log for the working storage. */
export class PassFeed {
  readonly #ports: BuilderPorts;
  readonly #pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>;
  readonly #owner: FeedOwner;
  #state: FeedState = { is: 'direct' };
  #builder: PassBuilder | undefined;
  /** Taken from the log and not yet given to the builder. */
  #queue: FeedRecord[] = [];
  /** What leaves the log unbuilt. */
  readonly #aside: AsideQueue;
  /** Requests to stop: they wait for nothing but the record at work. */
  #stops: FeedRecord[] = [];
  /** Records below this offset have been taken from the log. */
  #next = -1n;
  /** First record on the log that the builder has and that is in no checkpoint. */
  #heldFrom: bigint | undefined;
  #upkeep = false;
  #attempt = 1;
  /** The latest attempt that was seen to begin. */
  #begun = 0;
  /** A stop that could not be recorded is tried again then, in monotonic milliseconds. */
  #stopAgainMs = 0;
  #running: Promise<void> | undefined;
  #busySinceMs = 0;
  /** Where the log was when an end began to wait for items before it, and since when it has been there, in monotonic milliseconds. */
  #missing: { readonly position: bigint | undefined; readonly sinceMs: number } | undefined;
  #told: { readonly code: string; readonly atMs: number } | undefined;

  constructor(ports: BuilderPorts, pass: Pick<PassRefs, 'mailboxJobId' | 'passId'>, owner: FeedOwner) {
    this.#ports = ports;
    this.#pass = pass;
    this.#owner = owner;
    this.#aside = new AsideQueue(ports, pass, owner.partition);
  }

  /** The first record that has to stay on the log for this pass; undefined if there is none. */
  get lowest(): bigint | undefined {
    const offsets = [this.#heldFrom, this.#queue[0]?.offset, this.#aside.first, this.#stops[0]?.offset];
    return offsets.reduce((least, offset) => (least === undefined || (offset !== undefined && offset < least) ? offset : least));
  }

  /** Whether records wait in memory for those before them. An end marker at work needs no memory, and may take minutes. */
  get waits(): boolean {
    return this.#queue.some(({ meta }, nth) => nth > 0 || meta.kind !== 'end');
  }

  /** Whether there is nothing that anybody would have to remember. */
  get isOver(): boolean {
    return this.#state.is === 'direct' && this.#builder === undefined && this.#running === undefined && this.lowest === undefined;
  }

  /** Since when the record at work has been at work, in monotonic milliseconds; undefined between records. */
  get busySinceMs(): number | undefined {
    return this.#running === undefined ? undefined : this.#busySinceMs;
  }

  /** Takes a record over; one that was taken before is passed over. */
  take(record: FeedRecord): void {
    if (record.offset < this.#next) return;
    this.#next = record.offset + 1n;
    const { meta } = record;
    if (meta.kind === 'begin') {
      this.#begun = Math.max(this.#begun, meta.attempt);
      if (this.#state.is === 'resting') this.#rest(this.#state.attempt);
    } else if (this.#state.is === 'direct') this.#queue.push(record);
    else if (meta.kind === 'pause') this.#stops.push(record);
    else this.#aside.push(record);
    this.#run();
  }

  /** Builds what an earlier owner has set aside. */
  catchUp(): void {
    if (this.#state.is !== 'direct') return;
    this.#setAsideFrom(0);
    this.#run();
  }

  /** Sets everything aside that waits for the record at work. */
  overflow(): void {
    if (this.#state.is === 'direct') this.#setAsideFrom(1);
  }

  /** Called every second: takes up what is due. */
  tick(): void {
    if (this.#state.is === 'waiting' && this.#ports.clock.monotonicMs() >= this.#state.untilMs) this.#state = { is: 'catching-up' };
    this.#upkeep = this.#builder !== undefined;
    this.#run();
  }

  /** Stores what is to be set aside. Faults as of the working storage; nothing is lost by one. */
  store(): Promise<void> {
    return this.#aside.store(this.#attempt);
  }

  /** Checkpoints what it can and lets go; the next owner goes on from there. The partition's signal has been aborted. */
  async close(): Promise<void> {
    await this.#running;
    await this.#checkpoint().catch(() => undefined);
    await this.#drop();
  }

  #setAsideFrom(position: number): void {
    const records = this.#queue.splice(position);
    // A request to stop waits for no item, wherever it stands.
    this.#stops.unshift(...records.filter(({ meta }) => meta.kind === 'pause'));
    this.#aside.unshift(records.filter(({ meta }) => meta.kind !== 'pause'));
    if (this.#state.is === 'direct') this.#state = { is: 'catching-up' };
  }

  /** Lets the records of an attempt rest that failed or was stopped, unless a later one has begun meanwhile. */
  #rest(attempt: number): void {
    this.#state = this.#begun > attempt ? { is: 'catching-up' } : { is: 'resting', attempt };
  }

  #run(): void {
    if (this.#running !== undefined || this.#nextStep() === undefined) return;
    this.#running = this.#work().finally(() => {
      this.#running = undefined;
      this.#owner.moved();
      this.#run();
    });
  }

  async #work(): Promise<void> {
    for (let step = this.#nextStep(); step !== undefined; step = this.#nextStep()) {
      this.#busySinceMs = this.#ports.clock.monotonicMs();
      try {
        await step();
      } catch (error) {
        await this.#failed(error);
      }
      this.#owner.moved();
    }
  }

  #nextStep(): (() => Promise<void>) | undefined {
    if (this.#owner.signal.aborted) return undefined;
    const [stop] = this.#stops;
    if (stop !== undefined) return this.#ports.clock.monotonicMs() < this.#stopAgainMs ? undefined : () => this.#stop(stop);
    const [record] = this.#queue;
    if (record !== undefined) return () => this.#give(record);
    if (this.#state.is === 'catching-up') return () => this.#catchUp();
    if (this.#upkeep) return () => this.#keepUp();
    return undefined;
  }

  /** Gives the builder a record of the log. */
  async #give(record: FeedRecord): Promise<void> {
    const { meta } = record;
    if (meta.kind === 'pause' && this.#builder === undefined) {
      // Nothing of it is open here, so nothing has to be opened to stop it.
      await this.#confirmStop(meta.attempt);
      this.#queue.shift();
      return;
    }
    const held = this.#heldFrom;
    this.#heldFrom ??= record.offset;
    const builder = await this.#open();
    if (builder === undefined || this.#state.is !== 'direct') {
      // The pass is over, or has to be caught up with: then its records keep their order behind those set aside.
      this.#heldFrom = held;
      if (this.#state.is === 'direct') this.#queue.shift();
      else this.#setAsideFrom(0);
      return;
    }
    await this.#feed(builder, record);
    this.#queue.shift();
  }

  /** Gives the builder what was set aside, until nothing is left and records can go to it directly again. */
  async #catchUp(): Promise<void> {
    const builder = await this.#open('after a pause');
    if (builder === undefined || this.#state.is !== 'catching-up') return;
    const done = new Set<string>();
    /** Their end has to wait for what is in others. */
    const put = new Set<string>();
    const clear = async (): Promise<void> => {
      await this.#aside.delete(done);
      done.clear();
    };
    while (this.#isFor(builder)) {
      await this.store();
      const { stored } = this.#aside;
      const open = (await this.#aside.names()).filter((one) => !done.has(one));
      const name = open.find((one) => !put.has(one)) ?? open[0];
      if (name !== undefined) {
        const isTaken = await this.#feedAll(builder, name, stored, open.length > 1 && !put.has(name));
        if (isTaken) done.add(name);
        else if (open.length > 1 && !put.has(name)) put.add(name);
        else if (this.#isFor(builder)) {
          await this.#checkpoint();
          await clear();
          return this.#waitFor(0);
        }
        if (isTaken && !builder.dirty && this.#isFor(builder)) await clear();
      } else if (builder.dirty || done.size > 0) {
        await this.#checkpoint();
        await clear();
        await builder.report();
        this.#told = undefined;
      } else if (this.#aside.first === undefined && this.#aside.stored === stored) {
        // Nothing has been set aside since the names were listed either: a batch of the partition may store at any time.
        this.#state = { is: 'direct' };
        return;
      }
    }
  }

  /** Whether records may go on to this builder: it is still the one of the pass, and nobody has asked to stop. */
  #isFor(builder: PassBuilder): boolean {
    return this.#builder === builder && this.#stops.length === 0 && !this.#owner.signal.aborted;
  }

  /** Gives the builder the records of a blob; false where it could not take all. */
  async #feedAll(builder: PassBuilder, name: string, stored: number, hasOthers: boolean): Promise<boolean> {
    for (const record of await this.#aside.read(name)) {
      if (!this.#isFor(builder) || this.#isEarly(builder, record, stored, hasOthers)) return false;
      await this.#feed(builder, record);
    }
    return true;
  }

  /** Whether a record is the end of a pass of which items are still to come: from another blob, or again from the log, if an earlier builder had
   *  them. `stored` is how much had been stored when the blobs were listed. */
  #isEarly(builder: PassBuilder, { meta, offset }: FeedRecord, stored: number, hasOthers: boolean): boolean {
    if (meta.kind !== 'end' || !builder.misses(meta)) return false;
    if (hasOthers) return true;
    const nowMs = this.#ports.clock.monotonicMs();
    const { position } = this.#owner;
    if (this.#missing === undefined || this.#missing.position !== position) this.#missing = { position, sinceMs: nowMs };
    const cameAgain = (position ?? -1n) > offset && this.#aside.first === undefined && this.#aside.stored === stored;
    return !cameAgain && nowMs - this.#missing.sinceMs < LOG_MS;
  }

  async #stop({ meta }: FeedRecord): Promise<void> {
    const attempt = meta.kind === 'pause' ? meta.attempt : this.#attempt;
    this.#stopAgainMs = this.#ports.clock.monotonicMs() + LOST_WAIT_MS;
    if (this.#builder === undefined) await this.#confirmStop(attempt);
    else await this.#builder.pause(attempt);
    this.#builder = undefined;
    this.#heldFrom = undefined;
    this.#stops.shift();
    this.#stopAgainMs = 0;
    this.#missing = undefined;
    if (this.#state.is !== 'resting' || this.#state.attempt < attempt) this.#rest(attempt);
  }

  /** Records that nothing of the pass is under way here. */
  async #confirmStop(attempt: number): Promise<void> {
    const { store, clock } = this.#ports;
    const control = await readPassControl(store, this.#pass.mailboxJobId, this.#pass.passId);
    if (control === undefined) return;
    const data = { ...control.refs, attempt, at: clock.now() };
    await appendBuildEvent(this.#ports, control.refs.passId, `paused/${attempt}`, { type: 'BuildPaused', data });
  }

  async #keepUp(): Promise<void> {
    this.#upkeep = false;
    const builder = this.#builder;
    if (builder === undefined) return;
    if (builder.due) await this.#checkpoint();
    if (builder.idleMs <= KEEP_ALIVE_MS) return;
    await this.#checkpoint();
    await builder.release();
    this.#builder = undefined;
    this.#builder = await PassBuilder.open(this.#ports, builder.control);
  }

  /** The builder of the pass; undefined if there must be none. A pass that was stopped is opened for what is still on its way to it, but not
   *  to catch up. */
  async #open(when?: 'after a pause'): Promise<PassBuilder | undefined> {
    if (this.#builder !== undefined) return this.#builder;
    const control = await readPassControl(this.#ports.store, this.#pass.mailboxJobId, this.#pass.passId);
    this.#attempt = control?.attempt ?? this.#attempt;
    if (control === undefined || control.state === 'completed' || (await this.#isFinished())) {
      this.#aside.clear();
      this.#state = { is: 'direct' };
      return undefined;
    }
    if (control.state === 'failed' || (when !== undefined && control.state === 'stopping')) {
      this.#rest(control.attempt);
      return undefined;
    }
    if (this.#state.is === 'direct' && (await this.#aside.names()).length > 0) this.#state = { is: 'catching-up' };
    this.#builder = await PassBuilder.open(this.#ports, control);
    return this.#builder;
  }

  /** Whether the pass was built to its end, even if nobody has taken note yet. */
  async #isFinished(): Promise<boolean> {
    return (await this.#ports.store.read(buildStream(this.#pass.passId))).some((event) => event.type === 'BuildFinished');
  }

  async #feed(builder: PassBuilder, { meta, value }: FeedRecord): Promise<void> {
    switch (meta.kind) {
      case 'item':
        await builder.take(meta, value);
        if (!builder.dirty) this.#heldFrom = undefined;
        else if (builder.due) await this.#checkpoint();
        return;
      case 'pause':
        await builder.pause(meta.attempt);
        break;
      case 'end':
        await builder.end(meta);
        break;
      default:
        return;
    }
    this.#builder = undefined;
    this.#heldFrom = undefined;
  }

  async #checkpoint(): Promise<void> {
    await this.#builder?.checkpoint();
    this.#heldFrom = undefined;
  }

  /** A passing fault: forget the builder, wait, and catch up. A lasting one ends the pass with its cause. Either way its records leave the log. */
  async #failed(error: unknown): Promise<void> {
    if (this.#owner.signal.aborted) return;
    await this.#drop();
    const wait = isFault(error) ? (LOST.has(error.code) ? LOST_WAIT_MS : retryDelayMs(error.retry)) : undefined;
    // Until the failure is on record the pass waits: should that be impossible, it is tried again.
    this.#waitFor(wait ?? 0);
    try {
      this.#rewind();
      if (isFault(error) && wait !== undefined) return await this.#tell(error, Math.max(wait, LEAST_WAIT_MS));
      if (!isFault(error)) this.#ports.defect(error);
      const control = await readPassControl(this.#ports.store, this.#pass.mailboxJobId, this.#pass.passId);
      if (control !== undefined) await recordFailed(this.#ports, control, isFault(error) ? error : undefined);
      this.#rest(control?.attempt ?? this.#attempt);
    } catch (also) {
      if (!isFault(also)) this.#owner.failed(also);
    }
  }

  #waitFor(ms: number): void {
    this.#state = { is: 'waiting', untilMs: this.#ports.clock.monotonicMs() + Math.max(ms, LEAST_WAIT_MS) };
  }

  /** What the builder had since its last checkpoint is read from the log again, and set aside with what follows. */
  #rewind(): void {
    const from = this.#queue.length > 0 || this.#heldFrom !== undefined ? this.lowest : undefined;
    if (from === undefined) return;
    [this.#queue, this.#stops] = [[], []];
    this.#aside.clear();
    this.#missing = undefined;
    this.#heldFrom = undefined;
    this.#next = from;
    this.#owner.rewind(from);
  }

  async #tell(fault: Fault, waitMs: number): Promise<void> {
    const { store, clock, waiting } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (this.#told?.code === fault.code && nowMs - this.#told.atMs < TELL_AGAIN_MS) return;
    this.#told = { code: fault.code, atMs: nowMs };
    waiting({ mailboxJobId: this.#pass.mailboxJobId, passId: this.#pass.passId, waitMs, fault });
    const control = await readPassControl(store, this.#pass.mailboxJobId, this.#pass.passId);
    if (control === undefined || LOST.has(fault.code)) return;
    const at = clock.now();
    const retryAt = new Date(Date.parse(at) + waitMs).toISOString();
    const held = { code: fault.code, ...(fault.advice === undefined ? {} : { advice: fault.advice }), retryAt };
    await appendBuildEvent(this.#ports, control.refs.passId, `waited/${at}`, { type: 'BuildWaited', data: { ...control.refs, held, at } });
  }

  async #drop(): Promise<void> {
    await this.#builder?.release().catch(() => undefined);
    this.#builder = undefined;
  }
}
