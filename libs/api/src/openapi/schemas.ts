import { z } from 'zod';
import { namedSchemas } from '../schemas/named.js';

/** A JSON Schema (2020-12) as plain JSON. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const uriOf = (id: string): string => `#/components/schemas/${id}`;

/** Every named schema, as the document keeps them, with a discriminator on each union of named objects. */
export const componentSchemas = (): Readonly<Record<string, JsonSchema>> => {
  const made = z.toJSONSchema(namedSchemas, { uri: uriOf, io: 'input' }).schemas;
  const plain = Object.fromEntries(Object.entries(made).map(([id, schema]) => [id, withoutIds(schema)]));
  return Object.fromEntries(Object.entries(plain).map(([id, schema]) => [id, discriminated(schema, plain) as JsonSchema]));
};

/** A reference to a named schema, or the schema itself. */
export const schemaOf = (schema: z.ZodType): JsonSchema => {
  const id = namedSchemas.get(schema)?.id;
  return id === undefined ? withoutIds(z.toJSONSchema(schema, { io: 'input' })) : { $ref: uriOf(id) };
};

const withoutIds = (schema: object): JsonSchema => {
  const { $id: _id, $schema: _schema, ...plain } = schema as JsonSchema;
  return plain;
};

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

const discriminated = (value: unknown, named: Readonly<Record<string, JsonSchema>>): unknown => {
  if (Array.isArray(value)) return value.map((member) => discriminated(member, named));
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, discriminated(member, named)]));
  const members = inner['oneOf'] ?? inner['anyOf'];
  const discriminator = Array.isArray(members) ? discriminatorOf(members, named) : undefined;
  if (discriminator === undefined) return inner;
  const { anyOf: _anyOf, ...rest } = inner;
  return { ...rest, oneOf: members, discriminator };
};

/** What tells the members of a union apart, if all of them are named and have a constant `kind`. */
const discriminatorOf = (members: readonly unknown[], named: Readonly<Record<string, JsonSchema>>): JsonSchema | undefined => {
  const mapping: Record<string, string> = {};
  for (const member of members) {
    const ref = isObject(member) ? member['$ref'] : undefined;
    if (typeof ref !== 'string') return undefined;
    const properties = named[ref.slice(uriOf('').length)]?.['properties'];
    const kind = isObject(properties) ? properties['kind'] : undefined;
    const constant = isObject(kind) ? kind['const'] : undefined;
    if (typeof constant !== 'string') return undefined;
    mapping[constant] = ref;
  }
  return { propertyName: 'kind', mapping };
};
