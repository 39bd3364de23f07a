import { buildStream, causeOf, causeOfDefect, ITEMS_GROUP, readItemRecord, type ItemMeta, type PassControl } from '@pstream/contracts';
import { readPassControl } from '@pstream/event-store';
import { isFault, retryDelayMs, type Fault } from '@pstream/kernel';
import type { DeadLetters, LogRecord, PartitionConsumer } from '@pstream/transport';
import { appendBuildEvent } from '../pass/build-log.js';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PassBuilder } from '../pass/pass-builder.js';

/** Azure drops staged blocks 7 days after the last one; a part that waits this long is taken again, which renews them. */
const KEEP_ALIVE_MS = 3 * 24 * 3_600_000;

/** The part has another owner by now, or its fence was broken: its stream tells who goes on. */
const LOST = new Set(['part.fenced', 'part.taken-over', 'part.not-open']);
const LOST_WAIT_MS = 1000;

/** A pass that this partition feeds. `heldFrom` is the first record that is in no checkpoint: the group's position may
 *  not pass it. A failed pass keeps its hold, so that a resume can go back to it. */
type Feed = { builder: PassBuilder | undefined; heldFrom: bigint | undefined; failedAttempt: number };

/** One partition of the items topic: hands records to the builders of their passes and moves the group's position behind
 *  what is durable. */
export class PartitionFeed {
  readonly #partition: PartitionConsumer;
  readonly #ports: BuilderPorts;
  readonly #deadLetters: Pick<DeadLetters, 'write'>;
  readonly #feeds = new Map<string, Feed>();
  #position: bigint | undefined;
  #committed: bigint | undefined;
  #lock: Promise<unknown> = Promise.resolve();

  constructor(partition: PartitionConsumer, ports: BuilderPorts, deadLetters: Pick<DeadLetters, 'write'>) {
    this.#partition = partition;
    this.#ports = ports;
    this.#deadLetters = deadLetters;
  }

  /** One thing at a time: batches and idle checkpoints do not meet. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#lock.then(work, work);
    this.#lock = next.catch(() => undefined);
    return next;
  }

  async batch(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    for (const record of records) {
      if (signal.aborted) return;
      const meta = await this.#readOrBury(record, signal);
      if (meta === undefined) {
        this.#position = record.offset + 1n;
        continue;
      }
      const feed = this.#feeds.get(meta.passId) ?? { builder: undefined, heldFrom: undefined, failedAttempt: 0 };
      this.#feeds.set(meta.passId, feed);
      const goBackTo = await this.#handle(feed, meta, record, signal);
      if (goBackTo !== undefined) {
        this.#partition.seek(goBackTo);
        this.#position = goBackTo;
        return;
      }
      this.#position = record.offset + 1n;
    }
    await this.#commit();
  }

  /** A record that is none of ours is kept among the dead letters, so that those behind it go on. */
  async #readOrBury(record: LogRecord, signal: AbortSignal): Promise<ItemMeta | undefined> {
    try {
      return readItemRecord(record);
    } catch (error) {
      if (!isFault(error)) throw error;
      await this.#deadLetters.write(record, ITEMS_GROUP, error, signal);
      return undefined;
    }
  }

  /** Goes on behind a damaged record. An item is missed at the end of its pass and listed there; a marker comes again. */
  async passOver(offset: bigint): Promise<void> {
    this.#position = offset + 1n;
    await this.#commit();
  }

  async idle(): Promise<void> {
    for (const feed of this.#feeds.values()) {
      if (feed.builder === undefined) continue;
      try {
        if (feed.builder.due) await this.#checkpoint(feed);
        if (feed.builder.idleMs > KEEP_ALIVE_MS) await this.#renew(feed, feed.builder);
      } catch (error) {
        // Feed the pass again from its last checkpoint; a lasting fault shows itself then.
        if (!isFault(error)) this.#ports.defect(error);
        await this.#drop(feed);
        if (feed.heldFrom !== undefined && (this.#position === undefined || feed.heldFrom < this.#position)) {
          this.#partition.seek(feed.heldFrom);
          this.#position = feed.heldFrom;
        }
      }
    }
    await this.#commit();
  }

  /** Checkpoints what it can and lets go; the next owner goes on from there. */
  async close(): Promise<void> {
    for (const feed of this.#feeds.values()) {
      if (feed.builder === undefined) continue;
      await this.#checkpoint(feed).catch(() => undefined);
      await feed.builder.release().catch(() => undefined);
    }
    await this.#commit().catch(() => undefined);
    this.#feeds.clear();
  }

  /** Returns an offset to go back to, when the record's pass has to be fed again from there. */
  async #handle(feed: Feed, meta: ItemMeta, record: LogRecord, signal: AbortSignal): Promise<bigint | undefined> {
    if (meta.kind === 'begin' && feed.failedAttempt > 0 && meta.attempt > feed.failedAttempt) {
      feed.failedAttempt = 0;
      const from = feed.heldFrom;
      feed.heldFrom = undefined;
      return from;
    }
    if (feed.failedAttempt > 0 || meta.kind === 'begin') return undefined;
    const held = feed.heldFrom;
    feed.heldFrom ??= record.offset;
    try {
      const builder = (feed.builder ??= await this.#open(feed, meta, record));
      if (builder === undefined) {
        if (feed.failedAttempt === 0) feed.heldFrom = held;
        return undefined;
      }
      await this.#give(feed, builder, meta, record);
      return undefined;
    } catch (error) {
      return this.#failed(feed, record.key, meta.passId, error, signal);
    }
  }

  async #open(feed: Feed, meta: ItemMeta, record: LogRecord): Promise<PassBuilder | undefined> {
    const control = await readPassControl(this.#ports.store, record.key, meta.passId);
    if (control === undefined || control.state === 'completed' || (await this.#finished(meta.passId))) return undefined;
    if (control.state === 'failed') {
      feed.failedAttempt = control.attempt;
      return undefined;
    }
    return PassBuilder.open(this.#ports, control);
  }

  /** Whether the pass was built to its end, even if nobody has taken note yet. */
  async #finished(passId: string): Promise<boolean> {
    return (await this.#ports.store.read(buildStream(passId))).some((event) => event.type === 'BuildFinished');
  }

  async #give(feed: Feed, builder: PassBuilder, meta: ItemMeta, record: LogRecord): Promise<void> {
    switch (meta.kind) {
      case 'item':
        await builder.take(meta, record.value);
        if (!builder.dirty) feed.heldFrom = undefined;
        else if (builder.due) await this.#checkpoint(feed);
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
    feed.builder = undefined;
    feed.heldFrom = undefined;
    this.#feeds.delete(meta.passId);
  }

  async #checkpoint(feed: Feed): Promise<void> {
    await feed.builder?.checkpoint();
    feed.heldFrom = undefined;
  }

  async #renew(feed: Feed, builder: PassBuilder): Promise<void> {
    await this.#checkpoint(feed);
    await builder.release();
    feed.builder = await PassBuilder.open(this.#ports, builder.control);
  }

  /** A passing fault: forget the builder, wait, and feed the pass again from its last checkpoint. A lasting one ends the
   *  pass with its cause and keeps the hold. */
  async #failed(feed: Feed, mailboxJobId: string, passId: string, error: unknown, signal: AbortSignal): Promise<bigint | undefined> {
    const from = feed.heldFrom;
    await this.#drop(feed);
    const wait = isFault(error) ? (LOST.has(error.code) ? LOST_WAIT_MS : retryDelayMs(error.retry)) : undefined;
    if (wait !== undefined || signal.aborted) {
      await this.#ports.clock.sleep(Math.max(wait ?? 0, 250), signal).catch(() => undefined);
      feed.heldFrom = from;
      return from;
    }
    if (!isFault(error)) this.#ports.defect(error);
    const control = await readPassControl(this.#ports.store, mailboxJobId, passId);
    feed.heldFrom = from;
    feed.failedAttempt = control?.attempt ?? 1;
    if (control !== undefined) await fail(this.#ports, control, isFault(error) ? error : undefined);
    return undefined;
  }

  async #drop(feed: Feed): Promise<void> {
    await feed.builder?.release().catch(() => undefined);
    feed.builder = undefined;
  }

  async #commit(): Promise<void> {
    const held = [...this.#feeds.values()].flatMap((feed) => (feed.heldFrom === undefined ? [] : [feed.heldFrom]));
    const low = held.reduce<bigint | undefined>(
      (least, offset) => (least === undefined || offset < least ? offset : least),
      this.#position,
    );
    if (low === undefined || low === this.#committed) return;
    await this.#partition.commit(low);
    this.#committed = low;
  }
}

const fail = async (ports: BuilderPorts, control: PassControl, fault: Fault | undefined): Promise<void> => {
  const cause = fault === undefined ? causeOfDefect('pst-builder') : causeOf(fault);
  await appendBuildEvent(ports, control.refs.passId, `failed/${control.attempt}`, {
    type: 'BuildFailed',
    data: { ...control.refs, attempt: control.attempt, cause, at: ports.clock.now() },
  });
};
