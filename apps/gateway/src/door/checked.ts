import { secretTexts, textOf, type FieldFault } from '@pstream/api';
import { secretShapeOf } from '@pstream/contracts';
import type { z } from 'zod';
import { problem } from './problem.js';

/** The value by its schema. Throws problem 'request.invalid'. */
export const checked = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> => {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw problem('request.invalid', 400, {}, parsed.error.issues.flatMap(faultsOf));
};

/** A body by its schema, with no secret in any field that is not for one: what is free text here is readable later, by many and for ever.
 *  Throws problem 'request.invalid'. */
export const checkedBody = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> => {
  const parsed = checked(schema, value);
  const secrets = secretTexts(schema, parsed);
  if (secrets.length === 0) return parsed;
  throw problem(
    'request.invalid',
    400,
    {},
    secrets.map(({ path, shape }) => ({ column: path, code: 'field.secret', message: textOf('field.secret', { shape }).detail })),
  );
};

/** The place and what is expected there; never what was found. */
const faultsOf = (issue: z.core.$ZodIssue): FieldFault[] => {
  const place = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      column: secretShapeOf(key) === undefined ? (place === '' ? key : `${place}.${key}`) : place,
      code: 'field.unknown',
      message: 'Unknown field. Remove it, or check its spelling in /docs.',
    }));
  }
  return [{ column: place, code: `field.${issue.code.replaceAll('_', '-')}`, message: issue.message }];
};
