import type { Fault } from '@pstream/kernel';

/** A record to send. Records with one key keep their order and reach one consumer of a group. */
export type OutgoingRecord = { readonly key: string; readonly headers?: Readonly<Record<string, string>>; readonly value: Uint8Array };

/** A record as a consumer sees it. `offset` ascends within the partition. */
export type LogRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
};

/** A record that is not what was sent. `found` is what could be read of its key and headers: most likely right, but nothing vouches for it. */
export type DamagedRecord = {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Says what is wrong and where: 'transport.damaged' (never; facts file, topic, partition, offset). */
  readonly fault: Fault;
  readonly found?: { readonly key: string; readonly headers: Readonly<Record<string, string>> };
};

/** How a topic is kept. `volatile` topics may live in memory only: requests and replies that their sender repeats. */
export type TopicSpec = {
  readonly name: string;
  readonly partitions: number;
  readonly durability: 'durable' | 'volatile';
  /** Records may be forgotten once every group of `retainFor` has committed past them; without it they are kept for ever. */
  readonly retainFor?: readonly string[];
};

/** A group's view of one partition while it owns it. All calls fail with Fault 'transport.not-owner' after it was lost. */
export interface PartitionConsumer {
  readonly topic: string;
  readonly partition: number;
  /** First offset that is still there. */
  readonly logStart: bigint;
  /** Next position: everything below it is done. Durable when resolved. */
  commit(next: bigint): Promise<void>;
  /** Delivery goes on at `offset`. */
  seek(offset: bigint): void;
  /** No further batch is delivered until `resume`. */
  pause(): void;
  resume(): void;
}

/** What a consumer does with the records of a partition. Batches of one partition are handed over one after another;
 *  partitions run side by side. Nothing is committed for the handler: it calls `commit` when its effect is durable. */
export interface PartitionHandler {
  /** The partition has been assigned; `committed` is the group's position, or undefined if it never committed.
   *  May seek. Awaited before the first batch. */
  assigned?(partition: PartitionConsumer, committed: bigint | undefined): Promise<void>;
  /** Resolves when the batch has been taken over. A rejection with a retryable Fault repeats the batch from its first
   *  record after the delay; any other rejection ends the subscription with `failed`. The signal is the same for all
   *  batches of an assignment and aborts when the partition is lost or the subscription closes. */
  batch(partition: PartitionConsumer, records: readonly LogRecord[], signal: AbortSignal): Promise<void>;
  /** A record cannot be delivered because it is damaged. Called in its turn between batches; delivery goes on behind it once this has
   *  resolved. Rejections count as those of `batch`. Without this method the subscription ends with the fault. */
  damaged?(partition: PartitionConsumer, record: DamagedRecord, signal: AbortSignal): Promise<void>;
  /** The partition now belongs to somebody else, or the subscription is closing. Awaited. When closing, a last commit
   *  still counts; after a rebalance it may fail with Fault 'transport.not-owner'. */
  revoked?(partition: PartitionConsumer): Promise<void>;
  /** The subscription ends by an error that must not be retried; told at once, before the partitions are handed back. The process
   *  should end. */
  failed(error: unknown): void;
}

export type SubscribeOptions = {
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: PartitionHandler;
  /** Where a group without a position begins. Default 'earliest'. */
  readonly from?: 'earliest' | 'latest';
  /** Most bytes of values handed over in one batch (at least one record always is). Default 4 MiB. */
  readonly maxBatchBytes?: number;
};

export interface Subscription {
  /** Resolves when no handler runs any more. */
  close(): Promise<void>;
}

/** How far a group is behind. */
export type Backlog = { readonly records: number; readonly bytes: number };

/** The message log port: an embedded database or Kafka. At least once, ordered by key, nothing lost after `send` resolves.
 *  Faults: 'transport.unavailable' (retry), 'transport.record-too-large' (never; facts bytes, limit), 'storage.full' (retry),
 *  'transport.topic-unknown' (never), 'transport.closed' (never); embedded those of its database as well. */
export interface Transport {
  /** Creates what is missing; a topic that exists keeps its partitions. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Names of the topics that are there, whoever made them. */
  topics(): Promise<readonly string[]>;
  /** Resolves when every record is durable on the log (acks = all). Records keep the order given, per key.
   *  Values are not copied: they must not change until then. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Records and bytes of a topic that a group has not committed yet. Bytes may be an estimate. */
  backlog(topic: string, group: string): Promise<Backlog>;
  /** Largest value that may be sent, in bytes. */
  readonly maxRecordBytes: number;
  close(): Promise<void>;
}
