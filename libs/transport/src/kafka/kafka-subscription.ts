import kafkajs, { type Consumer, type EachBatchPayload, type Kafka, type KafkaMessage } from 'kafkajs';
import type { Clock } from '@pstream/kernel';
import type { LogRecord, SubscribeOptions, Subscription } from '../transport.js';
import { isDefect, kafkaFault } from './faults.js';
import { KafkaPartition, type Located, type PartitionPort } from './kafka-partition.js';
import type { Notice, Outage, Part } from './outage.js';
import { stickyAssigner } from './sticky-assigner.js';

const { logLevel } = kafkajs;

/** What a subscription asks of its transport. */
export type SubscriptionPort = {
  readonly clock: Clock;
  readonly kafka: Kafka;
  readonly sessionMs: number;
  /** Positions of the partitions of a topic: the group's, the first and the last. */
  readonly positions: (
    topic: string,
    group: string,
  ) => Promise<ReadonlyMap<number, { committed: bigint | undefined; start: bigint; end: bigint }>>;
  readonly committed: (topic: string, group: string) => void;
  readonly received: (topic: string, records: number, bytes: number) => void;
  readonly outage: Outage;
  readonly notice: Notice;
};

// Also how soon a member hears that its group is rebalancing. The shortest session that brokers take is 6,000.
const HEARTBEAT_MS = 1_000;
// How long a group waits for members that do not join again; the client waits five seconds more for the answer.
const REBALANCE_MS = 15_000;
// Tries until the client begins again from scratch, about 20 seconds: a broker that has just begun takes some to find out who
// coordinates a group. Waits between them stay short, since an outage must not be slept through.
const RETRY = { initialRetryTime: 300, maxRetryTime: 2_000, retries: 12 };
// Until a consumer that has crashed is replaced.
const AGAIN_MS = 1_000;
// Heartbeats that fail to appear for so long are an outage.
const SILENT_MS = 5_000;
// How long a broker holds a fetch open. Also how long a paused partition takes to go on, at most.
const FETCH_WAIT_MS = 250;
// Batches handled side by side; more partitions than this take turns.
const SIDE_BY_SIDE = 64;
const MIN_FETCH_BYTES = 1024 * 1024;

/** A consumer of a group: tells partitions apart, follows rebalances, and stands between kafkajs and the handler. */
export class KafkaSubscription implements Subscription {
  private readonly port: SubscriptionPort;
  private readonly options: SubscribeOptions;
  private consumer: Consumer;
  private readonly owned = new Map<string, KafkaPartition>();
  private readonly leaving = new Map<string, Promise<void>>();
  private memberId: string | undefined;
  private commitNow: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  private readonly part: Part;
  /** When the group's coordinator last answered, and since when the group has been rebalancing, if it is. Monotonic. */
  private heardMs = 0;
  private joiningMs: number | undefined;
  private readonly watching = new AbortController();
  private closing: Promise<void> | undefined;

  constructor(port: SubscriptionPort, options: SubscribeOptions) {
    this.port = port;
    this.options = options;
    this.part = { name: `group ${options.group}` };
    this.consumer = this.newConsumer();
  }

  /** Resolves when the group has given this consumer its first partitions and each knows where it begins. */
  async start(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      await this.consumer.disconnect().catch(() => undefined);
      throw kafkaFault(error, { group: this.options.group });
    }
    await Promise.all([...this.owned.values()].map(({ located }) => located));
    void this.watch();
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      this.watching.abort();
      this.port.outage.over(this.part);
      await Promise.all([...this.owned.values()].map((partition) => partition.release()));
      await Promise.all(this.leaving.values());
      await this.consumer.disconnect().catch(() => undefined);
    })();
    return this.closing;
  }

  private newConsumer(): Consumer {
    const consumer = this.port.kafka.consumer({
      groupId: this.options.group,
      sessionTimeout: this.port.sessionMs,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: Math.max(this.options.maxBatchBytes ?? MIN_FETCH_BYTES * 4, MIN_FETCH_BYTES),
      allowAutoTopicCreation: false,
      retry: RETRY,
      partitionAssigners: [stickyAssigner(() => this.ownedByTopic())],
    });
    consumer.logger().setLogLevel(logLevel.NOTHING);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.joined(payload.memberId, payload.memberAssignment));
    consumer.on(consumer.events.HEARTBEAT, () => this.heard());
    consumer.on(consumer.events.REBALANCING, () => (this.joiningMs = this.port.clock.monotonicMs()));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) void this.crashed(payload.error);
    });
    return consumer;
  }

  private async run(): Promise<void> {
    const { consumer } = this;
    await consumer.connect();
    // Where to begin is decided in `locate`; this only says what becomes of a position that retention has overtaken.
    await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
    await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: SIDE_BY_SIDE, eachBatch: (payload) => this.batch(payload) });
  }

  /** kafkajs begins again by itself after what it knows to be passing. Among what it does not know is 'Broker not connected', which an outage
   *  brings about, so another consumer takes the place of this one. */
  private async crashed(error: unknown): Promise<void> {
    const fault = kafkaFault(error, { group: this.options.group });
    if (this.closing !== undefined) return;
    if (fault.retry === 'never' || isDefect(error)) return this.failed(fault);
    const { signal } = this.watching;
    this.port.outage.failed(this.part, String(fault.facts['reason']));
    await this.consumer.disconnect().catch(() => undefined);
    await this.port.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    this.commitNow = undefined;
    this.consumer = this.newConsumer();
    try {
      await this.run();
    } catch (again) {
      await this.crashed(again);
    }
  }

  private heard(): void {
    this.heardMs = this.port.clock.monotonicMs();
    this.joiningMs = undefined;
    if (this.closing === undefined) this.port.outage.over(this.part);
  }

  /** The client retries without an event that says so; what it cannot hide is that its heartbeats fail to appear. */
  private async watch(): Promise<void> {
    const { clock, outage } = this.port;
    const { signal } = this.watching;
    while (!signal.aborted) {
      await clock.sleep(HEARTBEAT_MS, signal).catch(() => undefined);
      const patienceMs = this.joiningMs === undefined ? SILENT_MS : REBALANCE_MS + SILENT_MS;
      if (!signal.aborted && clock.monotonicMs() - (this.joiningMs ?? this.heardMs) > patienceMs) outage.failed(this.part, 'no-heartbeat');
    }
  }

  private failed(error: unknown): void {
    if (this.closing !== undefined) return;
    // First, since closing waits for handlers, and one that does not return must not hide the failure.
    this.options.handler.failed(error);
    void this.close().catch(() => undefined);
  }

  private ownedByTopic(): Record<string, number[]> {
    const owned: Record<string, number[]> = {};
    for (const { topic, partition } of this.owned.values()) (owned[topic] ??= []).push(partition);
    return owned;
  }

  /** Runs in the same turn in which the group has decided, before anything is fetched. */
  private joined(memberId: string, assignment: Readonly<Record<string, readonly number[]>>): void {
    if (this.closing !== undefined) return;
    // A new member id means that the session had ended: others may have owned the partitions in the meantime.
    const sameMember = this.memberId === undefined || this.memberId === memberId;
    this.memberId = memberId;
    // It belongs to the member that was.
    if (!sameMember) this.commitNow = undefined;
    this.heard();
    const before = this.owned.size;
    let kept = 0;
    const now = new Set(
      Object.entries(assignment).flatMap(([topic, partitions]) => partitions.map((partition) => keyOf(topic, partition))),
    );
    for (const [key, partition] of this.owned) {
      if (sameMember && now.has(key)) {
        partition.stay();
        kept++;
        continue;
      }
      this.owned.delete(key);
      const left = partition.lose().finally(() => this.leaving.get(key) === left && this.leaving.delete(key));
      this.leaving.set(key, left);
    }
    for (const [topic, partitions] of Object.entries(assignment)) {
      const fresh = partitions.filter((partition) => !this.owned.has(keyOf(topic, partition)));
      let positions: Promise<Awaited<ReturnType<SubscriptionPort['positions']>>> | undefined;
      for (const partition of fresh) {
        const key = keyOf(topic, partition);
        const locate = async (): Promise<Located> => {
          positions ??= this.port.positions(topic, this.options.group);
          try {
            return await this.locate(topic, partition, await positions);
          } catch (error) {
            positions = undefined;
            throw error;
          }
        };
        this.owned.set(key, new KafkaPartition(topic, partition, this.partitionPort(), this.leaving.get(key) ?? Promise.resolve(), locate));
      }
    }
    const partitions = this.owned.size;
    this.port.notice('info', 'transport.rebalanced', {
      group: this.options.group,
      partitions,
      gained: partitions - kept,
      lost: before - kept,
    });
  }

  private async locate(topic: string, partition: number, positions: Awaited<ReturnType<SubscriptionPort['positions']>>): Promise<Located> {
    const { committed, start, end } = positions.get(partition) ?? { committed: undefined, start: 0n, end: 0n };
    const latest = this.options.from === 'latest';
    // Otherwise a rebalance before the first commit would make the end of that moment the beginning.
    if (latest && committed === undefined) await this.commit(topic, partition, end);
    return { committed, begin: latest ? end : start, logStart: start };
  }

  private partitionPort(): PartitionPort {
    const { consumer } = this;
    return {
      clock: this.port.clock,
      group: this.options.group,
      handler: this.options.handler,
      maxBatchBytes: this.options.maxBatchBytes ?? MIN_FETCH_BYTES * 4,
      commit: (topic, partition, next) => this.commit(topic, partition, next),
      fetchFrom: (topic, partition, offset) => this.whileRunning(() => consumer.seek({ topic, partition, offset: String(offset) })),
      fetching: (topic, partition, on) => {
        const which = [{ topic, partitions: [partition] }];
        this.whileRunning(() => (on ? consumer.resume(which) : consumer.pause(which)));
      },
      logStart: async (topic, partition) => (await this.port.positions(topic, this.options.group)).get(partition)?.start ?? 0n,
      failed: (error) => this.failed(error),
    };
  }

  /** Between a crash of the consumer and its restart there is nothing to steer; the next join settles everything. */
  private whileRunning(steer: () => void): void {
    try {
      steer();
    } catch {
      return;
    }
  }

  private async commit(topic: string, partition: number, next: bigint): Promise<void> {
    const offset = String(next);
    try {
      // Without the client's own retries: those would go on after a rebalance and move a position that is no longer ours.
      if (this.commitNow === undefined) await this.consumer.commitOffsets([{ topic, partition, offset }]);
      else await this.commitNow({ topics: [{ topic, partitions: [{ partition, offset }] }] });
    } catch (error) {
      throw kafkaFault(error, { topic, partition, group: this.options.group });
    }
    this.port.committed(topic, this.options.group);
  }

  private async batch(payload: EachBatchPayload): Promise<void> {
    this.commitNow = (offsets) => payload.commitOffsetsIfNecessary(offsets);
    const { batch } = payload;
    const { topic, partition } = batch;
    const owned = this.owned.get(keyOf(topic, partition));
    if (owned === undefined || this.closing !== undefined) return;
    const records = batch.messages.map((message) => toRecord(topic, partition, message));
    this.port.received(
      topic,
      records.length,
      records.reduce((sum, { value }) => sum + value.length, 0),
    );
    await owned.offer(records, BigInt((batch as unknown as { fetchedOffset: string }).fetchedOffset), BigInt(batch.lastOffset()) + 1n);
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

const NO_BYTES = new Uint8Array(0);

const toRecord = (topic: string, partition: number, message: KafkaMessage): LogRecord => {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) headers[name] = String(Array.isArray(value) ? value[0] : value);
  const { value } = message;
  return {
    topic,
    partition,
    offset: BigInt(message.offset),
    key: message.key?.toString() ?? '',
    headers,
    value: value === null ? NO_BYTES : new Uint8Array(value.buffer, value.byteOffset, value.length),
  };
};
