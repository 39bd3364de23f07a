import { addressOf } from '../addresses.js';
import { TAGS } from '../route.js';
import { operationIds, routeOf } from '../routes.js';
import { operationOf } from './operation.js';
import { componentSchemas, type JsonSchema } from './schemas.js';

/** The API in the form of OpenAPI 3.1. */
export type ApiDocument = {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema & { readonly title: string; readonly version: string };
  readonly servers: readonly JsonSchema[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
};

/** Describes every operation of the table, with the schemas that check requests and answers. */
export const apiDocument = (version: string): ApiDocument => ({
  openapi: '3.1.0',
  info: {
    title: 'pstream',
    summary: 'Exports Exchange Online mailboxes and in-place archives to PST files.',
    description: DESCRIPTION,
    version,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'The gateway that serves this document.' }],
  tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  paths: paths(),
  components: {
    schemas: componentSchemas(),
    parameters: { IdempotencyKey: IDEMPOTENCY_KEY, IfMatch: IF_MATCH, Prefer: PREFER, LastEventId: LAST_EVENT_ID },
    headers: { RequestId: REQUEST_ID, ETag: ETAG },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API token, made with `pstream token create` or `createToken`.' },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'pstream-session',
        description:
          'The cookie that `createSession` sets; `-` and the port follow the name where the gateway is addressed with one. Changes carry `X-PStream-CSRF: 1` too.',
      },
    },
  },
});

const DESCRIPTION = `Every change answers with the stream and version that hold it. Pass them on as \`atLeast=<stream>:<version>\` to read your own writes.

A refusal is \`application/problem+json\` (RFC 9457) with a \`code\` for programs and a \`detail\` that says what to do next.`;

const PREFER = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description:
    '`wait=<seconds>` (RFC 7240): the answer waits so long for the end of the operation, at most 30 seconds. Other preferences are ignored.',
  schema: { type: 'string' },
  example: 'wait=5',
} as const;

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A key of your choice. The same request sent again under the same key does nothing twice; another body under it is refused (422).',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: 'c0a8012e-5f3d-4c57-9f0e-1d2b3c4d5e6f',
} as const;

const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last event that was received: what came after it is sent first.',
  schema: { type: 'string' },
  example: '0.17-1.4',
};

const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of what is changed; if it has been changed meanwhile, the request is refused (412).',
  schema: { type: 'string', pattern: '^("[0-9]{1,15}"|[*])$' },
  example: '"3"',
} as const;

const REQUEST_ID = {
  description:
    'Id of the request: that of the caller in the header of the same name if it is well-formed, else a new one. The log carries it.',
  schema: { type: 'string' },
  example: '01J8ZQ4N5W9K7C1B2D3E4F5G6J',
} as const;

const ETAG = { description: 'Version of what is shown, for If-Match.', schema: { type: 'string' }, example: '"3"' } as const;

const paths = (): ApiDocument['paths'] => {
  const all: Record<string, Record<string, JsonSchema>> = {};
  for (const id of operationIds) {
    const { method, path } = addressOf(id);
    all[path] = { ...all[path], [method.toLowerCase()]: operationOf(id, routeOf(id)) };
  }
  return all;
};
