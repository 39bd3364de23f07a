import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One call to the simulated tenant and how it was answered, as far as a description can be held against it. */
export type ObservedExchange = {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  readonly status: number;
  /** The parsed answer; undefined for one that is no JSON or was cut on purpose. */
  readonly answer: unknown;
};

/** The API description: checks requests and answers against it. Covers the keywords that it uses: $ref, allOf, anyOf, oneOf, type,
 *  properties, required, items, minItems, maxItems, minimum, enum, nullable, format. */
export class GraphContract {
  readonly #document: Schema;

  constructor(sharedDir: string) {
    this.#document = parse(readFileSync(join(sharedDir, 'contracts', 'graph-openapi-subset.yaml'), 'utf8')) as Schema;
  }

  /** Complaints about a call and its answer, each with the call it is about: an empty list if both fit. */
  exchange(seen: ObservedExchange): readonly string[] {
    const { method, status, answer } = seen;
    const path = this.template(seen.target);
    const about = (complaint: string): string => `${method} ${path ?? shape(seen.target)} ${String(status)}: ${complaint}`;
    if (path === undefined) return [about('the path is not described')];
    const asked = this.request(path, seen);
    // The service may leave the body of an error out.
    const answered = answer === undefined ? [] : this.complaints(path, method === 'POST' ? 'post' : 'get', status, answer);
    return [...asked, ...answered].map(about);
  }

  /** Complaints about a request: method, path, query, headers and body. `path` is a path template of the description. */
  request(path: string, { method, target, headers, body }: Omit<ObservedExchange, 'status' | 'answer'>): readonly string[] {
    const operation = at(this.#document, 'paths', path, method.toLowerCase());
    if (!isObject(operation)) return ['the method is not described'];
    const declared = ((operation['parameters'] as readonly unknown[] | undefined) ?? []).map((each) => this.#resolved(each) as Schema);
    const named = (place: string): ReadonlyMap<string, Schema> =>
      new Map(declared.filter((each) => each['in'] === place).map((each) => [String(each['name']), each]));
    const query = new URL(target, 'http://host').searchParams;
    const signsIn = Array.isArray(operation['security']) && operation['security'].length === 0;
    // msal repeats its tracing header in the query of a sign-in; Entra takes no notice.
    if (signsIn) query.delete('client-request-id');
    const complaints = this.#query(query, named('query'));
    if (headers['prefer'] !== undefined && ![...named('header').keys()].includes('Prefer'))
      complaints.push('header Prefer is not described');
    if (!signsIn && !/^Bearer \S+$/.test(String(headers['authorization'] ?? '')))
      complaints.push('header Authorization is no bearer token');
    if (signsIn && headers['authorization'] !== undefined) complaints.push('a sign-in carries a token');
    const wanted = at(operation, 'requestBody', 'content');
    if (!isObject(wanted)) return body === '' ? complaints : [...complaints, 'a body is not described'];
    const type = String(headers['content-type'] ?? '')
      .split(';', 1)[0]!
      .trim()
      .toLowerCase();
    const schema = at(wanted, type, 'schema');
    if (schema === undefined) return [...complaints, `the content type ${type} is not described`];
    return [
      ...complaints,
      ...this.#check(schema, type === 'application/json' ? json(body) : Object.fromEntries(new URLSearchParams(body)), 'body'),
    ];
  }

  #query(query: URLSearchParams, declared: ReadonlyMap<string, Schema>): string[] {
    const complaints: string[] = [];
    for (const [name, value] of query) {
      const parameter = declared.get(name);
      if (parameter === undefined) complaints.push(`query ${name} is not described`);
      else if (parameter['x-documented-as-unsupported'] === true) complaints.push(`query ${name} is documented as unsupported`);
      else {
        const type = at(parameter, 'schema', 'type');
        const read = type === 'integer' ? Number(value) : type === 'boolean' ? json(value) : type === 'array' ? value.split(',') : value;
        complaints.push(...this.#check(parameter['schema'], read, `query ${name}`));
      }
    }
    return complaints;
  }

  /** The path template that a target belongs to: fixed segments are compared without regard to case and win over variable ones. */
  template(target: string): string | undefined {
    const given = new URL(target, 'http://host').pathname.split('/');
    const fits = Object.keys(at(this.#document, 'paths') as Schema).filter((path) => {
      const segments = path.split('/');
      const same = (segment: string, index: number): boolean =>
        segment.startsWith('{') ? given[index] !== '' : segment.toLowerCase() === decodeURIComponent(given[index]!).toLowerCase();
      return segments.length === given.length && segments.every(same);
    });
    return fits.toSorted((a, b) => a.split('{').length - b.split('{').length)[0];
  }

  /** Complaints about an answer: an empty list if it fits. `path` is a path template of the description. */
  complaints(path: string, method: 'get' | 'post', status: number, body: unknown): readonly string[] {
    const operation = at(this.#document, 'paths', path, method);
    const responses = at(operation, 'responses');
    const response = this.#resolved(at(responses, String(status)) ?? at(responses, 'default'));
    if (!isObject(response)) return [`${method} ${path}: ${status} is not described`];
    const schema = at(response, 'content', 'application/json', 'schema');
    return schema === undefined ? [] : this.#check(schema, body, '');
  }

  #resolved(schema: unknown): unknown {
    if (!isObject(schema) || typeof schema['$ref'] !== 'string') return schema;
    return this.#resolved(at(this.#document, ...schema['$ref'].slice(2).split('/')));
  }

  #check(given: unknown, value: unknown, where: string): readonly string[] {
    const schema = this.#resolved(given);
    if (!isObject(schema)) return [`${where}: no schema`];
    if (value === null && schema['nullable'] === true) return [];
    const all = (schema['allOf'] as readonly unknown[] | undefined) ?? [];
    const any = schema['anyOf'] as readonly unknown[] | undefined;
    const complaints = all.flatMap((each) => this.#check(each, value, where));
    if (any !== undefined && !any.some((each) => this.#check(each, value, where).length === 0))
      complaints.push(`${where}: fits none of anyOf`);
    const one = schema['oneOf'] as readonly unknown[] | undefined;
    if (one !== undefined && one.filter((each) => this.#check(each, value, where).length === 0).length !== 1)
      complaints.push(`${where}: fits not exactly one of oneOf`);
    return [...complaints, ...this.#own(schema, value, where)];
  }

  #own(schema: Schema, value: unknown, where: string): readonly string[] {
    const type = schema['type'];
    const complaints: string[] = [];
    if (typeof type === 'string' && !hasType(type, value))
      complaints.push(`${where}: is not ${type} but ${JSON.stringify(value)?.slice(0, 60)}`);
    if (Array.isArray(schema['enum']) && !schema['enum'].includes(value)) complaints.push(`${where}: not one of the enum`);
    if (schema['format'] === 'date-time' && Number.isNaN(Date.parse(String(value)))) complaints.push(`${where}: is no time`);
    if (schema['format'] === 'uri' && !URL.canParse(String(value))) complaints.push(`${where}: is no URL`);
    if (Array.isArray(value) && value.length < Number(schema['minItems'] ?? 0)) complaints.push(`${where}: too few`);
    if (Array.isArray(value) && value.length > Number(schema['maxItems'] ?? Infinity)) complaints.push(`${where}: too many`);
    if (typeof value === 'number' && value < Number(schema['minimum'] ?? -Infinity)) complaints.push(`${where}: too small`);
    if (Array.isArray(value) && schema['items'] !== undefined)
      value.forEach((each, index) => complaints.push(...this.#check(schema['items'], each, `${where}[${index}]`)));
    if (isObject(value)) {
      for (const name of (schema['required'] as readonly string[] | undefined) ?? [])
        if (value[name] === undefined) complaints.push(`${where}.${name}: is missing`);
      const properties = isObject(schema['properties']) ? schema['properties'] : {};
      for (const [name, inner] of Object.entries(properties))
        if (value[name] !== undefined) complaints.push(...this.#check(inner, value[name], `${where}.${name}`));
    }
    return complaints;
  }

  /** Names in the entities of a `value` list that the item schema does not declare; annotations do not count. */
  undeclared(schemaName: string, entity: unknown): readonly string[] {
    const names = new Set(this.#names(at(this.#document, 'components', 'schemas', schemaName)));
    return isObject(entity) ? Object.keys(entity).filter((name) => !name.startsWith('@') && !names.has(name)) : [];
  }

  #names(given: unknown): readonly string[] {
    const schema = this.#resolved(given);
    if (!isObject(schema)) return [];
    const all = ((schema['allOf'] as readonly unknown[] | undefined) ?? []).flatMap((each) => this.#names(each));
    return [...all, ...Object.keys(isObject(schema['properties']) ? schema['properties'] : {})];
  }
}

/** A path whose variable parts are left out: no id and no address may get into a message. */
const shape = (target: string): string =>
  new URL(target, 'http://host').pathname
    .split('/')
    .map((segment) => (/^[\w.$]{1,24}$/.test(segment) ? segment : '…'))
    .join('/');

const json = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);

const hasType = (type: string, value: unknown): boolean => {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
};
