import type { IncomingHttpHeaders } from 'node:http';
import { badQuery } from './refusal.js';
import { parseExpand, type ExpandedProperty } from './extended.js';

/** Parsed system query options of a listing. */
export type ListOptions = {
  readonly top: number;
  readonly skip: number;
  readonly count: boolean;
  readonly select: ReadonlySet<string> | undefined;
  readonly filter: string | undefined;
  readonly orderBy: { readonly name: string; readonly descending: boolean } | undefined;
  readonly expand: readonly ExpandedProperty[];
  readonly includeHidden: boolean;
};

/** What a resource takes. */
export type Allowed = {
  readonly options: readonly string[];
  /** Names that $select and $orderby may use. */
  readonly properties: readonly string[];
  readonly sortable: readonly string[];
};

/** Entries of a page when nothing is asked for. */
export const DEFAULT_PAGE = 10;

/** The Outlook service's largest page. */
export const MAX_PAGE = 1000;

const whole = (name: string, text: string, max: number): number => {
  if (!/^\d{1,9}$/.test(text))
    throw badQuery(
      `Invalid value '${text}' for ${name} query option found. The ${name} query option requires a non-negative integer value.`,
    );
  const value = Number(text);
  if (value > max) throw badQuery(`The limit of '${max}' for ${name} query has been exceeded.`);
  return value;
};

/** Reads the options of a list. In strict mode anything that the resource does not take is refused with 400. */
export const listOptions = (query: URLSearchParams, allowed: Allowed, strict: boolean): ListOptions => {
  checkOptions(query, allowed.options, strict);
  const top = query.get('$top');
  const skip = query.get('$skip');
  const count = query.get('$count');
  if (count !== null && count !== 'true' && count !== 'false') throw badQuery(`Invalid value '${count}' for $count query option found.`);
  return {
    top: top === null ? DEFAULT_PAGE : whole('$top', top, MAX_PAGE),
    skip: skip === null ? 0 : whole('$skip', skip, 2 ** 31),
    count: count === 'true',
    select: selectOf(query, allowed.properties, strict),
    filter: query.get('$filter') ?? undefined,
    orderBy: orderOf(query, allowed.sortable),
    expand: parseExpand(query.get('$expand')),
    includeHidden: query.get('includeHiddenFolders')?.toLowerCase() === 'true',
  };
};

/** Refuses what the resource does not take. `$search` and misspelt system options are always refused. */
export const checkOptions = (query: URLSearchParams, options: readonly string[], strict: boolean): void => {
  for (const name of query.keys()) {
    if (options.includes(name)) continue;
    if (strict || name === '$search') throw badQuery(`Query option '${name}' is not supported for this resource.`);
  }
};

/** The names of $select, or undefined for all. */
export const selectOf = (query: URLSearchParams, properties: readonly string[], strict: boolean): ReadonlySet<string> | undefined => {
  const text = query.get('$select');
  if (text === null) return undefined;
  const wanted = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const known = new Map(properties.map((name) => [name.toLowerCase(), name]));
  const foreign = wanted.find((name) => !known.has(name.toLowerCase()));
  if (foreign !== undefined && strict) throw badQuery(`Could not find a property named '${foreign}'.`);
  return new Set(['id', ...wanted.map((name) => known.get(name.toLowerCase()) ?? name)]);
};

const orderOf = (query: URLSearchParams, sortable: readonly string[]): ListOptions['orderBy'] => {
  const text = query.get('$orderby');
  if (text === null) return undefined;
  const match = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/.exec(text);
  const name = match?.[1];
  if (name === undefined || !sortable.includes(name)) throw badQuery('The property cannot be used in the $orderby query option.');
  return { name, descending: match?.[2] === 'desc' };
};

/** The page size that `Prefer: odata.maxpagesize=n` asks for. */
export const preferredPageSize = (headers: IncomingHttpHeaders): number | undefined => {
  const prefer = headers['prefer'];
  const match = /odata\.maxpagesize\s*=\s*"?(\d+)"?/i.exec(Array.isArray(prefer) ? prefer.join(',') : (prefer ?? ''));
  const size = match?.[1] === undefined ? undefined : Number(match[1]);
  return size === undefined || size < 1 ? undefined : Math.min(size, MAX_PAGE);
};

/** An entity without the properties that were not selected. Annotations stay. */
export const project = (
  entity: Readonly<Record<string, unknown>>,
  select: ReadonlySet<string> | undefined,
): Readonly<Record<string, unknown>> =>
  select === undefined
    ? entity
    : Object.fromEntries(
        Object.entries(entity).filter(([name]) => name.startsWith('@') || name.endsWith('ExtendedProperties') || select.has(name)),
      );
