import { z } from 'zod';
import { addressOf, type OperationId } from '../addresses.js';
import { Problem, problemOf } from '../problems/problem.js';
import { textOf, type ProblemCode } from '../problems/problem-texts.js';
import { isChange, isFile, isRecorded, problemsOf, type RouteSpec } from '../route.js';
import { PATH_PARAMS } from '../schemas/bodies.js';
import { rolesWith } from '../rights.js';
import { schemaOf, type JsonSchema } from './schemas.js';

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Accepted; the work goes on in the background.',
  204: 'Done; there is nothing to answer.',
  400: 'The request is not valid.',
  401: 'A valid API token or session is needed.',
  403: 'The caller may not do this, or not in this way.',
  404: 'There is no such thing.',
  406: 'The operation has no answer of an accepted media type.',
  409: 'The state of things does not allow it.',
  412: 'It has another version than If-Match says.',
  413: 'The body is too large.',
  415: 'The body has a media type that is not taken here.',
  422: 'The Idempotency-Key was used for another request.',
  500: 'The gateway failed.',
  503: 'Not available just now; try again after the time in Retry-After.',
};

/** What Node answers by itself, without a problem document, before anybody has read the request. */
const HEAD_TOO_LONG = { 431: { description: 'The address and the headers together are longer than 16 KiB.' } };

/** An operation of the document. */
export const operationOf = (id: OperationId, spec: RouteSpec): JsonSchema => {
  const { path } = addressOf(id);
  const parameters = [
    ...pathParameters(path),
    ...(spec.query === undefined ? [] : queryParameters(spec.query)),
    ...headerParameters(id, spec),
    ...(isFile(spec.answer) && spec.answer.mediaType === 'text/event-stream' ? [{ $ref: '#/components/parameters/LastEventId' }] : []),
  ];
  return {
    operationId: id,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(spec.body === undefined ? {} : { requestBody: bodyOf(spec.body, spec.csvBody) }),
    responses: { [spec.status ?? 200]: answerOf(id, spec), ...problemResponses(id, spec), ...HEAD_TOO_LONG },
    ...(spec.right === undefined ? {} : { 'x-right': spec.right, 'x-roles': rolesWith(spec.right) }),
    'x-recorded': isRecorded(id, spec),
    security: spec.open === true ? [] : [{ bearer: [] }, { session: [] }],
  };
};

const pathParameters = (path: string): JsonSchema[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const schema = PATH_PARAMS[name as keyof typeof PATH_PARAMS];
    return parameterOf('path', name, schemaOf(schema), true);
  });

const queryParameters = (query: z.ZodObject): JsonSchema[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, schema]) => {
    const plain: JsonSchema = typeof schema === 'object' ? { ...schema } : {};
    // A list is written with commas.
    return { ...parameterOf('query', name, plain, required.includes(name)), ...(plain['type'] === 'array' ? { explode: false } : {}) };
  });
};

const headerParameters = (id: OperationId, { open, versioned, waits }: RouteSpec): JsonSchema[] => [
  // Who is not known yet repeats nothing under a key.
  ...(isChange(id) && open !== true ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ...(isChange(id) && versioned === true ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ...(waits === true ? [{ $ref: '#/components/parameters/Prefer' }] : []),
];

const headersOf = (isTagged: boolean): JsonSchema => ({
  'X-Request-Id': { $ref: '#/components/headers/RequestId' },
  ...(isTagged ? { ETag: { $ref: '#/components/headers/ETag' } } : {}),
});

const parameterOf = (place: 'path' | 'query', name: string, schema: JsonSchema, required: boolean): JsonSchema => {
  const { description, examples, ...plain } = schema;
  return { name, in: place, required, description, schema: plain, ...(Array.isArray(examples) ? { example: examples[0] as unknown } : {}) };
};

const bodyOf = (body: z.ZodType, csv: RouteSpec['csvBody']): JsonSchema => ({
  required: true,
  content: {
    'application/json': { schema: schemaOf(body) },
    ...(csv === undefined
      ? {}
      : { 'text/csv': { schema: { type: 'string', minLength: 1, description: csv.description }, example: csv.example } }),
  },
});

const answerOf = (id: OperationId, { answer, versioned, status = 200 }: RouteSpec): JsonSchema => {
  const description = STATUS_TEXTS[status] ?? 'Done.';
  const headers = headersOf(versioned === true && !isChange(id));
  if (answer === undefined) return { description, headers };
  return {
    description,
    headers,
    content: isFile(answer)
      ? {
          [answer.mediaType]: {
            schema: {
              type: 'string',
              ...(answer.mediaType === 'application/octet-stream' ? { format: 'binary' } : {}),
              description: answer.description,
            },
            example: answer.example,
          },
        }
      : { 'application/json': { schema: schemaOf(answer) } },
  };
};

const problemResponses = (id: OperationId, spec: RouteSpec): Readonly<Record<number, JsonSchema>> =>
  Object.fromEntries(
    [...problemsOf(id, spec)].map(([status, codes]) => [
      status,
      {
        description: `${STATUS_TEXTS[status] ?? 'A problem.'} ${codes.map((code) => `\`${code}\``).join(', ')}`,
        content: { 'application/problem+json': { schema: schemaOf(Problem), examples: examplesOf(status, codes) } },
      },
    ]),
  );

const examplesOf = (status: number, codes: readonly ProblemCode[]): JsonSchema =>
  Object.fromEntries(codes.map((code) => [code, { summary: textOf(code, {}).title, value: problemOf(code, status) }]));
