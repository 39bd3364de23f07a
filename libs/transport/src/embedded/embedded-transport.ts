import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert, type Clock } from '@pstream/kernel';
import type { Backlog, OutgoingRecord, SubscribeOptions, Subscription, TopicSpec, Transport } from '../transport.js';
import { Catalog } from './catalog.js';
import { closedFault, tooLargeFault, unknownTopicFault } from '../faults.js';
import { nodeFiles, type LogFiles } from './files.js';
import { Group } from './group.js';
import type { Log } from './log.js';
import { MemoryLog } from './memory-log.js';
import { PartitionLog } from './partition-log.js';
import { MAX_META_BYTES, prepare, type Prepared } from './record.js';

export type EmbeddedTransportOptions = {
  /** Directory of the log; made if it is missing. One process at a time. */
  readonly dir: string;
  readonly clock: Clock;
  /** A segment file is closed at this size. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** Largest value that may be sent. Default 4 MiB. */
  readonly maxRecordBytes?: number;
  /** Most bytes that a partition of a volatile topic holds; the oldest records make room. Default 16 MiB. */
  readonly volatileBytes?: number;
  /** The file system. Default: the machine's own. */
  readonly files?: LogFiles;
};

type Topic = { spec: TopicSpec; readonly logs: readonly Log[] };

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const DEFAULT_RECORD_BYTES = 4 * 1024 * 1024;
const DEFAULT_VOLATILE_BYTES = 16 * 1024 * 1024;
const DEFAULT_BATCH_BYTES = 4 * 1024 * 1024;

/** Opens a durable log in a directory: the message log port without a broker, for one process.
 *  Throws Fault 'storage.in-use' (retry) while another process has the directory open. */
export const embeddedTransport = async (options: EmbeddedTransportOptions): Promise<Transport> => {
  const catalog = new Catalog(options.dir);
  const transport = new EmbeddedTransport(options, catalog);
  try {
    await transport.open();
    return transport;
  } catch (error) {
    await catalog.close([]);
    throw error;
  }
};

class EmbeddedTransport implements Transport {
  readonly maxRecordBytes: number;
  private readonly options: EmbeddedTransportOptions;
  private readonly catalog: Catalog;
  private readonly topics = new Map<string, Topic>();
  private readonly groups = new Map<string, Group>();
  // Where groups that never committed began, and positions on volatile topics: both end with the process.
  private readonly begins = new Map<string, bigint>();
  private readonly volatilePositions = new Map<string, bigint>();
  private ensuring: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(options: EmbeddedTransportOptions, catalog: Catalog) {
    this.options = options;
    this.catalog = catalog;
    this.maxRecordBytes = options.maxRecordBytes ?? DEFAULT_RECORD_BYTES;
  }

  async open(): Promise<void> {
    for (const spec of this.catalog.topics.values()) await this.openTopic(spec);
    this.catalog.tails.clear();
  }

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    this.mustBeOpen();
    const work = this.ensuring.then(async () => {
      for (const spec of topics) {
        assert(
          /^[A-Za-z0-9._-]{1,200}$/.test(spec.name) && !/^\.+$/.test(spec.name),
          'a topic name has letters, digits, dots, dashes and underscores',
        );
        assert(Number.isSafeInteger(spec.partitions) && spec.partitions > 0, 'a topic has at least one partition');
        const known = this.topics.get(spec.name);
        if (known === undefined) {
          this.catalog.saveTopic(spec);
          await this.openTopic(spec);
        } else if (JSON.stringify(known.spec.retainFor) !== JSON.stringify(spec.retainFor)) {
          known.spec = { ...spec, partitions: known.spec.partitions, durability: known.spec.durability };
          this.catalog.saveTopic(known.spec);
        }
      }
    });
    this.ensuring = work.catch(() => undefined);
    await work;
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.mustBeOpen();
    const { logs } = this.topic(topic);
    const byPartition = new Map<Log, Prepared[]>();
    for (const record of records) {
      if (record.value.length > this.maxRecordBytes) throw tooLargeFault(topic, record.value.length, this.maxRecordBytes);
      const prepared = prepare(record);
      const meta = prepared.headers.length + prepared.key.length;
      if (meta > MAX_META_BYTES) throw tooLargeFault(topic, meta, MAX_META_BYTES);
      const log = logs[crc32(prepared.key) % logs.length]!;
      const group = byPartition.get(log);
      if (group === undefined) byPartition.set(log, [prepared]);
      else group.push(prepared);
    }
    const outcomes = await Promise.allSettled([...byPartition].map(([log, group]) => log.append(group)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.mustBeOpen();
    for (const name of options.topics) {
      for (const [partition, log] of this.topic(name).logs.entries()) {
        const key = JSON.stringify([options.group, name, partition]);
        if (!this.begins.has(key)) this.begins.set(key, options.from === 'latest' ? log.end : log.start);
      }
    }
    let group = this.groups.get(options.group);
    if (group === undefined) {
      group = new Group(
        options.group,
        (topic) => this.topic(topic).logs.length,
        (topic, partition) => {
          const log = this.topic(topic).logs[partition]!;
          return {
            clock: this.options.clock,
            log,
            committed: this.position(options.group, topic, partition),
            begin: this.begins.get(JSON.stringify([options.group, topic, partition])) ?? log.start,
            commit: (next) => this.commit(options.group, topic, partition, next),
          };
        },
      );
      this.groups.set(options.group, group);
    }
    return group.join({ topics: options.topics, handler: options.handler, maxBatchBytes: options.maxBatchBytes ?? DEFAULT_BATCH_BYTES });
  }

  async backlog(topic: string, group: string): Promise<Backlog> {
    this.mustBeOpen();
    let records = 0;
    let bytes = 0;
    for (const [partition, log] of this.topic(topic).logs.entries()) {
      const position = this.position(group, topic, partition) ?? this.begins.get(JSON.stringify([group, topic, partition])) ?? log.start;
      const from = position > log.start ? position : log.start;
      if (from >= log.end) continue;
      records += Number(log.end - from);
      bytes += log.bytesFrom(from);
    }
    return { records, bytes };
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.ensuring;
    await Promise.all([...this.groups.values()].map((group) => group.close()));
    const tails: Parameters<Catalog['close']>[0][number][] = [];
    for (const [topic, { logs }] of this.topics) {
      for (const [partition, log] of logs.entries()) {
        await log.close();
        const tail = log instanceof PartitionLog ? log.tail : undefined;
        if (tail !== undefined) tails.push({ topic, partition, tail });
      }
    }
    await this.catalog.close(tails);
  }

  private async openTopic(spec: TopicSpec): Promise<void> {
    const logs = await Promise.all(
      Array.from(
        { length: spec.partitions },
        async (_, partition): Promise<Log> =>
          spec.durability === 'volatile'
            ? new MemoryLog(spec.name, partition, this.options.volatileBytes ?? DEFAULT_VOLATILE_BYTES)
            : await PartitionLog.open({
                files: this.options.files ?? nodeFiles,
                dir: join(this.options.dir, spec.name, String(partition)),
                topic: spec.name,
                partition,
                segmentBytes: this.options.segmentBytes ?? DEFAULT_SEGMENT_BYTES,
                tail: this.catalog.tail(spec.name, partition),
              }),
      ),
    );
    this.topics.set(spec.name, { spec, logs });
  }

  private position(group: string, topic: string, partition: number): bigint | undefined {
    return this.topic(topic).spec.durability === 'volatile'
      ? this.volatilePositions.get(JSON.stringify([group, topic, partition]))
      : this.catalog.position(group, topic, partition);
  }

  private async commit(group: string, topic: string, partition: number, next: bigint): Promise<void> {
    assert(next >= 0n, 'a position is not negative');
    const { spec, logs } = this.topic(topic);
    if (spec.durability === 'volatile') this.volatilePositions.set(JSON.stringify([group, topic, partition]), next);
    else await this.catalog.commit({ group, topic, partition, next });
    const keepers = spec.durability === 'volatile' ? this.readersOf(topic) : spec.retainFor;
    if (keepers === undefined || !keepers.includes(group)) return;
    const positions = keepers.map((keeper) => this.position(keeper, topic, partition));
    const known = positions.filter((position) => position !== undefined);
    if (known.length < positions.length) return;
    const least = known.reduce((one, other) => (other < one ? other : one));
    const log = logs[partition]!;
    // No power cut may set a group back to records that are not there any more.
    if (log.frees(least)) this.catalog.settle();
    await log.trim(least);
  }

  private readersOf(topic: string): string[] {
    return [...this.groups].filter(([, group]) => group.reads(topic)).map(([name]) => name);
  }

  private topic(name: string): Topic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw unknownTopicFault(name);
    return topic;
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw closedFault();
  }
}
