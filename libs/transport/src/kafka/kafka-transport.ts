import kafkajs, { type Admin, type KafkaConfig } from 'kafkajs';
import type { Clock, Fault } from '@pstream/kernel';
import { closedFault, tooLargeFault, unknownTopicFault } from '../faults.js';
import type { Backlog, OutgoingRecord, SubscribeOptions, Subscription, TopicSpec, Transport } from '../transport.js';
import { kafkaFault } from './faults.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { Outage, type Notice, type Part } from './outage.js';
import { Producing } from './producing.js';
import { TopicSender } from './topic-sender.js';

const { Kafka, logLevel } = kafkajs;

export type KafkaTransportOptions = {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly clock: Clock;
  /** Encryption and authentication, as kafkajs takes them. */
  readonly security?: Pick<KafkaConfig, 'ssl' | 'sasl'>;
  /** Largest value that may be sent; topics are created to take it. Default 4 MiB. */
  readonly maxRecordBytes?: number;
  /** Copies of each new topic. Default: the broker's own setting. */
  readonly replicationFactor?: number;
  /** A member of a group that was silent for so long loses its partitions. Default 10,000. */
  readonly sessionMs?: number;
  /** How often records that every group of `retainFor` has done with are deleted, at most. Default 60,000. */
  readonly trimEveryMs?: number;
  /** Gets a line for each rebalance (`transport.rebalanced`) and for the begin and end of each outage (`transport.outage`,
   *  `transport.recovered`). Default: nobody does. */
  readonly notice?: Notice;
};

type Positions = ReadonlyMap<number, { committed: bigint | undefined; start: bigint; end: bigint }>;

const DEFAULT_RECORD_BYTES = 4 * 1024 * 1024;
// Key, headers and framing of one record beside its value.
const META_BYTES = 64 * 1024;
const VOLATILE_RETENTION_MS = 10 * 60_000;
const DEFAULT_TRIM_MS = 60_000;
const BROKER_DEFAULT = -1;
// A pause of the process shorter than the session costs nothing; longer, others go on with its work (Reliability §2.3).
const DEFAULT_SESSION_MS = 10_000;
// Waiting for brokers to lead a new topic: 10 seconds at least.
const LED_TRIES = 100;
const LED_WAIT_MS = 100;
const NOT_LED_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'NOT_LEADER_FOR_PARTITION', 'LEADER_NOT_AVAILABLE']);
// Framing of a record in a batch, generously.
const RECORD_FRAME_BYTES = 64;
// Bytes per record of a topic that this process has not seen any record of.
const GUESSED_RECORD_BYTES = 1024;
// What a request may take: the largest record over a slow line, and much less than the half minute in which an outage must be over.
const REQUEST_MS = 15_000;
// About three seconds of tries; whoever sends or asks tries again later.
const RETRY = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 };

const SENDING: Part = { name: 'send' };
const ASKING: Part = { name: 'ask' };

/** Connects to Kafka: the message log port over kafkajs. Run the process with --disable-warning=TimeoutNegativeWarning,
 *  which this client causes on Node 24. Throws Fault 'transport.unavailable' (retry) if no broker can be reached. */
export const kafkaTransport = async (options: KafkaTransportOptions): Promise<Transport> => {
  const transport = new KafkaTransport(options);
  await transport.connect();
  return transport;
};

class KafkaTransport implements Transport {
  readonly maxRecordBytes: number;
  private readonly options: KafkaTransportOptions;
  private readonly kafka: kafkajs.Kafka;
  private readonly admin: Admin;
  private readonly producing: Producing;
  private readonly notice: Notice;
  private readonly outage: Outage;
  private readonly senders = new Map<string, TopicSender>();
  private readonly known = new Set<string>();
  private readonly retained = new Map<string, readonly string[]>();
  private readonly trims = new Map<string, { at: number; running: boolean }>();
  private readonly averages = new Map<string, { records: number; bytes: number }>();
  private readonly subscriptions = new Set<KafkaSubscription>();
  private closing: Promise<void> | undefined;

  constructor(options: KafkaTransportOptions) {
    this.options = options;
    this.maxRecordBytes = options.maxRecordBytes ?? DEFAULT_RECORD_BYTES;
    this.kafka = new Kafka({
      ...options.security,
      brokers: [...options.brokers],
      clientId: options.clientId,
      logLevel: logLevel.NOTHING,
      requestTimeout: REQUEST_MS,
      retry: RETRY,
    });
    this.admin = this.kafka.admin();
    this.notice = options.notice ?? (() => undefined);
    this.outage = new Outage(options.clock, this.notice);
    this.producing = new Producing(this.kafka, { retry: RETRY, timeoutMs: REQUEST_MS });
  }

  async connect(): Promise<void> {
    await this.asking(() => this.admin.connect());
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.mustBeOpen();
    const existing = new Set(await this.asking(() => this.admin.listTopics()));
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) {
      await this.asking(() =>
        this.admin.createTopics({
          waitForLeaders: false,
          topics: missing.map(({ name, partitions, durability }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor: this.options.replicationFactor ?? BROKER_DEFAULT,
            configEntries: [
              { name: 'max.message.bytes', value: String(this.maxRecordBytes + META_BYTES) },
              { name: 'retention.ms', value: String(durability === 'volatile' ? VOLATILE_RETENTION_MS : -1) },
              { name: 'retention.bytes', value: '-1' },
              { name: 'cleanup.policy', value: 'delete' },
            ],
          })),
        }),
      );
    }
    for (const { name } of topics) if (!this.known.has(name)) await this.untilLed(name);
    for (const { name, retainFor } of topics) {
      this.known.add(name);
      if (retainFor === undefined) this.retained.delete(name);
      else this.retained.set(name, retainFor);
    }
  }

  async topics(): Promise<readonly string[]> {
    this.mustBeOpen();
    return this.asking(() => this.admin.listTopics());
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.mustBeOpen();
    const sizes: number[] = [];
    let bytes = 0;
    const messages = records.map((record) => {
      if (record.value.length > this.maxRecordBytes) throw tooLargeFault(topic, record.value.length, this.maxRecordBytes);
      const meta =
        Buffer.byteLength(record.key) +
        Object.entries(record.headers ?? {}).reduce(
          (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 10,
          0,
        );
      if (meta + RECORD_FRAME_BYTES * 2 > META_BYTES) throw tooLargeFault(topic, meta, META_BYTES);
      sizes.push(record.value.length + meta + RECORD_FRAME_BYTES);
      bytes += record.value.length;
      const value = Buffer.from(record.value.buffer, record.value.byteOffset, record.value.length);
      return { key: record.key, value, headers: { ...record.headers } };
    });
    await this.mustExist(topic);
    let sender = this.senders.get(topic);
    if (sender === undefined) {
      sender = new TopicSender((all) => this.request(topic, all), this.maxRecordBytes + META_BYTES - RECORD_FRAME_BYTES);
      this.senders.set(topic, sender);
    }
    await sender.send(messages, sizes);
    this.learn(topic, records.length, bytes);
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.mustBeOpen();
    for (const topic of options.topics) await this.mustExist(topic);
    const subscription = new KafkaSubscription(
      {
        clock: this.options.clock,
        kafka: this.kafka,
        sessionMs: this.options.sessionMs ?? DEFAULT_SESSION_MS,
        positions: (topic, group) => this.positions(topic, [group]),
        committed: (topic, group) => this.mayTrim(topic, group),
        received: (topic, records, bytes) => this.learn(topic, records, bytes),
        outage: this.outage,
        notice: this.notice,
      },
      options,
    );
    await subscription.start();
    this.subscriptions.add(subscription);
    return {
      close: async () => {
        await subscription.close();
        this.subscriptions.delete(subscription);
      },
    };
  }

  async backlog(topic: string, group: string): Promise<Backlog> {
    this.mustBeOpen();
    await this.mustExist(topic);
    let records = 0;
    for (const { committed, start, end } of (await this.positions(topic, [group])).values()) {
      const from = committed === undefined || committed < start ? start : committed;
      if (from < end) records += Number(end - from);
    }
    const seen = this.averages.get(topic);
    return { records, bytes: Math.round(records * (seen === undefined ? GUESSED_RECORD_BYTES : seen.bytes / seen.records)) };
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
      await this.producing.close();
      await this.admin.disconnect();
    })();
    return this.closing;
  }

  private async request(topic: string, messages: kafkajs.Message[]): Promise<void> {
    try {
      await this.producing.send(topic, messages);
      this.outage.over(SENDING);
    } catch (error) {
      throw this.noted(SENDING, kafkaFault(error, { topic }));
    }
  }

  private async positions(topic: string, groups: readonly string[]): Promise<Positions> {
    const positions = new Map<number, { committed: bigint | undefined; start: bigint; end: bigint }>();
    for (const { partition, low, high } of await this.asking(() => this.admin.fetchTopicOffsets(topic))) {
      positions.set(partition, { committed: undefined, start: BigInt(low), end: BigInt(high) });
    }
    // Of several groups the slowest counts, and one that never committed holds everything.
    const least = new Map<number, bigint>();
    for (const groupId of groups) {
      const [found] = await this.asking(() => this.admin.fetchOffsets({ groupId, topics: [topic] }));
      for (const { partition, offset } of found?.partitions ?? []) {
        const position = BigInt(offset);
        const known = least.get(partition);
        if (known === undefined || position < known) least.set(partition, position);
      }
    }
    for (const [partition, position] of least) {
      const entry = positions.get(partition);
      if (entry !== undefined && position >= 0n) entry.committed = position;
    }
    return positions;
  }

  /** Deletes what every group of `retainFor` has done with, now and then, beside the commits. */
  private mayTrim(topic: string, group: string): void {
    const groups = this.retained.get(topic);
    if (groups === undefined || !groups.includes(group)) return;
    const now = this.options.clock.monotonicMs();
    const last = this.trims.get(topic) ?? { at: -Infinity, running: false };
    if (last.running || now - last.at < (this.options.trimEveryMs ?? DEFAULT_TRIM_MS)) return;
    this.trims.set(topic, { at: now, running: true });
    // If it fails, records stay longer; the next commit tries again.
    this.trim(topic, groups)
      .catch(() => undefined)
      .finally(() => this.trims.set(topic, { at: now, running: false }));
  }

  private async trim(topic: string, groups: readonly string[]): Promise<void> {
    const partitions: { partition: number; offset: string }[] = [];
    for (const [partition, { committed, start }] of await this.positions(topic, groups)) {
      if (committed !== undefined && committed > start) partitions.push({ partition, offset: String(committed) });
    }
    if (partitions.length > 0) await this.admin.deleteTopicRecords({ topic, partitions });
  }

  private learn(topic: string, records: number, bytes: number): void {
    if (records === 0) return;
    const seen = this.averages.get(topic) ?? { records: 0, bytes: 0 };
    // The far past counts half after so many records.
    const fade = seen.records > 10_000 ? 0.5 : 1;
    this.averages.set(topic, { records: seen.records * fade + records, bytes: seen.bytes * fade + bytes });
  }

  private async mustExist(topic: string): Promise<void> {
    if (this.known.has(topic)) return;
    for (const name of await this.asking(() => this.admin.listTopics())) this.known.add(name);
    if (!this.known.has(topic)) throw unknownTopicFault(topic);
  }

  /** Brokers hear of a new topic, and begin to lead its partitions, a moment after it was made by us or by another process; until then
   *  members of a group cannot begin. */
  private async untilLed(topic: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.admin.fetchTopicOffsets(topic);
        return;
      } catch (error) {
        // A topic that has just been made is no outage.
        const fault = kafkaFault(error);
        if (!NOT_LED_YET.has(String(fault.facts['reason'])) || tries === LED_TRIES) throw fault;
        await this.options.clock.sleep(LED_WAIT_MS);
      }
    }
  }

  private async asking<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work();
      this.outage.over(ASKING);
      return answer;
    } catch (error) {
      throw this.noted(ASKING, kafkaFault(error));
    }
  }

  private noted(part: Part, fault: Fault): Fault {
    if (fault.code === 'transport.unavailable') this.outage.failed(part, String(fault.facts['reason']));
    return fault;
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw closedFault();
  }
}
