import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperationId, Right } from '@pstream/api';
import type { Role } from '@pstream/contracts';

/** A request as express hands it on, with what the door found out about it. */
export type HttpRequest = IncomingMessage & {
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, string>>;
  body?: unknown;
  /** SHA-256 of the query and the body as they came; there if the request has a key to be sent again under. */
  digest?: string | undefined;
  requestId?: string;
  /** The best of these media types for the caller; false if it takes none of them. */
  accepts(types: string[]): string | false;
  caller?: Caller;
  /** What stands in the path of its operation. */
  pathParams?: Readonly<Record<string, string>>;
  /** The operation that it asks for. */
  operationId?: OperationId;
  /** Whether the attempt is on record already, whatever comes of it. */
  isOnRecord?: true;
  /** What it names is there, and hidden from the caller. */
  isHidden?: true;
};

export type HttpResponse = ServerResponse;
export type Next = (error?: unknown) => void;
export type Middleware = (request: HttpRequest, response: HttpResponse, next: Next) => void;

/** Who is calling, however that is known. */
export type Principal = {
  /** Id that what the caller does is recorded under. */
  readonly by: string;
  /** Name of the token or of the person. */
  readonly name: string;
  readonly signedInBy: 'token' | 'session';
  readonly sessionId?: string;
  /** The token that was presented, or that the session was made from. */
  readonly tokenId?: string;
  readonly role: Role;
  readonly rights: readonly Right[];
  /** The agent behind the session or the token; absent for whoever runs the installation and for service accounts. */
  readonly agentId?: string;
  readonly workgroupId: string;
  /** The customers that the caller is confined to; absent for all of the workgroup. */
  readonly customerIds?: readonly string[];
  readonly expiresAt: string | null;
};

/** Who sent a request, and what makes it the same request when it is sent again. */
export type Caller = {
  readonly principal: Principal;
  /** Id of the caller. */
  readonly by: string;
  /** Method and path. */
  readonly route: string;
  /** The `Idempotency-Key` header. */
  readonly key: string | undefined;
  /** Version that the stream of what is changed must have, from `If-Match`. */
  readonly ifMatch: number | undefined;
  /** The request's `digest`. */
  readonly digest?: string | undefined;
  /** How long the answer may wait for the end of an operation, from `Prefer: wait=<seconds>`. */
  readonly waitMs: number;
};
