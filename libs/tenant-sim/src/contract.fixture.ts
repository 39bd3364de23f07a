import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The API description: checks answers against it. Covers the keywords that it uses: $ref, allOf, anyOf, type, properties, required, items, enum, nullable, format. */
export class Contract {
  readonly #document: Schema;

  constructor(sharedDir: string) {
    this.#document = parse(readFileSync(join(sharedDir, 'contracts', 'graph-openapi-subset.yaml'), 'utf8')) as Schema;
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

const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value);

const hasType = (type: string, value: unknown): boolean => {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return isObject(value);
  return typeof value === type;
};
