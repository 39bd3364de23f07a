import type { Clock } from '@pstream/kernel';
import { attempting } from '../attempting.js';
import { notOwnerFault } from '../faults.js';
import type { LogRecord, PartitionConsumer, PartitionHandler } from '../transport.js';

/** What a partition asks of the consumer that it belongs to. */
export type PartitionPort = {
  readonly clock: Clock;
  readonly group: string;
  readonly handler: PartitionHandler;
  readonly maxBatchBytes: number;
  readonly commit: (topic: string, partition: number, next: bigint) => Promise<void>;
  /** The next fetch is to begin here. */
  readonly fetchFrom: (topic: string, partition: number, offset: bigint) => void;
  readonly fetching: (topic: string, partition: number, on: boolean) => void;
  /** First offset that is still there. Faults 'transport.*'. */
  readonly logStart: (topic: string, partition: number) => Promise<bigint>;
  readonly failed: (error: unknown) => void;
};

/** Where a partition stands when it is assigned. */
export type Located = { readonly committed: bigint | undefined; readonly begin: bigint; readonly logStart: bigint };

// kafkajs fetches nothing from a broker while one of its batches is being handled. A handler that takes longer than this goes on
// beside the fetching, with its partition paused, so that it holds up no other partition and no heartbeat.
const GRACE_MS = 200;

/** A partition that the group has given to this process. What was fetched waits here and is handed over in bounded batches. */
export class KafkaPartition implements PartitionConsumer {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the next record to hand over. */
  position: bigint | undefined;
  /** Resolves when the position is known, or the partition was lost before. */
  readonly located: Promise<void>;
  logStart = 0n;
  private readonly port: PartitionPort;
  private readonly ending = new AbortController();
  private readonly attempt: (step: () => Promise<unknown>) => Promise<boolean>;
  private readonly started: Promise<void>;
  private buffer: readonly LogRecord[] = [];
  private after = 0n;
  private draining: Promise<void> | undefined;
  private seeks = 0;
  /** The position that was asked for again, since something behind it had come. */
  private askedAgain: bigint | undefined;
  private paused = false;
  private owned = true;
  private ended: Promise<void> | undefined;

  /** `before` is awaited first: the same partition may still be on its way out. */
  constructor(topic: string, partition: number, port: PartitionPort, before: Promise<void>, locate: () => Promise<Located>) {
    this.topic = topic;
    this.partition = partition;
    this.port = port;
    this.attempt = attempting(port, this.ending);
    const located = Promise.withResolvers<void>();
    this.located = located.promise;
    port.fetching(topic, partition, false);
    this.started = this.start(before, locate, located.resolve);
  }

  async commit(next: bigint): Promise<void> {
    this.mustOwn();
    await this.port.commit(this.topic, this.partition, next);
  }

  seek(offset: bigint): void {
    this.mustOwn();
    this.position = offset > this.logStart ? offset : this.logStart;
    this.seeks++;
    this.buffer = [];
    this.port.fetchFrom(this.topic, this.partition, this.position);
  }

  pause(): void {
    this.mustOwn();
    this.paused = true;
    this.port.fetching(this.topic, this.partition, false);
  }

  resume(): void {
    this.mustOwn();
    if (!this.paused) return;
    this.paused = false;
    this.goOn();
  }

  /** Takes over what was fetched from `fetchedFrom` on; resolves when it has been handed over, or soon. */
  async offer(records: readonly LogRecord[], fetchedFrom: bigint, after: bigint): Promise<void> {
    const { position } = this;
    if (!this.owned || position === undefined) return;
    if (this.draining !== undefined || this.paused || fetchedFrom > position) {
      // Asked for before a seek or a pause: it is fetched again from where this stands. What comes a second time in its stead is the beginning of the log,
      // from which the client goes on where retention has overtaken a position.
      if (this.askedAgain === position) await this.leaveForgotten(position);
      this.askedAgain = this.draining !== undefined || this.paused ? undefined : position;
      this.port.fetchFrom(this.topic, this.partition, this.position ?? position);
      return;
    }
    this.askedAgain = undefined;
    this.buffer = records.filter(({ offset }) => offset >= position);
    if (this.buffer.length === 0) {
      this.position = after;
      return;
    }
    this.after = after;
    const timer = new AbortController();
    const draining = this.drain();
    this.draining = draining;
    const slow = this.port.clock.sleep(GRACE_MS, timer.signal).then(
      () => true,
      () => false,
    );
    const inTime = await Promise.race([draining.then(() => true), slow.then(() => false)]);
    timer.abort();
    if (inTime) {
      if (!this.paused && !this.ending.signal.aborted) this.port.fetching(this.topic, this.partition, true);
      return;
    }
    this.port.fetching(this.topic, this.partition, false);
    draining.then(
      () => this.goOn(),
      () => undefined,
    );
  }

  private async leaveForgotten(position: bigint): Promise<void> {
    const start = await this.port.logStart(this.topic, this.partition).catch(() => position);
    if (start > position && this.position === position) [this.logStart, this.position] = [start, start];
  }

  /** After a rebalance that left the partition here: fetching begins again where this stands. */
  stay(): void {
    if (this.position !== undefined) this.port.fetchFrom(this.topic, this.partition, this.position);
  }

  /** The partition belongs to somebody else from now on. Resolves when the handler has let go. */
  lose(): Promise<void> {
    this.owned = false;
    return this.end();
  }

  /** The subscription closes: the handler may commit once more while it lets go. */
  async release(): Promise<void> {
    await this.end();
    this.owned = false;
  }

  private mustOwn(): void {
    if (!this.owned) throw notOwnerFault(this.topic, this.partition, this.port.group);
  }

  private end(): Promise<void> {
    this.ended ??= (async () => {
      this.ending.abort(notOwnerFault(this.topic, this.partition, this.port.group));
      await this.started;
      await this.draining;
      await Promise.resolve(this.port.handler.revoked?.(this)).catch((error: unknown) => this.port.failed(error));
    })();
    return this.ended;
  }

  private async start(before: Promise<void>, locate: () => Promise<Located>, located: () => void): Promise<void> {
    const { signal } = this.ending;
    await before;
    let found: Located | undefined;
    while (!signal.aborted && !(await this.attempt(async () => void (found = await locate()))));
    if (found !== undefined) {
      const { committed, begin, logStart } = found;
      this.logStart = logStart;
      this.position = committed ?? begin;
      if (this.position < logStart) this.position = logStart;
      located();
      while (!signal.aborted && !(await this.attempt(async () => this.port.handler.assigned?.(this, committed))));
    }
    located();
    if (!signal.aborted) this.goOn();
  }

  /** Fetching goes on where this stands, unless it is paused. */
  private goOn(): void {
    if (this.ending.signal.aborted || this.paused || this.position === undefined) return;
    this.port.fetchFrom(this.topic, this.partition, this.position);
    if (this.draining === undefined) this.port.fetching(this.topic, this.partition, true);
  }

  private async drain(): Promise<void> {
    const { signal } = this.ending;
    const seeks = this.seeks;
    try {
      while (this.buffer.length > 0 && !signal.aborted && !this.paused) {
        const batch = firstOf(this.buffer, this.port.maxBatchBytes);
        await this.attempt(async () => {
          await this.port.handler.batch(this, batch, signal);
          if (seeks !== this.seeks) return;
          this.buffer = this.buffer.slice(batch.length);
          this.position = batch.at(-1)!.offset + 1n;
        });
      }
      if (seeks === this.seeks && this.buffer.length === 0) this.position = this.after;
      // A pause left something behind; it is fetched again after the resume.
      if (this.paused && this.position !== undefined) this.port.fetchFrom(this.topic, this.partition, this.position);
    } finally {
      this.buffer = [];
      this.draining = undefined;
    }
  }
}

const firstOf = (records: readonly LogRecord[], maxBytes: number): readonly LogRecord[] => {
  let bytes = 0;
  let count = 0;
  while (count < records.length && (count === 0 || bytes + records[count]!.value.length <= maxBytes))
    bytes += records[count++]!.value.length;
  return count === records.length ? records : records.slice(0, count);
};
