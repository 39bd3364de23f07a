import { lookOf } from '@pstream/contracts';
import { assert, Fault } from '@pstream/kernel';
import type { Document, Filter, FindOptions, Found, ListOrder, Projection, Range, Stored } from './projection.js';

// What both stores do in the same way to find documents.

/** A value that documents are filtered and sorted by. */
export type Scalar = string | number | boolean | null;

/** The position after a document in an order. */
export type Cursor = { readonly value: Scalar; readonly id: string };

/** An order split up; without a field it is the order of the ids. */
export type Sort = { readonly field: string | undefined; readonly descending: boolean };

/** A field name becomes part of a statement: only declared ones may. */
export const checkField = (field: string, declared: Iterable<string>): void =>
  assert([...declared].includes(field), `${field} is not a declared query field`);

/** Splits `-field` into field and direction. */
export const sortOf = (sort: string | undefined, declared: Iterable<string>): Sort => {
  if (sort === undefined) return { field: undefined, descending: false };
  const descending = sort.startsWith('-');
  const field = descending ? sort.slice(1) : sort;
  checkField(field, declared);
  return { field, descending };
};

/** Whether a filter takes what lies between two texts. */
export const isRange = (wanted: Filter[string]): wanted is Range =>
  typeof wanted === 'object' && wanted !== null && !('in' in wanted) && !('notIn' in wanted);

/** The indexes of a projection. */
export const ordersOf = ({ orders, queryFields = [] }: Pick<Projection, 'orders' | 'queryFields'>): readonly ListOrder[] =>
  orders ?? queryFields.map((sort) => ({ sort }));

/** The value at a dotted path; null where there is none. */
export const valueAt = (document: Document | null, path: string): Scalar => {
  let value: unknown = document;
  for (const part of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Document)[part] : undefined;
  return isScalar(value) ? value : null;
};

/** A text without case and accents, as it is searched in and searched for. */
export const folded = (text: string): string => text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');

/** Before a search field that is found by what it looks like. */
const BY_LOOK = '~';

/** What `search` looks at in a document; null if there is no document or nothing to search in. */
export const searchText = (document: Document | null, fields: readonly string[]): string | null => {
  if (document === null || fields.length === 0) return null;
  const textAt = (field: string): string => String(valueAt(document, field) ?? '');
  return fields.map((field) => (field.startsWith(BY_LOOK) ? lookOf(textAt(field.slice(1))) : folded(textAt(field)))).join('\n');
};

/** A text as it is searched for in fields of this kind: all of a projection are of one. */
export const soughtText = (text: string, fields: readonly string[]): string => {
  const byLook = fields.some((field) => field.startsWith(BY_LOOK));
  assert(!byLook || fields.every((field) => field.startsWith(BY_LOOK)), 'search fields are all of one kind');
  return byLook ? lookOf(text) : folded(text);
};

/** Reads an opaque cursor. It names its order, since in another one it would point anywhere. */
export const cursorOf = ({ after, sort = '' }: FindOptions): Cursor | undefined => {
  if (after === undefined) return undefined;
  const read = parsed(Buffer.from(after, 'base64url').toString());
  const [order, value, id]: unknown[] = Array.isArray(read) ? read : [];
  if (order !== sort || typeof id !== 'string' || !isScalar(value))
    throw new Fault('projection.bad-cursor', {
      retry: 'never',
      facts: { sort },
      advice: 'Send the `next` of the page before, unchanged and with the same order, or leave it out to begin again.',
    });
  return { value, id };
};

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The page of at most `limit` documents out of what was found with a limit of one more. */
export const pageOf = <D extends Document>(found: readonly Stored<D>[], total: number, { limit, sort = '' }: FindOptions): Found<D> => {
  if (limit === undefined || found.length <= limit) return { documents: found, total };
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  if (last === undefined) return { documents, total };
  const value = sort === '' ? null : valueAt(last.document, sort.replace(/^-/, ''));
  return { documents, total, next: Buffer.from(JSON.stringify([sort, value, last.id])).toString('base64url') };
};
