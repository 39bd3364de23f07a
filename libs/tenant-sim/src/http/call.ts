import type { IncomingHttpHeaders } from 'node:http';
import type { CallEffect, Operation } from '../fault-script.js';
import type { Mailbox } from '../tenant.js';
import type { Grant } from './tokens.js';

/** The version segment of a Graph path. */
export type Version = 'v1.0' | 'beta';

/** The variable segments of a path, decoded. */
export type RouteParams = { readonly user?: string; readonly mailbox?: string; readonly folder?: string; readonly item?: string };

/** A Graph call on its way to its handler; one request, or one part of a batch. */
export type Call = {
  readonly operation: Operation;
  readonly version: Version;
  readonly method: string;
  /** Path with query, as it came. */
  readonly target: string;
  readonly params: RouteParams;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The whole request body. */
  body(): Promise<Buffer>;
};

/** A call whose sender is known, with the mailbox it goes to where its path names one. */
export type GrantedCall = Call & { readonly grant: Grant; readonly mailbox: Mailbox | undefined; readonly effects: readonly CallEffect[] };

/** Where an answer that is too large to hold goes. Resolves when more may be written; rejects when the other side is gone. */
export interface Sink {
  write(chunk: Uint8Array | string): Promise<void>;
}

/** What a handler answers: a JSON value, a stream of pieces, or nothing but a status. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly contentType?: string;
  readonly write?: (sink: Sink) => Promise<void>;
  /** Shown in the request log: error code and how many ids were asked for. */
  readonly code?: string;
  readonly itemIds?: readonly string[];
};
