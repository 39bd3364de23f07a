import { secretShapeOf, type SecretShape } from '@pstream/contracts';
import { z } from 'zod';

/** A secret that a body may hold: sealed at once, never shown. Only fields that are marked so may hold text that looks like a secret. */
export const WRITE_ONLY = { writeOnly: true } as const;

/** The signature in a SAS as the portal hands it out: the token (with or without `?`), the URL, or the connection string. Undefined
 *  where there is none. */
export const sasIn = (text: string): { readonly query: string; readonly url?: string } | undefined => {
  const given = text.trim();
  const inString = /(?:^|;)\s*SharedAccessSignature=\??([^;\s]+)/i.exec(given)?.[1];
  const token = inString ?? given.replace(/^[^?]*\?/, '');
  const query = token.replace(/#.*$/s, '');
  if (!/(?:^|&)sig=[^&\s]+/.test(query) || /\s/.test(query)) return undefined;
  const url = inString === undefined ? /^https?:\/\/[^?\s]+/i.exec(given)?.[0] : /(?:^|;)\s*BlobEndpoint=([^;\s]+)/i.exec(given)?.[1];
  return url === undefined ? { query } : { query, url };
};

/** The account key in a key as the portal hands it out: the key itself, or the connection string. */
export const accountKeyIn = (text: string): string => /(?:^|;)\s*AccountKey=([^;\s]+)/i.exec(text)?.[1] ?? text.trim();

/** A place in a body whose text looks like a secret. */
export type SecretText = { readonly path: string; readonly shape: SecretShape };

/** Every text of a value that looks like a secret, where the schema has no field for one. */
export const secretTexts = (schema: z.ZodType, value: unknown): SecretText[] => {
  const allowed = secretFields(schema);
  const found: SecretText[] = [];
  const walk = (at: unknown, path: string): void => {
    if (typeof at === 'string') {
      const shape = secretShapeOf(at);
      if (shape !== undefined && !allowed.has(path.replaceAll(/\.\d+(?=\.|$)/g, '.*'))) found.push({ path, shape });
    } else if (typeof at === 'object' && at !== null) {
      for (const [key, inner] of Object.entries(at)) walk(inner, path === '' ? key : `${path}.${key}`);
    }
  };
  walk(value, '');
  return found;
};

const known = new WeakMap<z.ZodType, ReadonlySet<string>>();

/** Paths of the fields that take a secret; `*` stands for a position in a list. */
export const secretFields = (schema: z.ZodType): ReadonlySet<string> => {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const found = new Set<string>();
  const walk = (at: unknown, path: string): void => {
    if (Array.isArray(at)) for (const member of at) walk(member, path);
    if (typeof at !== 'object' || at === null) return;
    const { properties, items, anyOf, oneOf, allOf, writeOnly } = at as Readonly<Record<string, unknown>>;
    if (writeOnly === true) found.add(path);
    for (const [key, inner] of Object.entries(properties ?? {})) walk(inner, path === '' ? key : `${path}.${key}`);
    if (items !== undefined) walk(items, `${path}.*`);
    for (const members of [anyOf, oneOf, allOf]) if (members !== undefined) walk(members, path);
  };
  // Without references: named schemas are written out where they stand.
  walk(z.toJSONSchema(schema, { io: 'input', reused: 'inline', unrepresentable: 'any' }), '');
  known.set(schema, found);
  return found;
};
