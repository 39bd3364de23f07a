import { Fault, isFault, retryDelayMs, type Clock } from '@pstream/kernel';
import { inPlaceOf, type DeadLetters } from './dead-letters.js';
import { InFlight } from './in-flight.js';
import { KeptPlace, type Place } from './place.js';
import { Seniority } from './seniority.js';
import type { DamagedRecord, LogRecord, PartitionConsumer, PartitionHandler, Subscription, Transport } from './transport.js';

export type ConsumeByKeyOptions = {
  readonly clock: Clock;
  readonly topics: readonly string[];
  readonly group: string;
  /** Most handlers at work at once, over all partitions. Default 16. */
  readonly concurrency?: number;
  /** Most bytes of values taken from the log and not yet handled (one record always is). Default 16 MiB. */
  readonly maxInFlightBytes?: number;
  /** Where a group without a position begins. Default 'earliest'. */
  readonly from?: 'earliest' | 'latest';
  /** Resolves when the record's effect is durable. A Fault that may be retried repeats it after the delay, and holds back
   *  only its own key; a Fault that says never sends it to the dead letters; any other error ends the consumer.
   *  The signal aborts when the partition is lost or the consumer closes. */
  readonly handler: (record: LogRecord, signal: AbortSignal, place: Place) => Promise<void>;
  /** Records that must not wait for others: each is handled at once, beside the earlier ones of its key, and beyond `concurrency` and
   *  `maxInFlightBytes`. Those of one key stay in order among themselves. They must have been read: where others wait for room in front of them on
   *  the log, they wait too, so leave room for what may be there. Default: none. */
  readonly ahead?: (record: LogRecord) => boolean;
  /** Whether keys that were taken first go first, so that what was begun is finished; by default each key has its turn. */
  readonly oldestFirst?: boolean;
  /** Takes the records that must not be tried again, and what is left of damaged ones. */
  readonly deadLetters: DeadLetters;
  /** The consumer has ended by an error; nothing of the record at fault was committed. The process should end. */
  readonly failed: (error: unknown) => void;
};

const DEFAULT_CONCURRENCY = 16;
const DEFAULT_IN_FLIGHT_BYTES = 16 * 1024 * 1024;
// Counted for every record beside its value, so that many tiny ones are bounded too.
const RECORD_OVERHEAD_BYTES = 512;

/** Consumes topics in parallel by key and in order within a key. Bounded in bytes; a group's position moves to the lowest
 *  record that is still at work, so that a crash repeats records and loses none. */
export const consumeByKey = async (transport: Transport, options: ConsumeByKeyOptions): Promise<Subscription> => {
  const consumer = new KeyedConsumer(transport, options);
  await consumer.start();
  return { close: () => consumer.close() };
};

/** Records of one key, in order. The first is the one at work. Those that go ahead of the others have a lane of their own. */
type Lane = { readonly partition: Partition; readonly name: string; readonly ahead: boolean; readonly records: LogRecord[] };

class Partition {
  readonly consumer: PartitionConsumer;
  readonly lanes = new Map<string, Lane>();
  readonly inFlight = new InFlight();
  readonly ending = new AbortController();
  followed: AbortSignal | undefined;
  working = 0;
  idle: (() => void) | undefined;
  committing: Promise<void> | undefined;

  constructor(consumer: PartitionConsumer) {
    this.consumer = consumer;
  }
}

class KeyedConsumer implements PartitionHandler {
  private readonly transport: Transport;
  private readonly options: ConsumeByKeyOptions;
  private readonly partitions = new Map<PartitionConsumer, Partition>();
  private readonly ready: Lane[] = [];
  private readonly seniority: Seniority;
  private working = 0;
  private bytes = 0;
  private readonly damage = new WeakMap<LogRecord, Fault>();
  private readonly waitingForRoom = new Set<() => void>();
  private subscription: Promise<Subscription> | undefined;
  private ended = false;

  constructor(transport: Transport, options: ConsumeByKeyOptions) {
    this.transport = transport;
    this.options = options;
    this.seniority = new Seniority(options.clock);
  }

  async start(): Promise<void> {
    const { topics, group, from } = this.options;
    this.subscription = this.transport.subscribe({ topics, group, handler: this, ...(from === undefined ? {} : { from }) });
    await this.subscription;
  }

  async close(): Promise<void> {
    this.ended = true;
    await (await this.subscription)?.close();
  }

  assigned(consumer: PartitionConsumer): Promise<void> {
    this.partitions.set(consumer, new Partition(consumer));
    return Promise.resolve();
  }

  damaged(consumer: PartitionConsumer, record: DamagedRecord, signal: AbortSignal): Promise<void> {
    const inItsPlace = inPlaceOf(record);
    this.damage.set(inItsPlace, record.fault);
    return this.batch(consumer, [inItsPlace], signal);
  }

  async batch(consumer: PartitionConsumer, records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const partition = this.partitions.get(consumer);
    if (partition === undefined) return;
    this.follow(partition, signal);
    for (const record of records) {
      const ahead = this.isAhead(record);
      while (!ahead && this.bytes > 0 && this.bytes + costOf(record) > (this.options.maxInFlightBytes ?? DEFAULT_IN_FLIGHT_BYTES)) {
        if (partition.ending.signal.aborted) return;
        await this.room(partition.ending.signal);
      }
      if (partition.ending.signal.aborted) return;
      this.take(partition, record, ahead);
    }
  }

  async revoked(consumer: PartitionConsumer): Promise<void> {
    const partition = this.partitions.get(consumer);
    if (partition === undefined) return;
    this.partitions.delete(consumer);
    partition.ending.abort(new Fault('transport.not-owner', { retry: 'never' }));
    if (partition.working > 0) await new Promise<void>((resolve) => (partition.idle = resolve));
    for (const lane of partition.lanes.values()) for (const record of lane.records) this.bytes -= costOf(record);
    partition.lanes.clear();
    this.roomMade();
    await partition.committing;
    const next = partition.inFlight.next;
    // Best effort: where the partition belongs to somebody else already, they repeat what was done since the last commit.
    if (next !== undefined) await consumer.commit(next).catch(() => undefined);
  }

  failed(error: unknown): void {
    this.ended = true;
    this.options.failed(error);
  }

  /** Records stay at work after their batch was taken over, so the partition's signal matters from the first batch on. */
  private follow(partition: Partition, signal: AbortSignal): void {
    if (partition.followed === signal) return;
    partition.followed = signal;
    if (signal.aborted) partition.ending.abort(signal.reason);
    else signal.addEventListener('abort', () => partition.ending.abort(signal.reason), { once: true, signal: partition.ending.signal });
  }

  /** A record that is damaged, or that cannot be read, waits its turn like any other. */
  private isAhead(record: LogRecord): boolean {
    return !this.damage.has(record) && this.options.ahead?.(record) === true;
  }

  private take(partition: Partition, record: LogRecord, ahead: boolean): void {
    partition.inFlight.add(record.offset);
    this.bytes += costOf(record);
    const name = `${ahead ? 'ahead' : 'inTurn'}/${record.key}`;
    const known = partition.lanes.get(name);
    if (known !== undefined) {
      known.records.push(record);
      return;
    }
    const lane: Lane = { partition, name, ahead, records: [record] };
    partition.lanes.set(name, lane);
    this.goOn(lane);
    this.pump();
  }

  /** The first record of a lane may be handled: now, or as soon as there is a place. */
  private goOn(lane: Lane): void {
    if (!lane.ahead) this.enqueue(lane);
    else if (!lane.partition.ending.signal.aborted) void this.work(lane);
  }

  private enqueue(lane: Lane): void {
    const rankOf = ({ records }: Lane): number => this.seniority.of(records[0]!.key);
    const rank = this.options.oldestFirst === true ? rankOf(lane) : Infinity;
    const at = rank === Infinity ? -1 : this.ready.findIndex((other) => rankOf(other) > rank);
    this.ready.splice(at === -1 ? this.ready.length : at, 0, lane);
  }

  private pump(): void {
    while (this.working < (this.options.concurrency ?? DEFAULT_CONCURRENCY)) {
      const lane = this.ready.shift();
      if (lane === undefined) return;
      if (lane.partition.ending.signal.aborted) continue;
      void this.work(lane);
    }
  }

  /** Handles the first record of a lane once, and says what becomes of the lane. Never rejects. */
  private async work(lane: Lane): Promise<void> {
    const { partition } = lane;
    const { signal } = partition.ending;
    const record = lane.records[0]!;
    const place = new KeptPlace(lane.ahead, signal, this.options.clock, {
      taken: (places) => (this.working += places),
      lent: () => this.pump(),
    });
    partition.working++;
    let delay: number | undefined;
    let done = false;
    try {
      await this.handleOrBury(record, signal, place);
      done = true;
    } catch (error) {
      if (!signal.aborted) delay = this.delayAfter(error);
    }
    place.end();
    partition.working--;
    if (done) this.finish(lane, record);
    else if (delay !== undefined) this.again(lane, delay);
    if (partition.working === 0) partition.idle?.();
    this.pump();
  }

  /** Resolves when the record is done with: its effect is durable, or the record is among the dead letters. */
  private async handleOrBury(record: LogRecord, signal: AbortSignal, place: Place): Promise<void> {
    try {
      await this.handle(record, signal, place);
    } catch (error) {
      if (signal.aborted || !isFault(error) || error.retry !== 'never') throw error;
      await this.options.deadLetters.write(record, this.options.group, error, signal);
    }
  }

  private async handle(record: LogRecord, signal: AbortSignal, place: Place): Promise<void> {
    const damage = this.damage.get(record);
    if (damage !== undefined) throw damage;
    return this.options.handler(record, signal, place);
  }

  /** Milliseconds until the lane goes on, or undefined if this was the end. */
  private delayAfter(error: unknown): number | undefined {
    const delay = isFault(error) ? retryDelayMs(error.retry) : undefined;
    if (delay === undefined) this.fail(error);
    return delay;
  }

  private again(lane: Lane, delay: number): void {
    const back = (): void => {
      this.goOn(lane);
      this.pump();
    };
    this.options.clock.sleep(delay, lane.partition.ending.signal).then(back, () => undefined);
  }

  private finish(lane: Lane, record: LogRecord): void {
    const { partition } = lane;
    lane.records.shift();
    this.bytes -= costOf(record);
    this.roomMade();
    partition.inFlight.done(record.offset);
    if (lane.records.length > 0) this.goOn(lane);
    else partition.lanes.delete(lane.name);
    if (!partition.ending.signal.aborted) this.commit(partition);
  }

  private commit(partition: Partition): void {
    partition.committing ??= this.commitAll(partition);
  }

  private async commitAll(partition: Partition): Promise<void> {
    const { signal } = partition.ending;
    try {
      // What finishes in this turn of the event loop shares one commit.
      await this.options.clock.yield();
      for (;;) {
        const next = partition.inFlight.next;
        if (next === undefined || signal.aborted) return;
        const delay = await this.commitOnce(partition, next);
        if (delay === undefined) return;
        if (delay > 0) await this.options.clock.sleep(delay, signal).catch(() => undefined);
      }
    } finally {
      partition.committing = undefined;
    }
  }

  /** Milliseconds until the next commit may be tried, or undefined if there is to be none. */
  private async commitOnce(partition: Partition, next: bigint): Promise<number | undefined> {
    try {
      await partition.consumer.commit(next);
      partition.inFlight.committed(next);
      return 0;
    } catch (error) {
      if (partition.ending.signal.aborted || (isFault(error) && error.code === 'transport.not-owner')) return undefined;
      const delay = isFault(error) ? retryDelayMs(error.retry) : undefined;
      if (delay === undefined) this.fail(error);
      return delay;
    }
  }

  /** Ends the consumer. `failed` comes first and the subscription is not awaited: it waits for the handlers, among them the one that
   *  has just failed. */
  private fail(error: unknown): void {
    if (this.ended) return;
    this.ended = true;
    for (const { ending } of this.partitions.values()) ending.abort(error);
    this.options.failed(error);
    this.subscription?.then((subscription) => subscription.close()).catch(() => undefined);
  }

  private async room(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.waitingForRoom.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.waitingForRoom.add(go);
      signal.addEventListener('abort', go, { once: true });
      if (signal.aborted) go();
    });
  }

  private roomMade(): void {
    for (const go of this.waitingForRoom) go();
  }
}

const costOf = (record: LogRecord): number => record.value.length + RECORD_OVERHEAD_BYTES;
