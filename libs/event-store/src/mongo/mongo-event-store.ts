import { streamName, type Context, type DomainEvent, type RecordedEvent, type StreamName } from '@pstream/contracts';
import { DURABLE, isDuplicateKey, mongoFaults, requireMajority } from '@pstream/storage/mongo';
import { MongoClient, type Collection, type Db, type Filter } from 'mongodb';
import { lastVersion, toDocument, toEvents, type CommitDocument } from '../commit-document.js';
import type { Appended, Commit, EventStore } from '../event-store.js';
import { listeners } from '../listeners.js';
import { versionConflict } from '../version-conflict.js';

/** A database that somebody else opened and closes, or a connection string (its path names the database). */
export type MongoEventStoreOptions = ({ readonly db: Db } | { readonly url: string }) & {
  /** Default `commits`. */
  readonly collection?: string;
};

/** `_id` is the commandId: a command has one commit, ever. */
type Stored = CommitDocument & { readonly _id: string; readonly lastVersion: number; readonly published: boolean };

/** Commits read at once by `readAll`, and streams by `streams`: each chunk is a query of its own and outlives an election. */
const CHUNK = 1_000;

const faults = <T>(work: () => Promise<T>): Promise<T> => mongoFaults('event-store', work);

/** One place retries, and it is not the driver. */
const NO_RETRIES = { retryWrites: false, retryReads: false };

/** The event store on MongoDB: one document per commit, no transactions, no change streams; written with w: majority, j: true,
 *  read with majority from the primary.
 *
 *  Two guards keep the commits of a stream in one chain. (1) A commit is inserted only after one was read that ends where it
 *  begins; commits never change or go, so that stays true. (2) Unique (stream, firstVersion): a commit has one successor.
 *  From both follows by induction that no two commits overlap, whatever their lengths and however writers race.
 *
 *  Beside the faults of the port: 'storage.weak-write-concern' (never) when the connection asks for less than majority,
 *  'storage.unauthorized' (never), 'storage.document-too-large' (never; MongoDB takes 16 MiB). */
export const mongoEventStore = async (options: MongoEventStoreOptions): Promise<EventStore> => {
  const own =
    'url' in options
      ? new MongoClient(options.url, { serverSelectionTimeoutMS: 10_000, socketTimeoutMS: 30_000, ...NO_RETRIES })
      : undefined;
  const db = 'db' in options ? options.db : own?.db();
  requireMajority(own === undefined ? db?.writeConcern : own.options.writeConcern);
  const commits = db?.collection<Stored>(options.collection ?? 'commits', DURABLE) as Collection<Stored>;
  try {
    await faults(async () => {
      await commits.createIndex({ stream: 1, firstVersion: 1 }, { unique: true, name: 'chain' });
      await commits.createIndex({ published: 1, firstVersion: 1, stream: 1 }, { name: 'to_publish' });
    });
  } catch (error) {
    await own?.close();
    throw error;
  }
  const appended = listeners();

  const versionOf = async (stream: StreamName): Promise<number> => {
    const head = await commits.findOne({ stream }, { sort: { firstVersion: -1 }, projection: { lastVersion: 1 } });
    return head?.lastVersion ?? 0;
  };
  /** After a refused write: was it this very command, or was somebody else first? */
  const explain = async <E extends DomainEvent>(commit: Commit<E>): Promise<Appended<E>> => {
    const known = await commits.findOne({ _id: commit.metadata.commandId });
    if (known !== null) return { version: known.lastVersion, duplicate: true, events: toEvents(known) };
    throw versionConflict(commit.stream, commit.expectedVersion, await versionOf(commit.stream));
  };
  const append = async <E extends DomainEvent>(commit: Commit<E>): Promise<Appended<E>> => {
    const document = toDocument(commit);
    if ((await versionOf(commit.stream)) !== commit.expectedVersion) return explain(commit);
    const version = lastVersion(document);
    const _id = commit.metadata.commandId;
    try {
      await commits.insertOne({ _id, ...document, lastVersion: version, published: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // The rival's commit may not be on a majority yet, and majority reads would not show it. A write that changes nothing
      // is acknowledged only after everything before it.
      await commits.updateOne({ _id }, { $max: { firstVersion: 0 } });
      return explain(commit);
    }
    return { version, duplicate: false, events: toEvents(document) };
  };

  return {
    append: async (commit) => {
      const result = await faults(() => append(commit));
      if (!result.duplicate) appended.notify();
      return result;
    },
    read: <E extends DomainEvent>(stream: StreamName<E>, after = 0) =>
      faults(async () => {
        const found = await commits
          .find({ stream, lastVersion: { $gt: after } })
          .sort({ firstVersion: 1 })
          .toArray();
        return found.flatMap((commit) => toEvents<E>(commit)).filter((event) => event.version > after);
      }),
    byCommand: (commandId) =>
      faults(async () => {
        const found = await commits.findOne({ _id: commandId });
        return found === null ? undefined : toEvents(found);
      }),
    readAll: (wanted = {}) => everyCommit(commits, wanted.contexts),
    streams: async function* (prefix) {
      let range: Filter<Stored> = { firstVersion: 1, stream: { $gte: streamName(prefix) } };
      for (;;) {
        const found = await faults(() =>
          commits
            .find(range, { projection: { stream: 1 } })
            .sort({ stream: 1 })
            .limit(CHUNK)
            .toArray(),
        );
        for (const { stream } of found) {
          if (!stream.startsWith(prefix)) return;
          yield stream;
        }
        const last = found.at(-1);
        if (last === undefined || found.length < CHUNK) return;
        range = { firstVersion: 1, stream: { $gt: last.stream } };
      }
    },
    // By version over all streams: that keeps each stream's order whoever's clock is wrong, and no stream waits behind another's name.
    unpublished: (limit) =>
      faults(async () => {
        const found = await commits.find({ published: false }).sort({ firstVersion: 1, stream: 1 }).limit(limit).toArray();
        return found.map((commit) => ({ id: commit._id, stream: commit.stream, events: toEvents(commit) }));
      }),
    markPublished: (ids) =>
      faults(async () => {
        if (ids.length > 0) await commits.updateMany({ _id: { $in: [...ids] }, published: false }, { $set: { published: true } });
      }),
    onAppended: appended.add,
    close: async () => {
      await own?.close();
    },
  };
};

async function* everyCommit(commits: Collection<Stored>, contexts?: readonly Context[]): AsyncIterable<RecordedEvent> {
  const ofContexts: Filter<Stored> = contexts === undefined ? {} : { context: { $in: [...contexts] } };
  let beyond: Filter<Stored> = {};
  for (;;) {
    const found = await faults(() =>
      commits
        .find({ ...ofContexts, ...beyond })
        .sort({ stream: 1, firstVersion: 1 })
        .limit(CHUNK)
        .toArray(),
    );
    for (const commit of found) yield* toEvents(commit);
    const last = found.at(-1);
    if (last === undefined || found.length < CHUNK) return;
    beyond = { $or: [{ stream: last.stream, firstVersion: { $gt: last.firstVersion } }, { stream: { $gt: last.stream } }] };
  }
}
