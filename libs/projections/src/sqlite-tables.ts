import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { checkField, sortOf } from './applying.js';
import type { Filter, Projection } from './projection.js';

/** Prepared statements of one generation. `name` is its table, quoted. */
export type Statements = {
  readonly name: string;
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly position: StatementSync;
  readonly setPosition: StatementSync;
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const documentsTable = (projection: string, generation: string): string => `${projection}__${generation}`;
const positionsTable = (projection: string, generation: string): string => `${projection}__${generation}__positions`;
/** The virtual column of a query field. */
const column = (field: string): string => quoted(`q:${field}`);
const jsonPath = (field: string): string =>
  `$${field
    .split('.')
    .map((part) => `.${JSON.stringify(part)}`)
    .join('')}`;

/** Makes what is missing: tables, and a virtual column with an index for each query field, also in a table that is filled. */
export const createTables = (database: DatabaseSync, projection: Projection, generation: string): void => {
  const table = documentsTable(projection.name, generation);
  database.exec(`CREATE TABLE IF NOT EXISTS ${quoted(table)} (id TEXT PRIMARY KEY, document TEXT, seen TEXT NOT NULL)`);
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${quoted(positionsTable(projection.name, generation))} (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`,
  );
  const there = columnsOf(database, projection.name, generation);
  for (const field of projection.queryFields ?? []) {
    if (there.has(field)) continue;
    database.exec(
      `ALTER TABLE ${quoted(table)} ADD COLUMN ${column(field)} GENERATED ALWAYS AS (json_extract(document, ${text(jsonPath(field))})) VIRTUAL`,
    );
    database.exec(`CREATE INDEX ${quoted(`${table}:${field}`)} ON ${quoted(table)} (${column(field)}, id)`);
  }
};

/** Removes a generation with everything in it. */
export const dropTables = (database: DatabaseSync, projection: string, generation: string): void => {
  database.exec(`DROP TABLE IF EXISTS ${quoted(documentsTable(projection, generation))}`);
  database.exec(`DROP TABLE IF EXISTS ${quoted(positionsTable(projection, generation))}`);
};

/** The query fields that a generation has columns for. */
export const columnsOf = (database: DatabaseSync, projection: string, generation: string): ReadonlySet<string> => {
  const columns = database.prepare('SELECT name FROM pragma_table_xinfo(?)').all(documentsTable(projection, generation));
  return new Set(columns.map((row) => String(row['name'])).flatMap((name) => (name.startsWith('q:') ? [name.slice(2)] : [])));
};

/** Prepares the statements of a generation, whose tables must be there. */
export const statementsOf = (database: DatabaseSync, projection: string, generation: string): Statements => {
  const name = quoted(documentsTable(projection, generation));
  const positions = quoted(positionsTable(projection, generation));
  return {
    name,
    get: database.prepare(`SELECT document, seen FROM ${name} WHERE id = ?`),
    put: database.prepare(
      `INSERT INTO ${name} (id, document, seen) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document, seen = excluded.seen`,
    ),
    position: database.prepare(`SELECT version FROM ${positions} WHERE stream = ?`),
    setPosition: database.prepare(
      `INSERT INTO ${positions} (stream, version) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET version = excluded.version`,
    ),
  };
};

/** A condition on declared query fields. JSON's booleans are 1 and 0 in SQLite; a missing field is null. */
export const whereOf = (
  filter: Filter,
  declared: ReadonlySet<string>,
): { readonly sql: string; readonly values: readonly SQLInputValue[] } => {
  const conditions = ['document IS NOT NULL'];
  const values: SQLInputValue[] = [];
  for (const [field, wanted] of Object.entries(filter)) {
    checkField(field, declared);
    if (wanted === null) conditions.push(`${column(field)} IS NULL`);
    else if (typeof wanted === 'object') {
      conditions.push(`${column(field)} IN (SELECT value FROM json_each(?))`);
      values.push(JSON.stringify(wanted.in));
    } else {
      conditions.push(`${column(field)} = ?`);
      values.push(typeof wanted === 'boolean' ? Number(wanted) : wanted);
    }
  }
  return { sql: conditions.join(' AND '), values };
};

/** The order of a result; without a sort field by id. */
export const orderOf = (sort: string | undefined, declared: ReadonlySet<string>): string => {
  if (sort === undefined) return 'id';
  const { field, descending } = sortOf(sort);
  checkField(field, declared);
  return `${column(field)} ${descending ? 'DESC' : 'ASC'}, id`;
};
