import { assert } from '@pstream/kernel';
import type { SQLInputValue } from 'node:sqlite';
import { checkField, cursorOf, isRange, soughtText, sortOf, type Cursor, type Sort } from './finding.js';
import type { Filter, FindOptions } from './projection.js';
import { bound, column, quoted, type Columns } from './sqlite-tables.js';

/** A statement with its values. */
export type Query = { readonly sql: string; readonly values: readonly SQLInputValue[] };

const NOTHING: Query = { sql: '', values: [] };

/** The statements behind a `find`: one counts all that match, the other reads one row more than the page holds. */
export const queriesOf = (table: string, wanted: FindOptions, columns: Columns): { readonly count: Query; readonly page: Query } => {
  const where = matching(wanted, columns);
  const sort = sortOf(wanted.sort, columns.fields);
  const cursor = cursorOf(wanted);
  const after = cursor === undefined ? NOTHING : following(sort, cursor);
  return {
    count: { sql: `SELECT count(*) AS total FROM ${table} WHERE ${where.sql}`, values: where.values },
    page: {
      sql: `SELECT id, rev, document, seen FROM ${table} ${indexFor(wanted.filter ?? {}, sort, columns)} WHERE ${where.sql}${after.sql} ORDER BY ${orderOf(sort)} LIMIT ?`,
      values: [...where.values, ...after.values, wanted.limit === undefined ? -1 : wanted.limit + 1],
    },
  };
};

/** Named, not left to the planner: without statistics it prefers to narrow by one more field and then sorts whole documents. */
const indexFor = (filter: Filter, { field }: Sort, { orders }: Columns): string => {
  const narrow = (one: string): boolean => filter[one] !== undefined && filter[one] !== null && typeof filter[one] !== 'object';
  const [best] = orders
    .filter(({ sort, within = [] }) => sort === field && within.every(narrow))
    .sort((a, b) => (b.within?.length ?? 0) - (a.within?.length ?? 0));
  return best === undefined ? '' : `INDEXED BY ${quoted(best.index)}`;
};

const matching = ({ filter = {}, search }: FindOptions, columns: Columns): Query => {
  const conditions = ['live = 1'];
  const values: SQLInputValue[] = [];
  for (const [field, wanted] of Object.entries(filter)) {
    checkField(field, columns.fields);
    if (wanted === null) conditions.push(`${column(field)} IS NULL`);
    else if (isRange(wanted)) {
      for (const [sign, bound] of [
        ['>=', wanted.from],
        ['<', wanted.before],
      ] as const) {
        if (bound === undefined) continue;
        conditions.push(`${column(field)} ${sign} ?`);
        values.push(bound);
      }
    } else if (typeof wanted === 'object') {
      const isIn = 'in' in wanted;
      const name = column(field);
      conditions.push(
        isIn ? `${name} IN (SELECT value FROM json_each(?))` : `(${name} IS NULL OR ${name} NOT IN (SELECT value FROM json_each(?)))`,
      );
      values.push(JSON.stringify(isIn ? wanted.in : wanted.notIn));
    } else {
      conditions.push(`${column(field)} = ?`);
      values.push(bound(wanted));
    }
  }
  if (search !== undefined) {
    assert(columns.searchFields.length > 0, 'a projection that declares search fields');
    conditions.push('instr(search, ?) > 0');
    values.push(soughtText(search, columns.searchFields));
  }
  return { sql: conditions.join(' AND '), values };
};

/** What comes after a cursor. Nulls come before everything else, as JSON's null does in MongoDB. */
const following = ({ field, descending }: Sort, { value, id }: Cursor): Query => {
  const beyond = descending ? '<' : '>';
  if (field === undefined) return { sql: ` AND id ${beyond} ?`, values: [id] };
  const name = column(field);
  if (value === null) {
    const same = `${name} IS NULL AND id ${beyond} ?`;
    return { sql: descending ? ` AND ${same}` : ` AND ((${same}) OR ${name} IS NOT NULL)`, values: [id] };
  }
  const further = `(${name}, id) ${beyond} (?, ?)`;
  return { sql: descending ? ` AND (${further} OR ${name} IS NULL)` : ` AND ${further}`, values: [bound(value), id] };
};

const orderOf = ({ field, descending }: Sort): string => {
  const direction = descending ? 'DESC' : 'ASC';
  return field === undefined ? `id ${direction}` : `${column(field)} ${direction}, id ${direction}`;
};
