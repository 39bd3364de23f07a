import type { RecordedEvent } from '@pstream/contracts';
import { isFault, systemClock, type Clock } from '@pstream/kernel';
import { inlineStorage, type Database, type Program, type Storage } from '@pstream/storage';
import { isDeepStrictEqual } from 'node:util';
import { byDocument, evolveRow, separate, type Row } from './applying.js';
import { Batches, type Apply } from './batches.js';
import { pageOf } from './finding.js';
import type { Document, FindOptions, Hole, Projection, ProjectionStore, Stored } from './projection.js';
import { calls, SCHEMA, type Change, type Changes, type Loaded, type RowText } from './sqlite-calls.js';
import { LAYOUT, valuesOf, type Shape } from './sqlite-tables.js';

/** Where the embedded read models lie. */
export type SqliteProjectionStoreOptions = {
  readonly storage: Storage;
  /** File of the database, or ':memory:'. One process at a time may have it open. */
  readonly path: string;
  /** Identity of the set of databases that the file belongs to. */
  readonly belongsTo?: string;
  /** Only for `yield` between the documents of a large batch. */
  readonly clock?: Clock;
};

type ViewCalls = ReturnType<typeof calls>;

const PROGRAM: Program<ViewCalls> = {
  module: new URL(import.meta.url.endsWith('.ts') ? './sqlite-calls.ts' : './sqlite-calls.js', import.meta.url),
  calls,
};
/** A checkpoint waits for the disk, and whoever writes or reads waits for it. Documents are rewritten often, so that a larger journal holds
 *  fewer pages to copy for each change. */
const CHECKPOINT_BYTES = 32_000_000;
const FORMAT = {
  applicationId: 0x70_73_76_77,
  version: LAYOUT,
  rebuildable: true,
  schema: SCHEMA,
  cacheBytes: 16_000_000,
  checkpointBytes: CHECKPOINT_BYTES,
} as const;

/** How often writers may get in each other's way before the batch is given back. */
const ATTEMPTS = 20;
/** Documents evolved before the rest of the process gets its turn. */
const AT_ONCE = 50;

/** Read models as JSON rows in SQLite, query fields and search text as columns beside them. The thread of the storage reads and writes,
 *  the caller's evolves: a batch loads the documents that it concerns, evolves them, and writes them back with the positions, all or none,
 *  if nobody else has changed them meanwhile. Faults: those of the port, and those of `Database` and its opening. */
export const sqliteProjectionStore = async ({ storage, clock, ...file }: SqliteProjectionStoreOptions): Promise<ProjectionStore> => {
  const database = await storage.open({ ...FORMAT, ...file }, PROGRAM);
  return projectionStoreOn(Promise.resolve(database), clock ?? systemClock);
};

/** Read models in memory and in the caller's thread, for tests and examples. */
export const memoryProjectionStore = (): ProjectionStore =>
  projectionStoreOn(inlineStorage().open({ ...FORMAT, path: ':memory:' }, PROGRAM), systemClock);

/** A store over an open database of read models; closing it closes the database. */
const projectionStoreOn = (opening: Promise<Database<ViewCalls>>, clock: Clock): ProjectionStore => {
  const call: Database<ViewCalls>['call'] = async (name, argument) => (await opening).call(name, argument);

  const evolved = async (projection: Projection, fresh: ReadonlyMap<string, readonly RecordedEvent[]>, rows: readonly RowText[]) => {
    const stored = new Map(rows.map((row) => [row.id, row]));
    const changes: Change[] = [];
    let since = 0;
    for (const [id, events] of fresh) {
      const change = changeOf(projection, id, stored.get(id), events);
      if (change !== undefined) changes.push(change);
      if (++since % AT_ONCE === 0) await clock.yield();
    }
    return changes;
  };
  const changesOf = async (projection: Projection, events: readonly RecordedEvent[], loaded: Loaded) => {
    const { generation, rows } = loaded;
    const positions = new Map(loaded.positions);
    const { fresh, holes } = separate(events, positions, generation);
    const moved = new Map(fresh.map(({ stream }) => [stream, positions.get(stream) ?? 0]));
    const changes: Changes = { generation, positions: moved, rows: await evolved(projection, byDocument(projection, fresh), rows) };
    return { changes, holes };
  };
  const attempt = async (projection: Projection, events: readonly RecordedEvent[], generation: string | undefined) => {
    const streams = [...new Set(events.map(({ stream }) => stream))];
    const ids = [...byDocument(projection, events).keys()];
    const loaded = await call('load', { name: projection.name, generation, streams, ids });
    const all: { readonly changes: Changes; readonly holes: readonly Hole[] }[] = [];
    for (const one of loaded) all.push(await changesOf(projection, events, one));
    const changed = all.flatMap(({ changes }) => (changes.positions.size > 0 ? changes : []));
    if (changed.length > 0) await call('save', { shape: shapeOf(projection), changes: changed });
    return all.flatMap(({ holes }) => holes);
  };
  const apply: Apply = async (projection, events, generation) => {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(projection, events, generation);
      } catch (error) {
        if (tries === ATTEMPTS || !isFault(error)) throw error;
        const switched = error.code === 'projection.generation-gone' && generation === undefined && tries === 1;
        if (error.code !== 'projection.contended' && !switched) throw error;
      }
    }
  };

  const batches = new Batches(apply);
  return {
    prepare: (projection, generation) => call('prepare', { shape: shapeOf(projection), generation }),
    apply: (projection, events, generation) => batches.apply(projection, events, generation),
    settle: () => call('settle', null),
    versions: async (name, ids) =>
      (await call('versions', { name, ids })).map(({ document, ...version }) => ({ ...version, document: documentOf(document) })),
    addUp: (name, partition, shares) => call('addUp', { name, partition, shares }),
    prune: (name, before) => call('prune', { name, before }),
    liveGeneration: (name) => call('liveGeneration', name),
    promote: (name, generation) => call('promote', { name, generation }),
    discard: (name, generation) => call('discard', { name, generation }),
    get: async <D extends Document>(name: string, id: string) => {
      const row = await call('get', { name, id });
      return row === undefined ? undefined : toStored<D>(row);
    },
    find: async <D extends Document>(name: string, wanted: FindOptions = {}) => {
      const { rows, total } = await call('find', { name, wanted });
      return pageOf(
        rows.flatMap((row) => toStored<D>(row) ?? []),
        total,
        wanted,
      );
    },
    position: (name, stream) => call('position', { name, stream }),
    sums: (name, scopes) => call('sums', { name, scopes }),
    revisions: (name, id) => call('revisions', { name, id }),
    rebuilds: () => call('rebuilds', null),
    noteRebuild: (name, record, revision) => call('noteRebuild', { name, record, revision }),
    close: async () => (await opening).close(),
  };
};

const shapeOf = ({ name, queryFields = [], searchFields = [], orders }: Projection): Shape => ({
  name,
  queryFields,
  searchFields,
  ...(orders === undefined ? {} : { orders }),
});

const changeOf = (
  projection: Projection,
  id: string,
  stored: RowText | undefined,
  events: readonly RecordedEvent[],
): Change | undefined => {
  const before = stored === undefined ? undefined : toRow(stored);
  const row = evolveRow(projection, id, before, events);
  if (row === undefined) return undefined;
  const columns = valuesOf(projection, row.document);
  const same = before !== undefined && isDeepStrictEqual(columns, valuesOf(projection, before.document));
  return {
    id,
    rev: stored?.rev ?? 0,
    document: row.document === null ? null : JSON.stringify(row.document),
    seen: JSON.stringify(row.seen),
    ...(same ? {} : { columns }),
  };
};

const documentOf = (text: string | null): Document | null => (text === null ? null : (JSON.parse(text) as Document));

const toRow = ({ document, seen }: RowText): Row => ({ document: documentOf(document), seen: JSON.parse(seen) as Row['seen'] });

// The projection's own `evolve` made the document, so its type is what the caller names.
const toStored = <D extends Document>(row: RowText): Stored<D> | undefined => {
  const { document, seen } = toRow(row);
  return document === null ? undefined : { id: row.id, document: document as D, seen };
};
