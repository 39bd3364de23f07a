import { assert } from '@pstream/kernel';
import { MongoServerError, type Collection, type Filter as MongoFilter } from 'mongodb';
import { checkField, cursorOf, isRange, ordersOf, searchText, sortOf, soughtText, type Scalar } from '../finding.js';
import type { Document, FindOptions, Projection } from '../projection.js';

/** A document as MongoDB keeps it. `rev` grows with every write: a writer replaces only what it has read. `seen` is a list, since the name
 *  of a stream is no name for a field. */
export type StoredRow = {
  readonly _id: string;
  readonly rev: number;
  readonly document: Document | null;
  readonly seen: readonly { readonly stream: string; readonly version: number }[];
  /** Folded text of the search fields; null without them. */
  readonly search: string | null;
};

/** What a projection declared that it can be asked by. */
export type Asked = { readonly queryFields: readonly string[]; readonly searchFields: readonly string[] };

/** Makes the indexes of a projection and drops those that nobody declares any more. With `fill`, documents that are there get the search
 *  text of the fields as they are declared now. */
export const prepareRows = async (rows: Collection<StoredRow>, projection: Projection, fill: boolean): Promise<void> => {
  const { searchFields = [] } = projection;
  const kept = new Set(['_id_']);
  for (const { within = [], sort, filter = [] } of ordersOf(projection)) {
    const fields = [...within.map(path), path(sort), '_id', ...filter.map(path), ...(searchFields.length === 0 ? [] : ['search'])];
    kept.add(await rows.createIndex(Object.fromEntries(fields.map((field) => [field, 1]))));
  }
  for (const { name } of await rows.listIndexes().toArray()) if (!kept.has(String(name))) await dropIndex(rows, String(name));
  if (!fill) return;
  // Whoever writes a row meanwhile writes its search text too.
  for await (const { _id, rev, document } of rows.find())
    await rows.updateOne({ _id, rev }, { $set: { search: searchText(document, searchFields) } });
};

/** IndexNotFound: another process that starts has dropped it. */
const INDEX_NOT_FOUND = 27;

const dropIndex = async (rows: Collection<StoredRow>, name: string): Promise<void> => {
  await rows.dropIndex(name).catch((error: unknown) => {
    if (!(error instanceof MongoServerError && error.code === INDEX_NOT_FOUND)) throw error;
  });
};

/** The condition of a `find` without its cursor. */
export const matching = ({ filter = {}, search }: FindOptions, { queryFields, searchFields }: Asked): MongoFilter<StoredRow> => {
  const conditions: Record<string, unknown> = { document: { $ne: null } };
  for (const [field, wanted] of Object.entries(filter)) {
    checkField(field, queryFields);
    if (isRange(wanted)) {
      const bounds = {
        ...(wanted.from === undefined ? {} : { $gte: wanted.from }),
        ...(wanted.before === undefined ? {} : { $lt: wanted.before }),
      };
      if (Object.keys(bounds).length > 0) conditions[path(field)] = bounds;
      continue;
    }
    const isList = wanted !== null && typeof wanted === 'object';
    conditions[path(field)] = isList ? ('in' in wanted ? { $in: [...wanted.in] } : { $nin: [...wanted.notIn] }) : wanted;
    // A document that is gone has no field with a value: the index alone decides.
    if (wanted !== null && !(isList && 'notIn' in wanted)) delete conditions['document'];
  }
  if (search !== undefined) {
    assert(searchFields.length > 0, 'a projection that declares search fields');
    conditions['search'] = { $regex: soughtText(search, searchFields).replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`) };
  }
  return conditions;
};

/** The same condition for what comes after the cursor. */
export const following = (filter: MongoFilter<StoredRow>, wanted: FindOptions, { queryFields }: Asked): MongoFilter<StoredRow> => {
  const cursor = cursorOf(wanted);
  if (cursor === undefined) return filter;
  const { field, descending } = sortOf(wanted.sort, queryFields);
  const beyond = (value: Scalar): Record<string, unknown> => ({ [descending ? '$lt' : '$gt']: value });
  const sameValue = { _id: beyond(cursor.id) };
  if (field === undefined) return { $and: [filter, sameValue] };
  const name = path(field);
  // `$lt` and `$gt` compare values of one type only, and null is a type of its own, before all others.
  const other =
    cursor.value === null
      ? descending
        ? []
        : [{ [name]: { $ne: null } }]
      : [{ [name]: beyond(cursor.value) }, ...(descending ? [{ [name]: null }] : [])];
  return { $and: [filter, { $or: [{ [name]: cursor.value, ...sameValue }, ...other] }] };
};

/** The order of a `find`. */
export const directionsOf = (wanted: FindOptions, { queryFields }: Asked): Record<string, 1 | -1> => {
  const { field, descending } = sortOf(wanted.sort, queryFields);
  const direction = descending ? -1 : 1;
  return { ...(field === undefined ? {} : { [path(field)]: direction }), _id: direction };
};

const path = (field: string): string => `document.${field}`;
