import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { ordersOf, searchText, valueAt } from './finding.js';
import { createSums, dropSums } from './sqlite-sums.js';
import type { Document, ListOrder, Projection } from './projection.js';

/** What the tables of a projection follow from: its declaration without its functions, so that it can cross between threads. */
export type Shape = Pick<Projection, 'name' | 'queryFields' | 'searchFields' | 'orders'>;

/** Prepared statements of one generation. `name` is its table, quoted. */
export type Statements = {
  readonly name: string;
  readonly get: StatementSync;
  /** Replaces document and `seen` of a row that still has this revision, where no column but these changes: no index is touched. */
  readonly update: StatementSync;
  /** Writes a whole row that still has this revision, or a new one, with these query fields; values as `valuesOf` has them. */
  readonly put: (queryFields: readonly string[]) => StatementSync;
  readonly position: StatementSync;
  /** Moves a position forward, never back. */
  readonly setPosition: StatementSync;
};

/** What a table is asked by: its query fields, its orders with the names of their indexes, and the fields it is searched in. */
export type Columns = {
  readonly fields: ReadonlySet<string>;
  readonly searchFields: readonly string[];
  readonly orders: readonly (ListOrder & { readonly index: string })[];
};

/** Grows with every change of the tables: a file with other ones is removed, and its documents are rebuilt from the events. */
export const LAYOUT = 3;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** The column of a query field. */
export const column = (field: string): string => quoted(`q:${field}`);
/** The table of a generation's documents. */
export const documentsTable = (projection: string, generation: string): string => `${projection}__${generation}`;
const positionsTable = (projection: string, generation: string): string => `${projection}__${generation}__positions`;

/** The values of the columns beside document and `seen`, in the order of `put`: there or gone, search text, query fields. */
export const valuesOf = ({ queryFields = [], searchFields = [] }: Shape, document: Document | null): readonly SQLInputValue[] => [
  document === null ? 0 : 1,
  searchText(document, searchFields),
  ...queryFields.map((field) => bound(valueAt(document, field))),
];

/** JSON's booleans are 1 and 0 in SQLite. */
export const bound = (value: string | number | boolean | null): SQLInputValue => (typeof value === 'boolean' ? Number(value) : value);

/** Makes what is missing, also in a table with rows: tables, a column for each query field, an index for each order. Indexes that nobody
 *  declares any more go. */
export const createTables = (database: DatabaseSync, projection: Shape, generation: string): void => {
  const { queryFields = [], searchFields = [] } = projection;
  const table = documentsTable(projection.name, generation);
  const search = searchFields.join(' ');
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${quoted(table)} (id TEXT PRIMARY KEY, rev INTEGER NOT NULL, live INTEGER NOT NULL, search TEXT, ${queryFields.map((field) => `${column(field)}, `).join('')}document TEXT, seen TEXT NOT NULL)`,
  );
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${quoted(positionsTable(projection.name, generation))} (stream TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`,
  );
  createSums(database, table);
  const there = columnsOf(database, projection.name, generation);
  const missing = queryFields.filter((field) => !there.fields.has(field));
  for (const field of missing) database.exec(`ALTER TABLE ${quoted(table)} ADD COLUMN ${column(field)}`);
  const wanted = new Map(ordersOf(projection).map((order) => [indexName(table, order, search), order]));
  const known = new Set(there.orders.map(({ index }) => index));
  const fresh = [...wanted].filter(([index]) => !known.has(index));
  for (const index of known) if (!wanted.has(index)) database.exec(`DROP INDEX ${quoted(index)}`);
  if (missing.length > 0 || fresh.length > 0) fillColumns(database, projection, generation);
  for (const [index, { within = [], sort, filter = [] }] of fresh) {
    const columns = [...within.map(column), column(sort), 'id', ...filter.map(column), ...(search === '' ? [] : ['search'])];
    database.exec(`CREATE INDEX ${quoted(index)} ON ${quoted(table)} (${columns.join(', ')}) WHERE live = 1`);
  }
};

/** An index carries its own description: whoever reads needs no declaration. */
const indexName = (table: string, { within = [], sort, filter = [] }: ListOrder, search: string): string =>
  [table, within.join(' '), sort, filter.join(' '), search].join(':');

const fillColumns = (database: DatabaseSync, projection: Shape, generation: string): void => {
  const put = statementsOf(database, projection.name, generation).put(projection.queryFields ?? []);
  const rows = database.prepare(`SELECT id, rev, document, seen FROM ${quoted(documentsTable(projection.name, generation))}`).all();
  for (const { id, rev, document, seen } of rows) {
    const values = valuesOf(projection, typeof document === 'string' ? (JSON.parse(document) as Document) : null);
    put.run(id ?? '', document ?? null, seen ?? '', ...values, rev ?? 0);
  }
};

/** Removes a generation with everything in it. */
export const dropTables = (database: DatabaseSync, projection: string, generation: string): void => {
  dropSums(database, documentsTable(projection, generation));
  database.exec(`DROP TABLE IF EXISTS ${quoted(documentsTable(projection, generation))}`);
  database.exec(`DROP TABLE IF EXISTS ${quoted(positionsTable(projection, generation))}`);
};

/** What a generation can be asked by. */
export const columnsOf = (database: DatabaseSync, projection: string, generation: string): Columns => {
  const table = documentsTable(projection, generation);
  const names = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  const indexes = database
    .prepare(`SELECT name FROM pragma_index_list(?) WHERE origin = 'c'`)
    .all(table)
    .map(({ name }) => String(name));
  const words = (text = ''): readonly string[] => (text === '' ? [] : text.split(' '));
  return {
    fields: new Set(names.map(({ name }) => String(name)).flatMap((name) => (name.startsWith('q:') ? [name.slice(2)] : []))),
    searchFields: words(indexes[0]?.split(':').at(-1)),
    orders: indexes.map((index) => {
      const [, within, sort = '', filter] = index.split(':');
      return { index, within: words(within), sort, filter: words(filter) };
    }),
  };
};

/** Prepares the statements of a generation, whose tables must be there. */
export const statementsOf = (database: DatabaseSync, projection: string, generation: string): Statements => {
  const name = quoted(documentsTable(projection, generation));
  const positions = quoted(positionsTable(projection, generation));
  const puts = new Map<string, StatementSync>();
  return {
    name,
    get: database.prepare(`SELECT rev, document, seen FROM ${name} WHERE id = ?`),
    update: database.prepare(`UPDATE ${name} SET rev = rev + 1, document = ?, seen = ? WHERE id = ? AND rev = ?`),
    put: (queryFields) => {
      const key = queryFields.join(' ');
      const statement = puts.get(key) ?? database.prepare(putInto(name, queryFields));
      puts.set(key, statement);
      return statement;
    },
    position: database.prepare(`SELECT version FROM ${positions} WHERE stream = ?`),
    setPosition: database.prepare(
      `INSERT INTO ${positions} (stream, version) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET version = max(version, excluded.version)`,
    ),
  };
};

const putInto = (table: string, queryFields: readonly string[]): string => {
  const columns = ['document', 'seen', 'live', 'search', ...queryFields.map(column)];
  return `INSERT INTO ${table} (id, rev, ${columns.join(', ')}) VALUES (?, 1${', ?'.repeat(columns.length)})
    ON CONFLICT (id) DO UPDATE SET rev = rev + 1, ${columns.map((one) => `${one} = excluded.${one}`).join(', ')} WHERE rev = ?`;
};
