import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault, type Facts } from '@pstream/kernel';
import { lastCommitIn } from './journal.js';
import { databaseFiles, makePrivate } from './private-file.js';
import { classify } from './sqlite-faults.js';

/** A database and the form of what it holds. */
export type DatabaseSpec = {
  /** Path of the file, or ':memory:'. */
  readonly path: string;
  /** What the file is, written into its header (`application_id`): another program's file is refused. */
  readonly applicationId: number;
  /** Version of the schema (`user_version`): another one is refused, or begun again where that is allowed. */
  readonly version: number;
  /** What the database holds can be rebuilt: one of another version is removed. */
  readonly rebuildable?: true;
  /** Statements that make the tables. */
  readonly schema: string;
  /** Size of a page in bytes. Default 4,096. */
  readonly pageBytes?: number;
  /** Page cache in bytes. Default 2 MB. */
  readonly cacheBytes?: number;
  /** The log is copied into the database whenever it has grown to so many bytes. Default 4 MB. */
  readonly checkpointBytes?: number;
  /** Most bytes the database may take; beyond it writes are refused with 'storage.full'. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** Written into a new database: names the set of databases that belong together. */
  readonly identity?: string;
  /** An existing database must have this identity. */
  readonly belongsTo?: string;
};

/** An open database, whether this opening created it, and the identity in it. `cutShort`: commits at the end of its journal could not be
 *  recovered, because the journal is damaged in front of them. */
export type OpenedFile = {
  readonly database: DatabaseSync;
  readonly created: boolean;
  readonly cutShort: boolean;
  readonly identity: string;
};

/** How the engine opens a database. */
export type OpenFile = (spec: DatabaseSpec) => OpenedFile;

const DEFAULT_PAGE_BYTES = 4096;
const IDENTITY = 'CREATE TABLE storage (identity TEXT NOT NULL) STRICT';

const numberOf = (database: DatabaseSync, sql: string): number => Number(Object.values(database.prepare(sql).get() ?? {})[0]);

/** Opens or creates a database for this process alone, mode 0600. The exclusive lock is taken at once and held until the database is
 *  closed: two processes that both believe they own the store would both publish and both decide.
 *  Faults: 'storage.in-use', 'storage.corrupt', 'storage.forbidden', 'storage.other-format', 'storage.not-of-this-set' (never). */
export const openFile: OpenFile = (spec) => {
  const file = basename(spec.path);
  let database: DatabaseSync | undefined;
  try {
    if (spec.path !== ':memory:') makePrivate(spec.path);
    const lastCommit = lastCommitIn(`${spec.path}-wal`);
    database = new DatabaseSync(spec.path, { timeout: 0 });
    if (spec.rebuildable === true && isOtherVersion(database, spec)) {
      database.close();
      for (const old of databaseFiles(spec.path)) rmSync(old, { force: true });
      makePrivate(spec.path);
      database = new DatabaseSync(spec.path, { timeout: 0 });
    }
    return prepare(database, spec, lastCommit);
  } catch (error) {
    database?.close();
    throw classify(asStorage(error, file), { file });
  }
};

const prepare = (database: DatabaseSync, spec: DatabaseSpec, lastCommit: number): OpenedFile => {
  const pageBytes = spec.pageBytes ?? DEFAULT_PAGE_BYTES;
  // Before anything is written; a database that exists keeps its own.
  database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL`);
  // Before WAL, so that no shared-memory file is needed and the lock stays with this connection.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  database.exec(`PRAGMA cell_size_check = ON; PRAGMA cache_size = ${-Math.ceil((spec.cacheBytes ?? 2_000_000) / 1024)}`);
  const checkpointBytes = spec.checkpointBytes ?? 4_000_000;
  database.exec(
    `PRAGMA wal_autocheckpoint = ${Math.ceil(checkpointBytes / pageBytes)}; PRAGMA journal_size_limit = ${2 * checkpointBytes}`,
  );
  const recovered = Number(database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()?.['log']);
  database.exec('BEGIN IMMEDIATE');
  const created = numberOf(database, 'SELECT count(*) FROM sqlite_master') === 0;
  if (created) {
    database.exec(`PRAGMA application_id = ${spec.applicationId}; PRAGMA user_version = ${spec.version}; ${IDENTITY}`);
    database.prepare('INSERT INTO storage VALUES (?)').run(spec.belongsTo ?? spec.identity ?? '');
    database.exec(spec.schema);
  } else {
    refuseOther(database, spec);
  }
  database.exec('COMMIT');
  if (spec.maxBytes !== undefined) {
    database.exec(`PRAGMA max_page_count = ${Math.floor(spec.maxBytes / numberOf(database, 'PRAGMA page_size'))}`);
  }
  return { database, created, cutShort: !created && recovered < lastCommit, identity: identityOf(database) };
};

const identityOf = (database: DatabaseSync): string => String(database.prepare('SELECT identity FROM storage').get()?.['identity']);

/** Whether a database is ours but of another version. Takes the lock first: another process may have it open. */
const isOtherVersion = (database: DatabaseSync, spec: DatabaseSpec): boolean => {
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT');
  const is = (name: string, wanted: number): boolean => numberOf(database, `PRAGMA ${name}`) === wanted;
  return is('application_id', spec.applicationId) && !is('user_version', spec.version);
};

const refuseOther = (database: DatabaseSync, spec: DatabaseSpec): void => {
  const facts: Facts = { file: basename(spec.path) };
  const applicationId = numberOf(database, 'PRAGMA application_id');
  const version = numberOf(database, 'PRAGMA user_version');
  if (applicationId !== spec.applicationId || version !== spec.version) {
    throw new Fault('storage.other-format', {
      retry: 'never',
      facts: { ...facts, application: applicationId, version, expectedVersion: spec.version },
      advice:
        'This file was written by another program, a development build or a later release. Run the release that wrote it, or start with an empty data directory.',
    });
  }
  if (spec.belongsTo !== undefined && spec.belongsTo !== identityOf(database)) {
    throw new Fault('storage.not-of-this-set', {
      retry: 'never',
      facts,
      advice:
        'This file belongs to another events.sqlite than the one beside it. Put back the one that belongs to it, or remove log.sqlite and views.sqlite while pstream is stopped: they are rebuilt.',
    });
  }
};

/** Errors of the file system from before SQLite was asked. */
const asStorage = (error: unknown, file: string): unknown => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  const facts = { file, reason: code };
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('storage.full', {
      retry: { afterMs: 5_000 },
      facts,
      cause: error,
      advice: 'Free space on the disk of the data directory.',
    });
  if (/^E[A-Z]+$/.test(code))
    return new Fault('storage.forbidden', {
      retry: 'never',
      facts,
      cause: error,
      advice: 'Give the user that runs pstream the data directory and everything in it.',
    });
  return error;
};
