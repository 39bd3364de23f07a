import type { z } from 'zod';
import type { ADDRESSES, OperationId, ParamsOf } from './addresses.js';
import type { FileAnswer, RouteSpec } from './route.js';
import { auditRoutes } from './routes/audit.js';
import { changeRoutes } from './routes/changes.js';
import { contentRoutes } from './routes/content.js';
import { customerRoutes } from './routes/customers.js';
import { deadLetterRoutes } from './routes/dead-letters.js';
import { discoveryRoutes } from './routes/discovery.js';
import { licenceRoutes } from './routes/licences.js';
import { operationRoutes } from './routes/operations.js';
import { passRoutes } from './routes/passes.js';
import { planRoutes } from './routes/plans.js';
import { mailboxRoutes, projectRoutes } from './routes/projects.js';
import { noticeRoutes } from './routes/notices.js';
import { peopleRoutes } from './routes/people.js';
import { overviewRoutes } from './routes/overview.js';
import { reportLinkRoutes } from './routes/report-links.js';
import { systemRoutes } from './routes/system.js';

/** Whether views of it go on record is decided for every operation that shows something. */
type Decided<Id extends OperationId> = (typeof ADDRESSES)[Id] extends `GET ${string}`
  ? { readonly recorded: boolean }
  : { readonly recorded?: never };

/** Every operation by its id, in the order of the API document. Gateway, document and client follow from it and from `ADDRESSES`. */
export const ROUTES = {
  ...systemRoutes,
  ...peopleRoutes,
  ...auditRoutes,
  ...noticeRoutes,
  ...overviewRoutes,
  ...deadLetterRoutes,
  ...customerRoutes,
  ...licenceRoutes,
  ...projectRoutes,
  ...discoveryRoutes,
  ...mailboxRoutes,
  ...passRoutes,
  ...changeRoutes,
  ...contentRoutes,
  ...reportLinkRoutes,
  ...planRoutes,
  ...operationRoutes,
} satisfies { readonly [Id in OperationId]: RouteSpec & Decided<Id> };
export type Routes = typeof ROUTES;

/** The same as a plain table, for code that treats all operations alike. */
export const routeOf = (id: OperationId): RouteSpec => ROUTES[id];

/** Ids of all operations. */
export const operationIds = Object.keys(ROUTES) as readonly OperationId[];

/** What an operation answers, as a program reads it; a file is text, or bytes where it may be anything. */
export type AnswerOf<Id extends OperationId> = Routes[Id] extends { readonly answer: infer A }
  ? A extends z.ZodType
    ? z.output<A>
    : A extends { readonly mediaType: 'application/octet-stream' }
      ? Uint8Array
      : A extends FileAnswer
        ? string
        : never
  : undefined;

type CsvOf<R> = R extends { readonly csvBody: object } ? Uint8Array : never;
type Empty = Readonly<Record<never, never>>;

/** The body of an operation as its handler reads it; a CSV file is bytes. */
export type BodyOf<Id extends OperationId> = Routes[Id] extends { readonly body: infer B extends z.ZodType }
  ? z.output<B> | CsvOf<Routes[Id]>
  : undefined;

/** The query of an operation as its handler reads it. */
export type QueryOf<Id extends OperationId> = Routes[Id] extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : Empty;

type Needed<Name extends string, T> = Empty extends T ? { readonly [K in Name]?: T } : { readonly [K in Name]: T };
type ParamsArg<Id extends OperationId> = Needed<'params', ParamsOf<Id>>;
type QueryArg<R> = R extends { readonly query: infer Q extends z.ZodType } ? Needed<'query', z.input<Q>> : Empty;
type BodyArg<R> = R extends { readonly body: infer B extends z.ZodType }
  ? R extends { readonly csvBody: object }
    ? { readonly body: z.input<B>; readonly csv?: undefined } | { readonly csv: Uint8Array | string; readonly body?: undefined }
    : { readonly body: z.input<B> }
  : Empty;

/** What a caller gives an operation. */
export type ArgsOf<Id extends OperationId> = ParamsArg<Id> & QueryArg<Routes[Id]> & BodyArg<Routes[Id]>;
