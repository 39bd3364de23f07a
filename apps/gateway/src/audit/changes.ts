import { createHash } from 'node:crypto';
import { secretFields } from '@pstream/api';
import { LONGEST_AUDITED, MOST_AUDITED, type AuditedChange } from '@pstream/contracts';
import type { z } from 'zod';

type Fields = Readonly<Record<string, unknown>>;
type Value = AuditedChange['new'];

/** Where a document keeps what a body names at its top. */
const WITHIN = ['settings', 'options'] as const;

/** What a request gives, with what was shown of it before. Of fields that take a secret only their names are there. */
export const changesOf = (schema: z.ZodType | undefined, body: unknown, before: Fields | undefined): AuditedChange[] => {
  if (body instanceof Uint8Array) return [{ field: 'file', old: null, new: describedFile(body) }];
  if (schema === undefined || typeof body !== 'object' || body === null) return [];
  const secrets = secretFields(schema);
  const changes = [...fieldsOf(body as Fields, '')].map(([field, value]): AuditedChange => {
    if (secrets.has(field)) return { field, old: null, new: null, secret: true };
    return { field, old: valueOf(oldOf(before, field)), new: valueOf(value) };
  });
  return changes.slice(0, MOST_AUDITED);
};

const describedFile = (bytes: Uint8Array): string =>
  `${bytes.byteLength} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;

/** The fields of objects within objects, by their dotted names. */
function* fieldsOf(body: Fields, path: string): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(body)) {
    const field = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* fieldsOf(value as Fields, field);
    else if (value !== undefined) yield [field, value];
  }
}

const oldOf = (before: Fields | undefined, field: string): unknown => {
  if (before === undefined) return undefined;
  const places = [before, ...WITHIN.map((name) => before[name])];
  return places.map((place) => at(place, field)).find((value) => value !== undefined);
};

const at = (place: unknown, field: string): unknown =>
  field
    .split('.')
    .reduce<unknown>((found, name) => (typeof found === 'object' && found !== null ? (found as Fields)[name] : undefined), place);

/** A value in at most `LONGEST_AUDITED` characters. Lists that are longer are named by their length. */
const valueOf = (value: unknown): Value => {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return cut(value);
  const text = JSON.stringify(value);
  return Array.isArray(value) && text.length > LONGEST_AUDITED ? `${value.length} values` : cut(text);
};

const cut = (text: string): string => (text.length > LONGEST_AUDITED ? `${text.slice(0, LONGEST_AUDITED)}…` : text);
