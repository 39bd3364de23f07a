import { badQuery, badRequest } from './refusal.js';

/** A value that a filter compares. Times are strings: ISO 8601 in UTC sorts as text. */
export type Scalar = string | number | boolean | null;

/** Reads a property of an entity, or undefined if the entity type has none of that name. */
export type Read<T> = (entity: T, name: string) => Scalar | undefined;

type Node =
  | { readonly is: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly is: 'not'; readonly of: Node }
  | { readonly is: 'compare'; readonly name: string; readonly operator: string; readonly value: Scalar }
  | { readonly is: 'call'; readonly name: string; readonly on: string; readonly value: string };

// filter  = term *( "or" term )        term = factor *( "and" factor )
// factor  = "not" factor / "(" filter ")" / call / name operator literal
// call    = ( "startswith" / "endswith" / "contains" ) "(" name "," string ")"
const TOKEN = /\s*(?:('(?:[^']|'')*')|([A-Za-z_@.][\w.@/]*(?![\w:-]))|(\d[\w:.+-]*|-\d+)|([(),]))/y;

const tokens = (text: string): string[] => {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (match === null) throw badQuery('Invalid filter clause.');
    found.push(match[0].trim());
  }
  return found;
};

const OPERATORS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const CALLS = new Set(['startswith', 'endswith', 'contains']);

class Parser {
  #at = 0;

  constructor(private readonly list: readonly string[]) {}

  whole(): Node {
    const node = this.#or();
    if (this.#at !== this.list.length) throw badQuery('Invalid filter clause.');
    return node;
  }

  #or(): Node {
    let left = this.#and();
    while (this.#accept('or')) left = { is: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Node {
    let left = this.#factor();
    while (this.#accept('and')) left = { is: 'and', left, right: this.#factor() };
    return left;
  }

  #factor(): Node {
    if (this.#accept('not')) return { is: 'not', of: this.#factor() };
    if (this.#accept('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    const name = this.#next();
    if (CALLS.has(name.toLowerCase()) && this.#accept('(')) {
      const on = this.#next();
      this.#expect(',');
      const value = literal(this.#next());
      this.#expect(')');
      if (typeof value !== 'string') throw badQuery('Invalid filter clause.');
      return { is: 'call', name: name.toLowerCase(), on, value };
    }
    const operator = this.#next();
    if (!OPERATORS.has(operator)) throw badQuery('Invalid filter clause.');
    return { is: 'compare', name, operator, value: literal(this.#next()) };
  }

  #accept(word: string): boolean {
    if (this.list[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#accept(word)) throw badQuery('Invalid filter clause.');
  }

  #next(): string {
    const token = this.list[this.#at++];
    if (token === undefined) throw badQuery('Invalid filter clause.');
    return token;
  }
}

const literal = (token: string): Scalar => {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (token === 'null') return null;
  if (token === 'true' || token === 'false') return token === 'true';
  if (/^-?\d+(\.\d+)?$/.test(token)) return Number(token);
  if (/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(token) && !Number.isNaN(Date.parse(token))) {
    return new Date(token.length === 10 || token.endsWith('Z') || token.includes('+') ? token : `${token}Z`).toISOString();
  }
  throw badQuery('Invalid filter clause.');
};

const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const compare = (actual: Scalar, wanted: Scalar): number | undefined => {
  if (actual === wanted) return 0;
  if (actual === null || wanted === null || typeof actual !== typeof wanted) return undefined;
  if (typeof actual === 'string' && typeof wanted === 'string' && ISO.test(actual) && ISO.test(wanted))
    return Date.parse(actual) - Date.parse(wanted);
  return actual < wanted ? -1 : 1;
};

const holds = <T>(node: Node, entity: T, read: Read<T>): boolean => {
  switch (node.is) {
    case 'and':
      return holds(node.left, entity, read) && holds(node.right, entity, read);
    case 'or':
      return holds(node.left, entity, read) || holds(node.right, entity, read);
    case 'not':
      return !holds(node.of, entity, read);
    case 'call': {
      const actual = read(entity, node.on);
      if (typeof actual !== 'string') return false;
      const [text, wanted] = [actual.toLowerCase(), node.value.toLowerCase()];
      return node.name === 'startswith'
        ? text.startsWith(wanted)
        : node.name === 'endswith'
          ? text.endsWith(wanted)
          : text.includes(wanted);
    }
    case 'compare': {
      const order = compare(read(entity, node.name) ?? null, node.value);
      if (order === undefined) return node.operator === 'ne';
      const outcome: Readonly<Record<string, boolean>> = {
        eq: order === 0,
        ne: order !== 0,
        gt: order > 0,
        ge: order >= 0,
        lt: order < 0,
        le: order <= 0,
      };
      return outcome[node.operator] === true;
    }
  }
};

const names = (node: Node): readonly string[] => {
  switch (node.is) {
    case 'and':
    case 'or':
      return [...names(node.left), ...names(node.right)];
    case 'not':
      return names(node.of);
    case 'call':
      return [node.on];
    case 'compare':
      return [node.name];
  }
};

/** A parsed $filter. Throws Refusal 400 for what is not one, and for properties not among `allowed`. */
export const parseFilter = <T>(text: string, allowed: readonly string[], read: Read<T>): ((entity: T) => boolean) => {
  const node = new Parser(tokens(text)).whole();
  const used = names(node);
  const foreign = used.find((name) => !allowed.includes(name));
  if (foreign !== undefined) throw badQuery(`The property '${foreign}' does not support filtering.`);
  // Exchange refuses a date behind a text condition, because its index cannot serve it.
  const firstDate = used.findIndex((name) => name.endsWith('DateTime'));
  if (firstDate > 0 && used.some((name) => !name.endsWith('DateTime'))) {
    throw badRequest('The restriction or sort order is too complex for this operation.', 'InefficientFilter');
  }
  return (entity) => holds(node, entity, read);
};
