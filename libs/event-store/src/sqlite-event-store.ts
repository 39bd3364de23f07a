import { streamName, type DomainEvent, type RecordedEvent, type StreamName } from '@pstream/contracts';
import { systemClock, type Clock } from '@pstream/kernel';
import { DatabaseSync } from 'node:sqlite';
import { lastVersion, toDocument, toEvents, versionConflict, type CommitDocument } from './commit-document.js';
import type { Appended, Commit, EventStore, UnpublishedCommit } from './event-store.js';
import { listeners } from './listeners.js';
import { openLocked, sqliteFaults } from './sqlite-database.js';

/** Where the embedded event store lies. */
export type SqliteEventStoreOptions = {
  /** File of the database, or ':memory:'. One process at a time may have it open. */
  readonly path: string;
  /** Only for `yield` between the chunks of `readAll`. */
  readonly clock?: Clock;
  /** Most bytes the database may take; beyond it appends are refused with 'storage.full'. Default: what the disk holds. */
  readonly maxBytes?: number;
};

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS commits (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    command_id TEXT NOT NULL UNIQUE,
    context TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS commits_by_stream ON commits (stream, first_version);
  CREATE INDEX IF NOT EXISTS commits_to_publish ON commits (position) WHERE published = 0;
`;

/** Commits read at once by `readAll`, and streams by `streams`. */
const CHUNK = 1_000;

type Row = { readonly position: number; readonly document: string };

/** The embedded event store: one SQLite file in WAL mode, appends with synchronous = FULL, one row per commit. Every call is a
 *  short synchronous step, so nothing interleaves inside an append.
 *
 *  Beside the faults of the port: 'storage.in-use' (never) when another process has the file open, 'storage.corrupt'
 *  (never), 'event-store.unavailable' (retry) for any other error of the database. */
export const sqliteEventStore = (options: SqliteEventStoreOptions): EventStore => {
  const clock = options.clock ?? systemClock;
  const database: DatabaseSync = openLocked('event-store', options.path, SCHEMA, options.maxBytes);
  const appended = listeners();

  const byCommandId = database.prepare('SELECT document FROM commits WHERE command_id = ?');
  const head = database.prepare('SELECT last_version FROM commits WHERE stream = ? ORDER BY first_version DESC LIMIT 1');
  const insert = database.prepare(
    'INSERT INTO commits (stream, first_version, last_version, command_id, context, document) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const ofStream = database.prepare('SELECT document FROM commits WHERE stream = ? AND last_version > ? ORDER BY first_version');
  const toPublish = database.prepare('SELECT position, document FROM commits WHERE published = 0 ORDER BY position LIMIT ?');
  const mark = database.prepare('UPDATE commits SET published = 1 WHERE position = ? AND published = 0');
  const chunk = database.prepare('SELECT position, context, document FROM commits WHERE position > ? ORDER BY position LIMIT ?');
  const firstStreams = database.prepare('SELECT stream FROM commits WHERE first_version = 1 AND stream >= ? ORDER BY stream LIMIT ?');
  const nextStreams = database.prepare('SELECT stream FROM commits WHERE first_version = 1 AND stream > ? ORDER BY stream LIMIT ?');

  const parse = (row: unknown): CommitDocument => JSON.parse((row as Row).document) as CommitDocument;
  const guarded = async <T>(work: () => T): Promise<T> => sqliteFaults('event-store', work);

  const append = <E extends DomainEvent>(commit: Commit<E>): Appended<E> => {
    const document = toDocument(commit);
    const known = byCommandId.get(commit.metadata.commandId);
    if (known !== undefined) {
      const events = toEvents<E>(parse(known));
      return { version: lastVersion(parse(known)), duplicate: true, events };
    }
    const actual = Number(head.get(commit.stream)?.['last_version'] ?? 0);
    if (actual !== commit.expectedVersion) throw versionConflict(commit.stream, commit.expectedVersion, actual);
    const version = lastVersion(document);
    insert.run(commit.stream, document.firstVersion, version, commit.metadata.commandId, commit.context, JSON.stringify(document));
    return { version, duplicate: false, events: toEvents(document) };
  };

  return {
    append: async (commit) => {
      const result = await guarded(() => append(commit));
      if (!result.duplicate) appended.notify();
      return result;
    },
    read: <E extends DomainEvent>(stream: StreamName<E>, after = 0) =>
      guarded(() => {
        const events = ofStream.all(stream, after).flatMap((row) => toEvents<E>(parse(row)));
        return events.filter((event) => event.version > after);
      }),
    byCommand: (commandId) =>
      guarded(() => {
        const row = byCommandId.get(commandId);
        return row === undefined ? undefined : toEvents(parse(row));
      }),
    readAll: async function* (wanted = {}): AsyncIterable<RecordedEvent> {
      let position = 0;
      for (;;) {
        const rows = await guarded(() => chunk.all(position, CHUNK));
        for (const row of rows) {
          position = Number(row['position']);
          if (wanted.contexts === undefined || wanted.contexts.some((context) => context === row['context'])) yield* toEvents(parse(row));
        }
        if (rows.length < CHUNK) return;
        await clock.yield();
      }
    },
    streams: async function* (prefix) {
      let last: string | undefined;
      for (;;) {
        const rows = await guarded(() => (last === undefined ? firstStreams.all(prefix, CHUNK) : nextStreams.all(last, CHUNK)));
        for (const row of rows) {
          last = String(row['stream']);
          if (!last.startsWith(prefix)) return;
          yield streamName(last);
        }
        if (rows.length < CHUNK) return;
        await clock.yield();
      }
    },
    unpublished: (limit) =>
      guarded(() =>
        toPublish.all(limit).map((row): UnpublishedCommit => {
          const document = parse(row);
          return { id: String(row['position']), stream: document.stream, events: toEvents(document) };
        }),
      ),
    markPublished: (ids) =>
      guarded(() => {
        if (ids.length === 0) return;
        // A mark that a power cut takes back is one more publication, so it waits for no disk.
        database.exec('PRAGMA synchronous = NORMAL; BEGIN');
        try {
          for (const id of ids) mark.run(Number(id));
          database.exec('COMMIT');
        } catch (error) {
          if (database.isTransaction) database.exec('ROLLBACK');
          throw error;
        } finally {
          database.exec('PRAGMA synchronous = FULL');
        }
      }),
    onAppended: appended.add,
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
};
