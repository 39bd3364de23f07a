import type { Amounts } from '@pstream/contracts';
import { Fault } from '@pstream/kernel';
import { quickWrite, read, write } from '@pstream/storage';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { checkNames, FIRST_GENERATION, generationGone } from './applying.js';
import type { FindOptions, RebuildRecord, Revisions, ShareAt } from './projection.js';
import { queriesOf } from './sqlite-find.js';
import { addUpIn, countedRevisionIn, pruneSums, sumsIn } from './sqlite-sums.js';
import { columnsOf, createTables, documentsTable, dropTables, LAYOUT, statementsOf, type Shape, type Statements } from './sqlite-tables.js';

// What runs beside the database of the views, in the thread that owns it. Documents pass through as text: who asked reads them.

/** The table of the projections; each has tables of its own per generation. */
export const SCHEMA =
  'CREATE TABLE projections (name TEXT PRIMARY KEY, live TEXT NOT NULL, filling TEXT, rebuilds INTEGER NOT NULL DEFAULT 0, rebuild TEXT) STRICT';

/** A stored document: its JSON, null after a deletion, and that of what it has seen. */
export type RowText = { readonly id: string; readonly rev: number; readonly document: string | null; readonly seen: string };

/** What a generation holds of some streams and documents. A position that is not there is 0. */
export type Loaded = {
  readonly generation: string;
  readonly positions: ReadonlyMap<string, number>;
  readonly rows: readonly RowText[];
};

/** A row as it shall be, if it still has the revision `rev`; 0 if there was none. `columns`, where one of them has changed: as `valuesOf`
 *  has them. */
export type Change = RowText & { readonly columns?: readonly SQLInputValue[] };

/** What a batch of events does to one generation. */
export type Changes = {
  readonly generation: string;
  readonly positions: ReadonlyMap<string, number>;
  readonly rows: readonly Change[];
};

/** A document in one generation, as text. */
export type VersionText = {
  readonly generation: string;
  readonly live: boolean;
  readonly id: string;
  readonly revision: number;
  readonly document: string | null;
};

type Generations = { readonly live: string; readonly filling: string | undefined };

/** The operations on the database of the views. */
export const calls = (database: DatabaseSync) => {
  const cached = new Map<string, Statements>();
  const meta = database.prepare('SELECT live, filling FROM projections WHERE name = ?');
  const setMeta = database.prepare(
    'INSERT INTO projections (name, live, filling) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET live = excluded.live, filling = excluded.filling',
  );
  const allRebuilds = database.prepare('SELECT name, rebuilds, rebuild FROM projections WHERE rebuild IS NOT NULL ORDER BY name');
  const setRebuild = database.prepare('UPDATE projections SET rebuilds = rebuilds + 1, rebuild = ? WHERE name = ? AND rebuilds = ?');

  const generationsOf = (name: string): Generations | undefined => {
    const row = meta.get(name);
    return row === undefined
      ? undefined
      : { live: String(row['live']), filling: row['filling'] === null ? undefined : String(row['filling']) };
  };
  const those = (known: Generations | undefined): readonly string[] =>
    known === undefined ? [] : [known.live, ...(known.filling === undefined ? [] : [known.filling])];
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
  const saveInto = ({ name, queryFields = [] }: Shape, { generation, positions, rows }: Changes): void => {
    const table = statements(name, generation);
    for (const { id, rev, document, seen, columns } of rows) {
      const done =
        columns === undefined ? table.update.run(document, seen, id, rev) : table.put(queryFields).run(id, document, seen, ...columns, rev);
      if (done.changes !== 1) throw new Fault('projection.contended', { retry: 'now', facts: { projection: name } });
    }
    for (const [stream, version] of positions) table.setPosition.run(stream, version);
  };

  return {
    prepare: quickWrite(({ shape, generation }: { readonly shape: Shape; readonly generation: string | undefined }): void => {
      const { name } = shape;
      const known = generationsOf(name);
      const live = known?.live ?? FIRST_GENERATION;
      checkNames(name, generation ?? live);
      createTables(database, shape, live);
      cached.delete(`${name}:${live}`);
      if (generation === undefined || generation === live) {
        setMeta.run(name, live, known?.filling ?? null);
        return;
      }
      for (const old of [known?.filling, generation]) if (old !== undefined) drop(name, old);
      createTables(database, shape, generation);
      setMeta.run(name, live, generation);
    }),
    /** Where one generation, or each that there is, stands with these streams and documents. Fault 'projection.generation-gone'. */
    load: read((wanted: Wanted): readonly Loaded[] => {
      const { name, generation, streams, ids } = wanted;
      const there = those(generationsOf(name));
      const asked = generation === undefined ? there : [generation];
      if (asked.length === 0 || !asked.every((one) => there.includes(one))) throw generationGone(name, generation ?? 'live');
      return asked.map((one) => {
        const table = statements(name, one);
        const positions = streams.flatMap((stream): [string, number][] => {
          const version = table.position.get(stream)?.['version'];
          return version === undefined ? [] : [[stream, Number(version)]];
        });
        return { generation: one, positions: new Map(positions), rows: ids.flatMap((id) => rowOf(table, id) ?? []) };
      });
    }),
    /** Writes rows and positions together or not at all. Faults 'projection.contended' where a row has changed since it was loaded,
     *  'projection.generation-gone'. */
    save: quickWrite(({ shape, changes }: { readonly shape: Shape; readonly changes: readonly Changes[] }): void => {
      const there = those(generationsOf(shape.name));
      for (const one of changes) {
        if (!there.includes(one.generation)) throw generationGone(shape.name, one.generation);
        saveInto(shape, one);
      }
    }),
    /** The commit of a changed page that waits for the disk syncs the whole journal, whatever was written to it before. */
    settle: write((): void => database.exec(`PRAGMA user_version = ${LAYOUT}`)),
    versions: read(({ name, ids }: { readonly name: string; readonly ids: readonly string[] }): readonly VersionText[] => {
      const known = generationsOf(name);
      return those(known).flatMap((generation) =>
        ids.flatMap((id) => {
          const row = rowOf(statements(name, generation), id);
          return row === undefined ? [] : [{ generation, live: generation === known?.live, id, revision: row.rev, document: row.document }];
        }),
      );
    }),
    addUp: quickWrite(
      ({ name, partition, shares }: { readonly name: string; readonly partition: number; readonly shares: readonly ShareAt[] }): void => {
        const there = those(generationsOf(name));
        for (const generation of new Set(shares.map((share) => share.generation))) {
          if (!there.includes(generation)) continue;
          const own = shares.filter((share) => share.generation === generation);
          addUpIn(database, documentsTable(name, generation), partition, own);
        }
      },
    ),
    prune: quickWrite(({ name, before }: { readonly name: string; readonly before: string }): void => {
      const known = generationsOf(name);
      if (known === undefined) return;
      database.prepare(`DELETE FROM ${statements(name, known.live).name} WHERE id < ?`).run(before);
      pruneSums(database, documentsTable(name, known.live), before);
    }),
    liveGeneration: read((name: string): string => generationsOf(name)?.live ?? FIRST_GENERATION),
    promote: quickWrite(({ name, generation }: Place): void => {
      const known = generationsOf(name);
      if (known?.filling !== generation) throw generationGone(name, generation);
      setMeta.run(name, generation, null);
      drop(name, known.live);
    }),
    discard: quickWrite(({ name, generation }: Place): void => {
      const known = generationsOf(name);
      if (known?.filling !== generation) return;
      setMeta.run(name, known.live, null);
      drop(name, generation);
    }),
    get: read(({ name, id }: { readonly name: string; readonly id: string }): RowText | undefined => {
      const known = generationsOf(name);
      return known === undefined ? undefined : rowOf(statements(name, known.live), id);
    }),
    find: read(({ name, wanted }: { readonly name: string; readonly wanted: FindOptions }): FoundText => {
      const known = generationsOf(name);
      if (known === undefined) return { rows: [], total: 0 };
      const { count, page } = queriesOf(statements(name, known.live).name, wanted, columnsOf(database, name, known.live));
      const total = Number(database.prepare(count.sql).get(...count.values)?.['total']);
      return {
        rows: database
          .prepare(page.sql)
          .all(...page.values)
          .map(toText),
        total,
      };
    }),
    position: read(({ name, stream }: { readonly name: string; readonly stream: string }): number => {
      const known = generationsOf(name);
      return known === undefined ? 0 : Number(statements(name, known.live).position.get(stream)?.['version'] ?? 0);
    }),
    sums: read(({ name, scopes }: { readonly name: string; readonly scopes: readonly string[] }): ReadonlyMap<string, Amounts> => {
      const known = generationsOf(name);
      return known === undefined ? new Map() : sumsIn(database, documentsTable(name, known.live), scopes);
    }),
    revisions: read(({ name, id }: { readonly name: string; readonly id: string }): Revisions => {
      const known = generationsOf(name);
      if (known === undefined) return { current: 0, counted: 0 };
      const current = Number(statements(name, known.live).get.get(id)?.['rev'] ?? 0);
      return { current, counted: countedRevisionIn(database, documentsTable(name, known.live), id) };
    }),
    rebuilds: read((): ReadonlyMap<string, RebuildRecord> => {
      const records = allRebuilds
        .all()
        .map(({ name, rebuilds, rebuild }): [string, RebuildRecord] => [
          String(name),
          { ...(JSON.parse(String(rebuild)) as Omit<RebuildRecord, 'revision'>), revision: Number(rebuilds) },
        ]);
      return new Map(records);
    }),
    noteRebuild: quickWrite(({ name, record, revision }: RebuildNote): boolean => {
      return setRebuild.run(JSON.stringify(record), name, revision).changes === 1;
    }),
  };
};

type Wanted = {
  readonly name: string;
  readonly generation: string | undefined;
  readonly streams: readonly string[];
  readonly ids: readonly string[];
};
type Place = { readonly name: string; readonly generation: string };
type RebuildNote = { readonly name: string; readonly record: Omit<RebuildRecord, 'revision'>; readonly revision: number };
type FoundText = { readonly rows: readonly RowText[]; readonly total: number };

const rowOf = (table: Statements, id: string): RowText | undefined => {
  const row = table.get.get(id);
  return row === undefined ? undefined : toText({ ...row, id });
};

const toText = (row: Readonly<Record<string, unknown>>): RowText => ({
  id: String(row['id']),
  rev: Number(row['rev']),
  document: typeof row['document'] === 'string' ? row['document'] : null,
  seen: String(row['seen']),
});
