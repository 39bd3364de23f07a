import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { ProblemSchema } from './answers.js';
import { refTo } from './registry.js';

/** What the API document says of a route; schemas must be named. */
export type RouteSpec = {
  readonly summary: string;
  readonly answer?: z.ZodType;
  /** Default 200. */
  readonly status?: number;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** The body may be a CSV file too. */
  readonly csv?: boolean;
  /** Media type of the answer; JSON if absent. */
  readonly produces?: string;
  /** Needs no token. */
  readonly open?: boolean;
};

/** Describes a route in the API document from the very schemas that check it, and sets the status of its answer. */
export const Route = ({
  summary,
  answer,
  status = 200,
  body,
  query,
  csv = false,
  produces = 'application/json',
  open = false,
}: RouteSpec): MethodDecorator =>
  applyDecorators(
    HttpCode(status),
    ApiOperation({ summary }),
    ApiProduces(produces),
    ApiResponse({ status, description: 'Done.', ...(answer === undefined ? {} : { schema: schemaOf(answer) }) }),
    ApiResponse({
      status: 'default',
      description: 'A problem: what is wrong and what to do next.',
      content: { 'application/problem+json': { schema: schemaOf(ProblemSchema) } },
    }),
    ...(body === undefined ? [] : bodyOf(body, csv)),
    ...(query === undefined ? [] : parametersOf(query)),
    ...(open ? [] : [ApiBearerAuth()]),
  );

const bodyOf = (body: z.ZodType, csv: boolean): MethodDecorator[] => {
  const json = { schema: schemaOf(body) };
  return [
    csv
      ? ApiBody({
          required: true,
          content: { 'application/json': json, 'text/csv': { schema: { type: 'string' } } },
        } as unknown as Parameters<typeof ApiBody>[0])
      : ApiBody({ required: true, ...json }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key for the same request: sent again, it does nothing twice.',
    }),
  ];
};

const parametersOf = (query: z.ZodObject): MethodDecorator[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = typeof property === 'object' ? property : {};
    return ApiQuery({
      name,
      required: required.includes(name),
      schema,
      ...(description === undefined ? {} : { description }),
    } as unknown as Parameters<typeof ApiQuery>[0]);
  });
};

const schemaOf = (schema: z.ZodType): Record<string, unknown> => ({ ...(refTo(schema) ?? z.toJSONSchema(schema)) });
