import { crc32 } from 'node:zlib';
import { assert, type Clock } from '@pstream/kernel';
import { inlineStorage, type Program, type Storage } from '@pstream/storage';
import type { Backlog, DamagedRecord, OutgoingRecord, SubscribeOptions, Subscription, TopicSpec, Transport } from '../transport.js';
import { closedFault, tooLargeFault, unknownTopicFault } from '../faults.js';
import { Group } from './group.js';
import { calls, SCHEMA, type PartitionState } from './log-calls.js';
import { MAX_META_BYTES, metaBytes, prepare, type Log, type Prepared } from './log.js';
import { MemoryLog } from './memory-log.js';
import { Positions } from './positions.js';
import { RecentRecords } from './recent-records.js';
import { StoredLog, type LogDatabase } from './stored-log.js';

export type EmbeddedTransportOptions = {
  readonly storage: Storage;
  /** File of the log database, or ':memory:'. One process at a time. */
  readonly path: string;
  readonly clock: Clock;
  /** Identity of the set of databases that the log belongs to. */
  readonly belongsTo?: string;
  /** Largest value that may be sent. Default 4 MiB. */
  readonly maxRecordBytes?: number;
  /** Most bytes that a partition of a volatile topic holds; the oldest records make room. Default 16 MiB. */
  readonly volatileBytes?: number;
  /** Most bytes of records that stay in memory after they were appended, to be delivered without reading. Default 16 MiB. */
  readonly recentBytes?: number;
  /** Most bytes the database may take. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** Called with each damaged record, once for each place. */
  readonly damaged?: (record: DamagedRecord) => void;
};

/** The embedded log: the port, and whether its database was missing or has lost its end. */
export interface EmbeddedTransport extends Transport {
  readonly incomplete: boolean;
}

type Topic = { spec: TopicSpec; readonly logs: readonly Log[] };

const DEFAULT_RECORD_BYTES = 4 * 1024 * 1024;
const DEFAULT_VOLATILE_BYTES = 16 * 1024 * 1024;
const DEFAULT_RECENT_BYTES = 16 * 1024 * 1024;
const DEFAULT_BATCH_BYTES = 4 * 1024 * 1024;

const PROGRAM: Program<ReturnType<typeof calls>> = {
  module: new URL(import.meta.url.endsWith('.ts') ? './log-calls.ts' : './log-calls.js', import.meta.url),
  calls,
};
const FORMAT = {
  applicationId: 0x70_73_6c_67,
  version: 1,
  schema: SCHEMA,
  // A record of 75 KB takes three of them; smaller ones cost twice the CPU.
  pageBytes: 32_768,
  cacheBytes: 8_000_000,
  checkpointBytes: 64 * 1024 * 1024,
} as const;

/** Opens a durable log in a database: the message log port without a broker, for one process. Faults: those of `Storage.open`. */
export const embeddedTransport = async (options: EmbeddedTransportOptions): Promise<EmbeddedTransport> => {
  const { storage, path, maxBytes, belongsTo } = options;
  const database = await storage.open(
    {
      ...FORMAT,
      path,
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(belongsTo === undefined ? {} : { belongsTo }),
    },
    PROGRAM,
  );
  const transport = new DatabaseTransport(options, database, await Positions.load(database));
  for (const { spec, partitions } of await database.call('topics', null)) transport.openTopic(spec, partitions);
  return transport;
};

/** A transport in memory and in the caller's thread, for tests and examples. */
export const memoryTransport = (clock: Clock): Promise<Transport> =>
  embeddedTransport({ storage: inlineStorage(), path: ':memory:', clock });

class DatabaseTransport implements EmbeddedTransport {
  readonly incomplete: boolean;
  readonly maxRecordBytes: number;
  private readonly options: EmbeddedTransportOptions;
  private readonly database: LogDatabase;
  private readonly positions: Positions;
  private readonly recent: RecentRecords;
  private readonly opened = new Map<string, Topic>();
  private readonly groups = new Map<string, Group>();
  // Where groups that never committed began; ends with the process.
  private readonly begins = new Map<string, bigint>();
  private readonly reported = new Set<string>();
  private ensuring: Promise<void> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(options: EmbeddedTransportOptions, database: LogDatabase, positions: Positions) {
    this.options = options;
    this.database = database;
    this.positions = positions;
    this.incomplete = database.created || database.cutShort;
    this.maxRecordBytes = options.maxRecordBytes ?? DEFAULT_RECORD_BYTES;
    this.recent = new RecentRecords(options.recentBytes ?? DEFAULT_RECENT_BYTES);
  }

  openTopic(spec: TopicSpec, partitions: readonly PartitionState[]): void {
    const logs =
      spec.durability === 'volatile'
        ? Array.from(
            { length: spec.partitions },
            (_, partition) => new MemoryLog(spec.name, partition, this.options.volatileBytes ?? DEFAULT_VOLATILE_BYTES),
          )
        : partitions.map((state, partition) => new StoredLog(this.database, spec.name, partition, state, this.recent));
    this.opened.set(spec.name, { spec, logs });
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
        const known = this.opened.get(spec.name);
        if (known === undefined) {
          this.openTopic(spec, await this.database.call('saveTopic', spec));
        } else if (JSON.stringify(known.spec.retainFor) !== JSON.stringify(spec.retainFor)) {
          known.spec = { ...spec, partitions: known.spec.partitions, durability: known.spec.durability };
          await this.database.call('saveTopic', known.spec);
        }
      }
    });
    this.ensuring = work.catch(() => undefined);
    await work;
  }

  topics(): Promise<readonly string[]> {
    this.mustBeOpen();
    return Promise.resolve([...this.opened.keys()]);
  }

  async send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.mustBeOpen();
    const { logs } = this.topic(topic);
    const byPartition = new Map<Log, Prepared[]>();
    for (const record of records) {
      if (record.value.length > this.maxRecordBytes) throw tooLargeFault(topic, record.value.length, this.maxRecordBytes);
      const prepared = prepare(record);
      if (metaBytes(prepared) > MAX_META_BYTES) throw tooLargeFault(topic, metaBytes(prepared), MAX_META_BYTES);
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
        (topic, partition) => ({
          clock: this.options.clock,
          log: this.topic(topic).logs[partition]!,
          committed: this.positions.of(options.group, topic, partition),
          begin: this.beginOf(options.group, topic, partition),
          commit: (next) => this.commit(options.group, topic, partition, next),
          damaged: (record) => this.report(record),
        }),
      );
      this.groups.set(options.group, group);
    }
    return group.join({ topics: options.topics, handler: options.handler, maxBatchBytes: options.maxBatchBytes ?? DEFAULT_BATCH_BYTES });
  }

  async backlog(topic: string, group: string): Promise<Backlog> {
    this.mustBeOpen();
    const backlogs = await Promise.all(
      this.topic(topic).logs.map(async (log, partition): Promise<Backlog> => {
        const position = this.positions.of(group, topic, partition) ?? this.beginOf(group, topic, partition);
        const from = position > log.start ? position : log.start;
        return from >= log.end ? { records: 0, bytes: 0 } : { records: Number(log.end - from), bytes: await log.bytesFrom(from) };
      }),
    );
    return {
      records: backlogs.reduce((sum, { records }) => sum + records, 0),
      bytes: backlogs.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.ensuring;
    await Promise.all([...this.groups.values()].map((group) => group.close()));
    for (const { logs } of this.opened.values()) for (const log of logs) await log.close();
    await this.database.close();
  }

  private async commit(group: string, topic: string, partition: number, next: bigint): Promise<void> {
    assert(next >= 0n, 'a position is not negative');
    const { spec, logs } = this.topic(topic);
    await this.positions.commit(group, topic, partition, next, spec.durability);
    const keepers = spec.durability === 'volatile' ? this.readersOf(topic) : spec.retainFor;
    if (keepers === undefined || !keepers.includes(group)) return;
    const positions = keepers.map((keeper) => this.positions.of(keeper, topic, partition));
    const known = positions.filter((position) => position !== undefined);
    if (known.length < positions.length) return;
    await logs[partition]!.trim(known.reduce((one, other) => (other < one ? other : one)));
  }

  private report(record: DamagedRecord): void {
    const place = `${record.topic}/${record.partition}/${record.offset}`;
    if (this.reported.has(place)) return;
    this.reported.add(place);
    this.options.damaged?.(record);
  }

  private beginOf(group: string, topic: string, partition: number): bigint {
    return this.begins.get(JSON.stringify([group, topic, partition])) ?? this.topic(topic).logs[partition]!.start;
  }

  private readersOf(topic: string): string[] {
    return [...this.groups].filter(([, group]) => group.reads(topic)).map(([name]) => name);
  }

  private topic(name: string): Topic {
    const topic = this.opened.get(name);
    if (topic === undefined) throw unknownTopicFault(name);
    return topic;
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw closedFault();
  }
}
