import { createParamDecorator, HttpCode, RequestMapping, RequestMethod, SetMetadata, type ExecutionContext } from '@nestjs/common';
import {
  addressOf,
  routeOf,
  splitLists,
  type AnswerOf,
  type BodyOf,
  type OperationId,
  type ParamsOf,
  type QueryOf,
  type Routes,
} from '@pstream/api';
import type { AuditedOrigin } from '@pstream/contracts';
import { assert } from '@pstream/kernel';
import { originOf } from '../audit/origin.js';
import type { Caller, HttpRequest, HttpResponse } from './http.js';
import { checked, checkedBody } from './checked.js';
import { sessionCookie } from './cookies.js';
import { problem } from './problem.js';

/** A request to an operation, checked against its schemas. */
export type Asked<Id extends OperationId> = {
  readonly caller: Caller;
  /** Sends the version of what is shown as the ETag of the answer. */
  readonly setVersion: (version: number) => void;
  /** What the page that is answered may do, in place of nothing at all. */
  readonly setPolicy: (policy: string) => void;
  /** Gives the browser the cookie of a session, or takes it away. */
  readonly setSession: (cookie: { readonly value: string; readonly lifeMs: number } | null) => void;
  readonly params: ParamsOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
  /** From where the request came, for the record. */
  readonly from: AuditedOrigin;
  /** The `Last-Event-ID` of a client that goes on listening. */
  readonly lastEventId: string | undefined;
};

/** What a handler of an operation returns; a file is whatever Nest streams. */
export type Answered<Id extends OperationId> = Routes[Id] extends { readonly answer: { readonly mediaType: string } }
  ? object
  : AnswerOf<Id>;

type Handler<Id extends OperationId> = (asked: Asked<Id>) => Promise<Answered<Id>> | Answered<Id>;

const OPERATION = 'pstream:operation';

/** The operation that a handler answers; undefined for what is no operation. */
export const operationOf = (context: ExecutionContext): OperationId | undefined =>
  Reflect.getMetadata(OPERATION, context.getHandler()) as OperationId | undefined;

/** Makes a method the handler of an operation: address and status come from the table of routes, and the types of the method are checked. */
export const Handles = <Id extends OperationId>(
  id: Id,
): (<H extends Handler<Id>>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<H>) => void) => {
  const { method, path } = addressOf(id);
  const decorators = [
    RequestMapping({ path: path.replaceAll(/\{(\w+)\}/g, ':$1'), method: RequestMethod[method as keyof typeof RequestMethod] }),
    HttpCode(routeOf(id).status ?? 200),
    SetMetadata(OPERATION, id),
  ];
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor);
  };
};

/** The request, checked against the schemas of the operation that its method handles. Problems 'request.invalid' (400) with every
 *  field at fault, 'request.unsupported-type' (415). */
export const Request = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  const id = operationOf(context);
  assert(id !== undefined, 'a handler with a request has an operation');
  const { query } = routeOf(id);
  return {
    get caller(): Caller {
      assert(request.caller !== undefined, 'an operation that needs a caller is not open');
      return { ...request.caller, digest: request.digest };
    },
    setVersion: (version: number): void => {
      context.switchToHttp().getResponse<HttpResponse>().setHeader('etag', `"${version}"`);
    },
    setPolicy: (policy: string): void => {
      const response = context.switchToHttp().getResponse<HttpResponse>();
      response.setHeader('content-security-policy', policy);
      response.setHeader('cross-origin-resource-policy', 'same-origin');
    },
    setSession: (cookie: Parameters<typeof sessionCookie>[1]): void => {
      context.switchToHttp().getResponse<HttpResponse>().setHeader('set-cookie', sessionCookie(request, cookie));
    },
    params: request.params,
    from: originOf(request),
    lastEventId: lastEventIdOf(request),
    query: query === undefined ? {} : checked(query, splitLists(query, request.query)),
    body: readBodyFor(id, request),
  };
});

const lastEventIdOf = ({ headers }: HttpRequest): string | undefined => {
  const id = headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : undefined;
};

/** What was read of requests, since a body may be long and is read by whoever puts it on record too. */
const bodies = new WeakMap<HttpRequest, unknown>();

/** The body of a request, checked against the schema of its operation. Problems as for `Request`. */
export const readBodyFor = (id: OperationId, request: HttpRequest): unknown => {
  const { body, csvBody } = routeOf(id);
  if (body === undefined) return undefined;
  if (!bodies.has(request)) bodies.set(request, bodyOf(request.body, body, csvBody !== undefined));
  return bodies.get(request);
};

const bodyOf = (given: unknown, schema: Parameters<typeof checked>[0], takesCsv: boolean): unknown => {
  if (!(given instanceof Uint8Array)) return checkedBody(schema, given);
  if (!takesCsv) throw problem('request.unsupported-type', 415);
  return given;
};
