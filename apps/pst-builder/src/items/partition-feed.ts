import { ITEMS_GROUP, readItemRecord, type ItemMeta } from '@pstream/contracts';
import { isFault } from '@pstream/kernel';
import type { DeadLetters, LogRecord, PartitionConsumer } from '@pstream/transport';
import type { BuilderPorts } from '../pass/builder-ports.js';
import { PassFeed } from './pass-feed.js';
import { passesAside } from './set-aside.js';

/** A pass that is busy with one record for this long holds the others of its partition up no longer: what waits behind it is set aside.
 *  Less would have slow destinations store what they will take in a moment. */
const STUCK_MS = 5_000;

/** One partition of the items topic: hands records to the feeds of their passes, which work side by side, and moves the group's position
 *  behind what is durable. */
export class PartitionFeed {
  readonly #partition: PartitionConsumer;
  readonly #ports: BuilderPorts;
  readonly #deadLetters: Pick<DeadLetters, 'write'>;
  readonly #failed: (error: unknown) => void;
  readonly #ending = new AbortController();
  readonly #feeds = new Map<string, PassFeed>();
  #position: bigint | undefined;
  #committed: bigint | undefined;
  #committing: Promise<void> = Promise.resolve();
  /** How often the position was set back: what is left of a batch from before is delivered again. */
  #rewinds = 0;
  #moved = Promise.withResolvers<void>();

  constructor(
    partition: PartitionConsumer,
    ports: BuilderPorts,
    process: { readonly deadLetters: Pick<DeadLetters, 'write'>; readonly failed: (error: unknown) => void },
  ) {
    this.#partition = partition;
    this.#ports = ports;
    this.#deadLetters = process.deadLetters;
    this.#failed = process.failed;
  }

  /** Takes up what earlier owners have set aside. Faults as of the working storage. */
  async begin(): Promise<void> {
    for (const { mailboxJobId, passId } of await passesAside(this.#ports.work, this.#partition.partition))
      this.#feedOf(mailboxJobId, passId).catchUp();
  }

  /** Resolves when every record has been given to its builder, or has been set aside. */
  async batch(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const rewinds = this.#rewinds;
    const isOurs = (): boolean => !signal.aborted && !this.#ending.signal.aborted && rewinds === this.#rewinds;
    for (const record of records) {
      if (!isOurs()) return;
      const meta = await this.#readOrBury(record, signal);
      if (!isOurs()) return;
      if (meta !== undefined) this.#feedOf(record.key, meta.passId).take({ offset: record.offset, meta, value: record.value });
      this.#position = record.offset + 1n;
    }
    await this.#handled(signal);
    await this.#commit();
  }

  /** Goes on behind a damaged record. An item is missed at the end of its pass and listed there; a marker comes again. */
  async passOver(offset: bigint): Promise<void> {
    this.#position = offset + 1n;
    await this.#commit();
  }

  /** Called every second. */
  async tick(): Promise<void> {
    for (const [passId, feed] of this.#feeds) {
      feed.tick();
      if (feed.isOver) this.#feeds.delete(passId);
    }
    await this.#storeAside();
    await this.#commit();
  }

  /** Lets go of every pass. */
  async close(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#feeds.values()].map((feed) => feed.close()));
    await this.#commit().catch(() => undefined);
    this.#feeds.clear();
  }

  #feedOf(mailboxJobId: string, passId: string): PassFeed {
    const known = this.#feeds.get(passId);
    if (known !== undefined) return known;
    const position = (): bigint | undefined => this.#position;
    const feed = new PassFeed(
      this.#ports,
      { mailboxJobId, passId },
      {
        partition: this.#partition.partition,
        get position() {
          return position();
        },
        signal: this.#ending.signal,
        rewind: (from) => this.#rewind(from),
        moved: () => {
          this.#moved.resolve();
          this.#moved = Promise.withResolvers();
        },
        failed: this.#failed,
      },
    );
    this.#feeds.set(passId, feed);
    return feed;
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

  /** Waits for the feeds; one that is stuck is waited for no longer. */
  async #handled(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const until = AbortSignal.any([over.signal, signal, this.#ending.signal]);
    // Until the first of those that are busy now is stuck; whoever becomes busy later is stuck later.
    let slept: Promise<void> | undefined;
    for (;;) {
      const waiting = [...this.#feeds.values()].filter((feed) => feed.waits && !this.#isStuck(feed));
      if (waiting.length === 0 || until.aborted) break;
      slept ??= this.#ports.clock.sleep(this.#stuckInMs(waiting), until).then(
        () => (slept = undefined),
        () => undefined,
      );
      await Promise.race([this.#moved.promise, slept]);
    }
    over.abort();
    for (const feed of this.#feeds.values()) if (this.#isStuck(feed)) feed.overflow();
    await this.#storeAside();
  }

  #stuckInMs(waiting: readonly PassFeed[]): number {
    const nowMs = this.#ports.clock.monotonicMs();
    return Math.max(1, Math.min(...waiting.map(({ busySinceMs }) => (busySinceMs ?? nowMs) + STUCK_MS - nowMs)));
  }

  #isStuck({ busySinceMs }: PassFeed): boolean {
    return busySinceMs !== undefined && this.#ports.clock.monotonicMs() - busySinceMs >= STUCK_MS;
  }

  async #storeAside(): Promise<void> {
    await Promise.all([...this.#feeds.values()].map((feed) => feed.store()));
  }

  #rewind(from: bigint): void {
    if (this.#position !== undefined && from >= this.#position) return;
    this.#position = from;
    this.#rewinds++;
    // A partition that was lost meanwhile is read by its next owner.
    if (!this.#ending.signal.aborted) this.#partition.seek(from);
  }

  #commit(): Promise<void> {
    this.#committing = this.#committing
      .catch(() => undefined)
      .then(async () => {
        const low = [...this.#feeds.values()].reduce(
          (least, { lowest }) => (lowest !== undefined && (least === undefined || lowest < least) ? lowest : least),
          this.#position,
        );
        if (low === undefined || low === this.#committed) return;
        await this.#partition.commit(low);
        this.#committed = low;
      });
    return this.#committing;
  }
}
