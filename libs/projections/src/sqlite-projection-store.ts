import type { Amounts, RecordedEvent } from '@pstream/contracts';
import { openFile, sqliteFaults } from '@pstream/storage';
import type { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { byDocument, checkNames, evolveRow, FIRST_GENERATION, generationGone, separate, type Row } from './applying.js';
import type { Document, FindOptions, Hole, Projection, ProjectionStore, RebuildRecord, Stored } from './projection.js';
import { pageOf } from './finding.js';
import { queriesOf } from './sqlite-find.js';
import { addUpIn, countedRevisionIn, pruneSums, sumsIn } from './sqlite-sums.js';
import {
  columnsOf,
  createTables,
  documentsTable,
  dropOtherLayouts,
  dropTables,
  LAYOUT,
  statementsOf,
  valuesOf,
  type Statements,
} from './sqlite-tables.js';

/** A file (or ':memory:') that this store opens for itself, or an open database. */
export type SqliteProjectionStoreOptions =
  | {
      readonly path: string;
      /** Identity of the set of databases that the file belongs to. */
      readonly belongsTo?: string;
    }
  | { readonly db: DatabaseSync };

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS projections (name TEXT PRIMARY KEY, live TEXT NOT NULL, filling TEXT, rebuilds INTEGER NOT NULL DEFAULT 0, rebuild TEXT) STRICT';
const FORMAT = { applicationId: 0x70_73_76_77, version: LAYOUT, rebuildable: true, schema: SCHEMA } as const;
const FACTS = { file: 'views.sqlite' } as const;

type Generations = { readonly live: string; readonly filling: string | undefined };

/** Read models as JSON rows in SQLite, query fields and search text as columns beside them. A batch is one transaction: documents, what
 *  they have seen, and the positions change together or not at all. Faults: those of the port and of `openFile`. */
export const sqliteProjectionStore = (options: SqliteProjectionStoreOptions): ProjectionStore => {
  const own = 'path' in options;
  const database = own ? openFile({ ...FORMAT, ...options }).database : options.db;
  sqliteFaults(FACTS, () => {
    if (own) database.exec('PRAGMA synchronous = NORMAL');
    dropOtherLayouts(database);
    database.exec(SCHEMA);
  });
  const cached = new Map<string, Statements>();
  const meta = database.prepare('SELECT live, filling FROM projections WHERE name = ?');
  const setMeta = database.prepare(
    'INSERT INTO projections (name, live, filling) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET live = excluded.live, filling = excluded.filling',
  );

  const guarded = async <T>(work: () => T): Promise<T> => sqliteFaults(FACTS, work);
  const transaction = <T>(work: () => T): Promise<T> =>
    guarded(() => {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    });
  const generationsOf = (name: string): Generations | undefined => {
    const row = meta.get(name);
    return row === undefined
      ? undefined
      : { live: String(row['live']), filling: row['filling'] === null ? undefined : String(row['filling']) };
  };
  const statements = (name: string, generation: string): Statements => {
    const key = `${name}:${generation}`;
    const known = cached.get(key) ?? statementsOf(database, name, generation);
    cached.set(key, known);
    return known;
  };
  const drop = (name: string, generation: string): void => {
    cached.delete(`${name}:${generation}`);
    dropTables(database, name, generation);
  };

  const applyTo = (projection: Projection, events: readonly RecordedEvent[], generation: string): readonly Hole[] => {
    const table = statements(projection.name, generation);
    const positions = new Map<string, number>();
    for (const stream of new Set(events.map((event) => event.stream)))
      positions.set(stream, Number(table.position.get(stream)?.['version'] ?? 0));
    const { fresh, holes } = separate(events, positions, generation);
    for (const [id, concerning] of byDocument(projection, fresh)) {
      const stored = table.get.get(id);
      const before = stored === undefined ? undefined : toRow(stored);
      const row = evolveRow(projection, id, before, concerning);
      if (row === undefined) continue;
      const written = [row.document === null ? null : JSON.stringify(row.document), JSON.stringify(row.seen)] as const;
      const values = valuesOf(projection, row.document);
      if (before !== undefined && isDeepStrictEqual(values, valuesOf(projection, before.document))) table.update.run(...written, id);
      else table.put(projection.queryFields).run(id, ...written, ...values);
    }
    for (const stream of new Set(fresh.map((event) => event.stream))) table.setPosition.run(stream, positions.get(stream) ?? 0);
    return holes;
  };

  return {
    prepare: (projection, generation) =>
      transaction(() => {
        const { name } = projection;
        const known = generationsOf(name);
        const live = known?.live ?? FIRST_GENERATION;
        checkNames(name, generation ?? live);
        createTables(database, projection, live);
        cached.delete(`${name}:${live}`);
        if (generation === undefined || generation === live) {
          setMeta.run(name, live, known?.filling ?? null);
          return;
        }
        for (const old of [known?.filling, generation]) if (old !== undefined) drop(name, old);
        createTables(database, projection, generation);
        setMeta.run(name, live, generation);
      }),
    apply: (projection, events, generation) =>
      transaction(() => {
        const known = generationsOf(projection.name);
        const there = known === undefined ? [] : [known.live, ...(known.filling === undefined ? [] : [known.filling])];
        const wanted = generation === undefined ? there : [generation];
        if (wanted.length === 0 || !wanted.every((one) => there.includes(one))) throw generationGone(projection.name, generation ?? 'live');
        return wanted.flatMap((one) => applyTo(projection, events, one));
      }),
    settle: () =>
      guarded(() => {
        // The commit of a changed page under FULL syncs the whole journal, whatever was written to it before.
        database.exec('PRAGMA synchronous = FULL');
        try {
          database.exec(`PRAGMA user_version = ${LAYOUT}`);
        } finally {
          if (own) database.exec('PRAGMA synchronous = NORMAL');
        }
      }),
    versions: (name, ids) =>
      guarded(() => {
        const known = generationsOf(name);
        const there = known === undefined ? [] : [known.live, ...(known.filling === undefined ? [] : [known.filling])];
        return there.flatMap((generation) => {
          const { get } = statements(name, generation);
          return ids.flatMap((id) => {
            const row = get.get(id);
            return row === undefined
              ? []
              : [{ generation, live: generation === known?.live, id, revision: Number(row['rev']), document: toRow(row).document }];
          });
        });
      }),
    addUp: (name, partition, shares) =>
      transaction(() => {
        const known = generationsOf(name);
        for (const generation of new Set(shares.map((share) => share.generation))) {
          if (generation !== known?.live && generation !== known?.filling) continue;
          const own = shares.filter((share) => share.generation === generation);
          addUpIn(database, documentsTable(name, generation), partition, own);
        }
      }),
    prune: (name, before) =>
      transaction(() => {
        const known = generationsOf(name);
        if (known === undefined) return;
        database.prepare(`DELETE FROM ${statements(name, known.live).name} WHERE id < ?`).run(before);
        pruneSums(database, documentsTable(name, known.live), before);
      }),
    liveGeneration: (name) => guarded(() => generationsOf(name)?.live ?? FIRST_GENERATION),
    promote: (name, generation) =>
      transaction(() => {
        const known = generationsOf(name);
        if (known?.filling !== generation) throw generationGone(name, generation);
        setMeta.run(name, generation, null);
        drop(name, known.live);
      }),
    discard: (name, generation) =>
      transaction(() => {
        const known = generationsOf(name);
        if (known?.filling !== generation) return;
        setMeta.run(name, known.live, null);
        drop(name, generation);
      }),
    get: <D extends Document>(name: string, id: string) =>
      guarded((): Stored<D> | undefined => {
        const known = generationsOf(name);
        const row = known === undefined ? undefined : statements(name, known.live).get.get(id);
        return row === undefined ? undefined : toStored<D>(id, toRow(row));
      }),
    find: <D extends Document>(name: string, wanted: FindOptions = {}) =>
      guarded(() => {
        const known = generationsOf(name);
        if (known === undefined) return { documents: [], total: 0 };
        const { count, page } = queriesOf(statements(name, known.live).name, wanted, columnsOf(database, name, known.live));
        const total = Number(database.prepare(count.sql).get(...count.values)?.['total']);
        const rows = database.prepare(page.sql).all(...page.values);
        const found = rows.flatMap((row) => toStored<D>(String(row['id']), toRow(row)) ?? []);
        return pageOf(found, total, wanted);
      }),
    position: (name, stream) =>
      guarded(() => {
        const known = generationsOf(name);
        return known === undefined ? 0 : Number(statements(name, known.live).position.get(stream)?.['version'] ?? 0);
      }),
    sums: (name, scopes) =>
      guarded(() => {
        const known = generationsOf(name);
        return known === undefined ? new Map<string, Amounts>() : sumsIn(database, documentsTable(name, known.live), scopes);
      }),
    revisions: (name, id) =>
      guarded(() => {
        const known = generationsOf(name);
        if (known === undefined) return { current: 0, counted: 0 };
        const current = Number(statements(name, known.live).get.get(id)?.['rev'] ?? 0);
        return { current, counted: countedRevisionIn(database, documentsTable(name, known.live), id) };
      }),
    rebuilds: () =>
      guarded(() => {
        const rows = database.prepare('SELECT name, rebuilds, rebuild FROM projections WHERE rebuild IS NOT NULL ORDER BY name').all();
        return new Map(
          rows.map(({ name, rebuilds, rebuild }): [string, RebuildRecord] => [
            String(name),
            { ...(JSON.parse(String(rebuild)) as Omit<RebuildRecord, 'revision'>), revision: Number(rebuilds) },
          ]),
        );
      }),
    noteRebuild: (name, record, revision) =>
      guarded(() => {
        const note = database.prepare('UPDATE projections SET rebuilds = rebuilds + 1, rebuild = ? WHERE name = ? AND rebuilds = ?');
        return note.run(JSON.stringify(record), name, revision).changes === 1;
      }),
    close: async () => {
      if (own && database.isOpen) database.close();
    },
  };
};

const toRow = (row: Record<string, unknown>): Row => ({
  document: typeof row['document'] === 'string' ? (JSON.parse(row['document']) as Document) : null,
  seen: JSON.parse(String(row['seen'])) as Row['seen'],
});

// The projection's own `evolve` made the document, so its type is what the caller names.
const toStored = <D extends Document>(id: string, { document, seen }: Row): Stored<D> | undefined =>
  document === null ? undefined : { id, document: document as D, seen };
