import { err, ok, type Result } from '@pstream/kernel';
import type { z } from 'zod';

/** Problems named in a fault, at most. */
const NAMED = 10;

/** Parses what another release may have written: fields that the schema does not know are left out, on every level, also where it is
 *  strict for the sake of people's requests. Otherwise the problems, as `field: message`, without values. */
export const readTolerantly = <S extends z.ZodType>(schema: S, value: unknown): Result<z.infer<S>, readonly string[]> => {
  let parsed = schema.safeParse(value);
  if (!parsed.success && parsed.error.issues.some(({ code }) => code === 'unrecognized_keys')) {
    const pruned: unknown = structuredClone(value);
    for (const issue of parsed.error.issues) if (issue.code === 'unrecognized_keys') remove(pruned, issue.path, issue.keys);
    parsed = schema.safeParse(pruned);
  }
  if (parsed.success) return ok(parsed.data);
  return err(parsed.error.issues.slice(0, NAMED).map((issue) => `${issue.path.join('.')}: ${issue.message}`));
};

const remove = (root: unknown, path: readonly PropertyKey[], keys: readonly string[]): void => {
  const at = path.reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), root);
  if (isRecord(at)) for (const key of keys) delete at[key];
};

const isRecord = (node: unknown): node is Record<PropertyKey, unknown> => typeof node === 'object' && node !== null;
