import type { FieldFault } from '@pstream/api';
import type { z } from 'zod';
import { problem } from './problem.js';

/** The value by its schema. Throws problem 'request.invalid'. */
export const checked = <S extends z.ZodType>(schema: S, value: unknown): z.infer<S> => {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw problem('request.invalid', 400, {}, parsed.error.issues.flatMap(faultsOf));
};

/** The place and what is expected there; never what was found. */
const faultsOf = (issue: z.core.$ZodIssue): FieldFault[] => {
  const place = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      column: place === '' ? key : `${place}.${key}`,
      code: 'field.unknown',
      message: 'This field is not known here.',
    }));
  }
  return [{ column: place, code: `field.${issue.code.replaceAll('_', '-')}`, message: issue.message }];
};
