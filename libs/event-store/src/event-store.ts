import type { Fault } from '@pstream/kernel';
import type { Context, DomainEvent, Metadata, RecordedEvent, StreamName } from '@pstream/contracts';

/** What is appended at once: 1..n events that one command caused, in order. */
export type Commit<E extends DomainEvent = DomainEvent> = {
  readonly context: Context;
  readonly stream: StreamName<E>;
  /** Events in the stream before this commit; 0 for a new stream. */
  readonly expectedVersion: number;
  readonly events: readonly NoInfer<E>[];
  readonly at: string;
  readonly metadata: Metadata;
};

/** `version` is that of the stream's last event after the append. `duplicate` means that this commandId had been
 *  applied before: nothing was appended, `events` are those of then. */
export type Appended<E extends DomainEvent = DomainEvent> = {
  readonly version: number;
  readonly duplicate: boolean;
  readonly events: readonly RecordedEvent<E>[];
};

/** A commit that the relay has still to publish. `id` marks it afterwards. One with `damage` cannot be read and has no events: its stream
 *  stops there, and the others go on. */
export type UnpublishedCommit = {
  readonly id: string;
  readonly stream: StreamName;
  readonly events: readonly RecordedEvent[];
  readonly damage?: Fault;
};

/** The only commit point of the system: per-stream optimistic concurrency, one append = one atomic document, unique
 *  (stream, version) and unique commandId. It is the outbox of the relay as well.
 *
 *  Faults: 'event-store.version-conflict' (retry now: read again and decide again; facts stream, expected, actual),
 *  'event-store.unavailable' (retry), 'storage.full' (retry after a while). A lost reply is answered by repeating the
 *  append with the same commandId. */
export interface EventStore {
  append<E extends DomainEvent>(commit: Commit<E>): Promise<Appended<E>>;
  /** Events of one stream with version > `after`, ascending; an unknown stream has none. */
  read<E extends DomainEvent>(stream: StreamName<E>, after?: number): Promise<RecordedEvent<E>[]>;
  /** The events that a command caused, or undefined if it was never applied. */
  byCommand(commandId: string): Promise<readonly RecordedEvent[] | undefined>;
  /** Every event of every stream, each stream's in order, streams in no promised order: for rebuilding projections. */
  readAll(options?: { readonly contexts?: readonly Context[] }): AsyncIterable<RecordedEvent>;
  /** Names of streams that start with a prefix, ascending. */
  streams(prefix: string): AsyncIterable<StreamName>;
  /** Commits without a published mark, per stream lowest version first, at most `limit`. */
  unpublished(limit: number): Promise<UnpublishedCommit[]>;
  /** Sets the mark where it is still empty. */
  markPublished(ids: readonly string[]): Promise<void>;
  /** Calls back after an append of this process, so that a relay need not poll; returns the way to stop. */
  onAppended(listener: () => void): () => void;
  close(): Promise<void>;
}
