import { crc32 } from 'node:zlib';
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '@pstream/kernel';
import { errcodeOf, isDamage, quickWrite, read, write } from '@pstream/storage';
import { versionConflict } from './version-conflict.js';

// What runs beside the events database, in the thread that owns it. Documents pass through as text.

/** The tables of the events database: one row per commit. */
export const SCHEMA = `
  CREATE TABLE commits (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    command_id TEXT NOT NULL UNIQUE,
    context TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    checksum INTEGER NOT NULL,
    document TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX commits_by_stream ON commits (stream, first_version);
  CREATE INDEX commits_to_publish ON commits (position) WHERE published = 0;
`;

/** A commit on its way in. `document` is its JSON. */
export type NewCommit = {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly lastVersion: number;
  readonly commandId: string;
  readonly context: string;
  readonly document: string;
};

/** A commit that the relay has still to publish, or where one lies that cannot be read. */
export type Unsent = { readonly position: number; readonly stream: string } & (
  | { readonly document: string }
  | { readonly version: number; readonly errcode: number }
);

type Row = Readonly<Record<string, unknown>>;

const COLUMNS = 'position, stream, first_version, command_id, context, checksum, document';

/** CRC-32 of everything in a row that must not change. */
const checksum = (stream: string, firstVersion: number, commandId: string, document: string): number =>
  crc32(document, crc32(`${stream}\u0000${firstVersion}\u0000${commandId}\u0000`));

const damaged = (facts: { readonly stream: string; readonly version: number; readonly errcode: number }): Fault =>
  new Fault('event-store.damaged', {
    retry: 'never',
    facts: { file: 'events.sqlite', ...facts },
    advice:
      'Events of this stream have changed on the disk after they were confirmed. Restore events.sqlite from a backup; other streams go on.',
  });

const isIntact = (row: Row): boolean =>
  row['checksum'] === checksum(String(row['stream']), Number(row['first_version']), String(row['command_id']), String(row['document']));

/** The JSON of a row. Fault 'event-store.damaged' (never). */
const documentOf = (row: Row): string => {
  if (!isIntact(row)) throw damaged({ stream: String(row['stream']), version: Number(row['first_version']), errcode: 0 });
  return String(row['document']);
};

/** The operations of the events database. */
export const calls = (database: DatabaseSync) => {
  const byCommandId = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE command_id = ?`);
  const head = database.prepare('SELECT last_version FROM commits WHERE stream = ? ORDER BY first_version DESC LIMIT 1');
  const insert = database.prepare(
    'INSERT INTO commits (stream, first_version, last_version, command_id, context, checksum, document) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const ofStream = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE stream = ? AND last_version > ? ORDER BY first_version`);
  const byPosition = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE position = ?`);
  const toPublish = database.prepare('SELECT position FROM commits WHERE published = 0 ORDER BY position LIMIT ?');
  const placeOf = database.prepare('SELECT stream, first_version FROM commits INDEXED BY commits_by_stream WHERE position = ?');
  const mark = database.prepare('UPDATE commits SET published = 1 WHERE position = ? AND published = 0');
  const chunk = database.prepare(`SELECT ${COLUMNS} FROM commits WHERE position > ? ORDER BY position LIMIT ?`);
  const firstStreams = database.prepare('SELECT stream FROM commits WHERE first_version = 1 AND stream >= ? ORDER BY stream LIMIT ?');
  const nextStreams = database.prepare('SELECT stream FROM commits WHERE first_version = 1 AND stream > ? ORDER BY stream LIMIT ?');
  const unmarkStream = database.prepare('UPDATE commits SET published = 0 WHERE stream = ?');
  const unmarkContext = database.prepare('UPDATE commits SET published = 0 WHERE context = ?');
  const unmarkAll = database.prepare('UPDATE commits SET published = 0 WHERE published = 1');

  const unsent = (position: number): Unsent => {
    let errcode = 0;
    try {
      const row = byPosition.get(position);
      if (row !== undefined && isIntact(row)) return { position, stream: String(row['stream']), document: String(row['document']) };
    } catch (error) {
      if (!isDamage(error)) throw error;
      errcode = errcodeOf(error) ?? 0;
    }
    // The index still has the name where the row is lost.
    const place = placeOf.get(position);
    return { position, stream: String(place?.['stream']), version: Number(place?.['first_version']), errcode };
  };

  return {
    /** Fault 'event-store.version-conflict'. */
    append: write((commit: NewCommit): { readonly duplicate: boolean; readonly document: string } => {
      const { stream, expectedVersion, lastVersion, commandId, context, document } = commit;
      const known = byCommandId.get(commandId);
      if (known !== undefined) return { duplicate: true, document: documentOf(known) };
      const actual = Number(head.get(stream)?.['last_version'] ?? 0);
      if (actual !== expectedVersion) throw versionConflict(stream, expectedVersion, actual);
      const first = expectedVersion + 1;
      insert.run(stream, first, lastVersion, commandId, context, checksum(stream, first, commandId, document), document);
      return { duplicate: false, document };
    }),
    read: read(({ stream, after }: { readonly stream: string; readonly after: number }): readonly string[] => {
      try {
        return ofStream.all(stream, after).map(documentOf);
      } catch (error) {
        if (!isDamage(error)) throw error;
        throw damaged({ stream, version: after + 1, errcode: errcodeOf(error) ?? 0 });
      }
    }),
    byCommand: read((commandId: string): string | undefined => {
      const row = byCommandId.get(commandId);
      return row === undefined ? undefined : documentOf(row);
    }),
    /** Commits behind a position, with their contexts. */
    chunk: read(({ after, limit }: { readonly after: number; readonly limit: number }) =>
      chunk.all(after, limit).map((row) => ({
        position: Number(row['position']),
        context: String(row['context']),
        document: documentOf(row),
      })),
    ),
    /** Ids of streams from one on; behind it, if `behind`. */
    streams: read(
      ({ from, behind, limit }: { readonly from: string; readonly behind: boolean; readonly limit: number }): readonly string[] =>
        (behind ? nextStreams : firstStreams).all(from, limit).map((row) => String(row['stream'])),
    ),
    unpublished: read((limit: number): readonly Unsent[] => toPublish.all(limit).map((row) => unsent(Number(row['position'])))),
    /** A mark that a power cut takes back is one more publication, so it waits for no disk. */
    markPublished: quickWrite((positions: readonly number[]): void => {
      for (const position of positions) mark.run(position);
    }),
    /** Takes marks back; returns how many commits are to be published again. */
    publishAgain: write((which: { readonly stream?: string; readonly context?: string }): number => {
      if (which.stream !== undefined) return Number(unmarkStream.run(which.stream).changes);
      return Number((which.context === undefined ? unmarkAll.run() : unmarkContext.run(which.context)).changes);
    }),
    isEmpty: read((): boolean => chunk.all(0, 1).length === 0),
  };
};
