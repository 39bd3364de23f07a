import { streamName, type Context, type DomainEvent, type RecordedEvent, type StreamName } from '@pstream/contracts';
import { Fault, systemClock, type Clock } from '@pstream/kernel';
import { inlineStorage, type Database, type DatabaseSpec, type Program, type Storage } from '@pstream/storage';
import { lastVersion, toDocument, toEvents, type CommitDocument } from './commit-document.js';
import type { Appended, Commit, EventStore, UnpublishedCommit } from './event-store.js';
import { listeners } from './listeners.js';
import { calls, SCHEMA, type Unsent } from './sqlite-calls.js';

/** Where the embedded event store lies. */
export type SqliteEventStoreOptions = {
  readonly storage: Storage;
  /** File of the database, or ':memory:'. One process at a time may have it open. */
  readonly path: string;
  /** Only for `yield` between the chunks of `readAll`. */
  readonly clock?: Clock;
  /** Most bytes the database may take; beyond it appends are refused with 'storage.full'. Default: what the disk holds. */
  readonly maxBytes?: number;
  /** Names the set of databases that belong together, in a new database. */
  readonly identity?: string;
};

/** The embedded event store: the port, and what only a data directory needs. */
export interface SqliteEventStore extends EventStore {
  /** Identity in the database, which the databases beside it share. */
  readonly identity: string;
  /** Whether commits at the end of the database's journal were lost to damage when it was opened. */
  readonly cutShort: boolean;
  /** Whether no commit was there when the store was opened. */
  readonly wasEmpty: boolean;
  /** Has commits published once more, of one stream, one context or all: for when the log has lost them. Returns how many. */
  publishAgain(which: { readonly stream: string } | { readonly context: Context } | 'all'): Promise<number>;
  /** Copies the database as it is now to a file. */
  backup(to: string): Promise<void>;
}

type EventCalls = ReturnType<typeof calls>;

const PROGRAM: Program<EventCalls> = {
  module: new URL(import.meta.url.endsWith('.ts') ? './sqlite-calls.ts' : './sqlite-calls.js', import.meta.url),
  calls,
};
const FORMAT = { applicationId: 0x70_73_65_76, version: 1, schema: SCHEMA } as const;

/** Commits read at once by `readAll`, and streams by `streams`. */
const CHUNK = 1_000;

/** Opens the embedded event store: one SQLite file in WAL mode, one row with a checksum per commit. Appends that come together share one
 *  commit and one sync of the disk.
 *
 *  Beside the faults of the port, those of `Database` and its opening; 'event-store.damaged' (never; facts file, stream, version)
 *  concerns one stream. */
export const sqliteEventStore = async (options: SqliteEventStoreOptions): Promise<SqliteEventStore> => {
  const { storage, path, maxBytes, identity } = options;
  const spec: DatabaseSpec = {
    ...FORMAT,
    path,
    cacheBytes: 16_000_000,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(identity === undefined ? {} : { identity }),
  };
  const database = await storage.open(spec, PROGRAM);
  return {
    ...storeOn(Promise.resolve(database), options.clock ?? systemClock),
    identity: database.identity,
    cutShort: database.cutShort,
    wasEmpty: await database.call('isEmpty', null),
    publishAgain: (which) => database.call('publishAgain', which === 'all' ? {} : which),
    backup: (to) => database.backup(to),
  };
};

/** An event store in memory and in the caller's thread, for tests and examples. */
export const memoryEventStore = (): EventStore => storeOn(inlineStorage().open({ ...FORMAT, path: ':memory:' }, PROGRAM), systemClock);

const parse = (document: string): CommitDocument => JSON.parse(document) as CommitDocument;

const storeOn = (opening: Promise<Database<EventCalls>>, clock: Clock): EventStore => {
  const appended = listeners();
  const call: Database<EventCalls>['call'] = async (name, argument) => (await opening).call(name, argument);

  return {
    append: async <E extends DomainEvent>(commit: Commit<E>): Promise<Appended<E>> => {
      const document = toDocument(commit);
      const { stream, expectedVersion, context, metadata } = commit;
      const stored = await call('append', {
        stream,
        expectedVersion,
        lastVersion: lastVersion(document),
        commandId: metadata.commandId,
        context,
        document: JSON.stringify(document),
      });
      if (!stored.duplicate) appended.notify();
      const known = parse(stored.document);
      return { version: lastVersion(known), duplicate: stored.duplicate, events: toEvents<E>(known) };
    },
    read: async <E extends DomainEvent>(stream: StreamName<E>, after = 0) => {
      const documents = await call('read', { stream, after });
      return documents.flatMap((document) => toEvents<E>(parse(document))).filter((event) => event.version > after);
    },
    byCommand: async (commandId) => {
      const document = await call('byCommand', commandId);
      return document === undefined ? undefined : toEvents(parse(document));
    },
    readAll: async function* (wanted = {}): AsyncIterable<RecordedEvent> {
      let after = 0;
      for (;;) {
        const commits = await call('chunk', { after, limit: CHUNK });
        for (const { position, context, document } of commits) {
          after = position;
          if (wanted.contexts === undefined || wanted.contexts.some((one) => one === context)) yield* toEvents(parse(document));
        }
        if (commits.length < CHUNK) return;
        await clock.yield();
      }
    },
    streams: async function* (prefix) {
      let from = prefix;
      for (let behind = false; ; behind = true) {
        const found = await call('streams', { from, behind, limit: CHUNK });
        for (const stream of found) {
          if (!stream.startsWith(prefix)) return;
          yield streamName((from = stream));
        }
        if (found.length < CHUNK) return;
        await clock.yield();
      }
    },
    unpublished: async (limit) => (await call('unpublished', limit)).map(toUnpublished),
    markPublished: async (ids) => {
      if (ids.length > 0) await call('markPublished', ids.map(Number));
    },
    onAppended: appended.add,
    close: async () => (await opening).close(),
  };
};

const toUnpublished = (unsent: Unsent): UnpublishedCommit => {
  const position = unsent.position;
  const stream = streamName(unsent.stream);
  if ('document' in unsent) return { id: String(position), stream, events: toEvents(parse(unsent.document)) };
  const { version, errcode } = unsent;
  const damage = new Fault('event-store.damaged', {
    retry: 'never',
    facts: { file: 'events.sqlite', stream, version, errcode },
    advice: 'This commit has changed on the disk after it was confirmed. Restore events.sqlite from a backup; other streams go on.',
  });
  return { id: String(position), stream, events: [], damage };
};
