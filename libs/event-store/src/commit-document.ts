import type { Context, DomainEvent, Metadata, RecordedEvent, StreamName } from '@pstream/contracts';
import { assert, deriveId } from '@pstream/kernel';
import type { Commit } from './event-store.js';

/** One append as it lies in the store: what all its events share, once, and the events. */
export type CommitDocument = {
  readonly context: Context;
  readonly stream: StreamName;
  readonly firstVersion: number;
  readonly at: string;
  readonly metadata: Metadata;
  readonly events: readonly { readonly id: string; readonly type: string; readonly data: unknown }[];
};

/** Version of the last event of a commit. */
export const lastVersion = (commit: CommitDocument): number => commit.firstVersion + commit.events.length - 1;

/** Dresses a commit for the store. Ids of events follow from stream and version, so a repeated append names the same events. */
export const toDocument = (commit: Commit): CommitDocument => {
  assert(commit.events.length > 0, 'a commit holds at least one event');
  assert(Number.isSafeInteger(commit.expectedVersion) && commit.expectedVersion >= 0, 'an expected version counts from 0');
  return {
    context: commit.context,
    stream: commit.stream,
    firstVersion: commit.expectedVersion + 1,
    at: commit.at,
    metadata: commit.metadata,
    events: commit.events.map(({ type, data }: DomainEvent, index) => ({
      id: deriveId('event', commit.stream, commit.expectedVersion + 1 + index),
      type,
      data,
    })),
  };
};

/** The events of a commit, in order. Their type is that of the stream's name: whoever appended to it was held to the same. */
export const toEvents = <E extends DomainEvent = DomainEvent>(commit: CommitDocument): RecordedEvent<E>[] =>
  commit.events.map(
    ({ id, type, data }, index): RecordedEvent => ({
      id,
      type,
      data,
      context: commit.context,
      stream: commit.stream,
      version: commit.firstVersion + index,
      at: commit.at,
      metadata: commit.metadata,
    }),
  ) as RecordedEvent<E>[];
