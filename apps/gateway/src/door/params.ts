import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { assert } from '@pstream/kernel';
import type { z } from 'zod';
import type { Caller, HttpRequest } from './http.js';
import { problem, type FieldFault } from './problem.js';

const requestOf = (context: ExecutionContext): HttpRequest => context.switchToHttp().getRequest<HttpRequest>();

/** Who calls. */
export const ByCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = requestOf(context);
  assert(caller !== undefined, 'a route that needs a caller is not public');
  return caller;
});

// Nest takes whatever has a method `transform` for a pipe, and an object with a `schema` for options: a schema must be wrapped.
type Wrapped = { readonly by: z.ZodType };
const bodyBy = createParamDecorator(({ by }: Wrapped, context: ExecutionContext): unknown => checked(by, requestOf(context).body));
const queryBy = createParamDecorator(({ by }: Wrapped, context: ExecutionContext): unknown => checked(by, { ...requestOf(context).query }));

/** The body, checked; an unknown field is a fault too. Problem 'request.invalid' with every field at fault. */
export const ValidBody = (schema: z.ZodType): ParameterDecorator => bodyBy({ by: schema });

/** The query parameters, checked likewise. */
export const ValidQuery = (schema: z.ZodType): ParameterDecorator => queryBy({ by: schema });

/** The request as it came, for bodies that are no JSON. */
export const WholeRequest = createParamDecorator((_data: unknown, context: ExecutionContext): HttpRequest => requestOf(context));

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
