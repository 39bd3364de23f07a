import type { z } from 'zod';
import { addressOf, type OperationId } from './addresses.js';
import type { Right } from './rights.js';
import type { ProblemCode } from './problems/problem-texts.js';

/** Headings under which the API document lists the operations, each with a sentence. */
export const TAGS = {
  System: 'The gateway itself.',
  'Sign-in': 'Who is calling, and how a browser signs in.',
  People: 'Who works in your workgroup, and what they may do.',
  Audit: 'What people did.',
  Notices: 'Who is notified of what, through which channel, and what became of each notice.',
  Overview: 'Sums over everything, throughput by minute, and what changes.',
  Administration: 'For whoever runs the system.',
  Tokens: 'API tokens: who may call.',
  Customers: 'Customers, for whom mailboxes are exported.',
  Endpoints: 'Sources that mailboxes are read from, and destinations that PSTs are written to.',
  Licences: 'Orders, licences, and the bundles applied to users.',
  Projects: 'Projects between a source and a destination, and what became of their mailboxes.',
  Discovery: 'What machines report that find PSTs and upload them, in a Discovery project.',
  Mailboxes: 'The mailboxes of a project.',
  Content: 'Looking at messages in finished PSTs, where a project allows it.',
  Passes: 'Starting, stopping and resuming passes over mailboxes.',
  Operations: 'What was requested for many mailboxes or users, and what became of each.',
} as const;
export type Tag = keyof typeof TAGS;

/** An answer that is not JSON. */
export type FileAnswer = {
  readonly mediaType: 'text/csv' | 'text/html' | 'text/event-stream' | 'application/x-ndjson' | 'application/octet-stream';
  readonly description: string;
  readonly example: string;
};

/** Everything about an operation but its address: what it takes, what it answers, and how it may fail. */
export type RouteSpec = {
  readonly tag: Tag;
  /** One line, in the imperative. */
  readonly summary: string;
  readonly description?: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** The body may be a CSV file as well; an example of one. */
  readonly csvBody?: { readonly description: string; readonly example: string };
  /** Nothing is answered without it. */
  readonly answer?: z.ZodType | FileAnswer;
  /** Status of the answer; 200 unless said otherwise. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The answer of a GET has an ETag with the version of what is shown; a change takes it in If-Match. */
  readonly versioned?: true;
  /** The caller may have the answer wait for the end of the operation (`Prefer: wait=5`). */
  readonly waits?: true;
  /** Anybody may call it. */
  readonly open?: true;
  /** What the caller must be allowed to do; there unless it is open. */
  readonly right?: Right;
  /** Of a GET, whether each view goes on record: the answer may say something of single items of a mailbox, or is the record itself. Changes always do. */
  readonly recorded?: boolean;
  /** Codes of the problems that are its own, by status. Those that any operation of its shape may have are added by `problemsOf`. */
  readonly problems?: Readonly<Partial<Record<400 | 401 | 403 | 404 | 409, readonly ProblemCode[]>>>;
};

/** A route as it stands, with the types of its schemas. */
export const route = <const R extends RouteSpec>(spec: R): R => spec;

/** Whether the answer is not JSON. */
export const isFile = (answer: RouteSpec['answer']): answer is FileAnswer => answer !== undefined && 'mediaType' in answer;

/** Whether an operation changes something. */
export const isChange = (id: OperationId): boolean => addressOf(id).method !== 'GET';

/** Whether each call of an operation goes on record. Whoever is let in by one is on record by another way; of the operations that anybody may call, the handler
 *  knows who or what is to be named. */
export const isRecorded = (id: OperationId, { open, recorded }: RouteSpec): boolean => (isChange(id) ? open !== true : recorded === true);

/** Every problem of an operation by status, with those that follow from its shape. */
export const problemsOf = (
  id: OperationId,
  { open, body, query, answer, versioned, problems = {} }: RouteSpec,
): ReadonlyMap<number, readonly ProblemCode[]> => {
  const takesBody = body !== undefined;
  const all: [number, readonly ProblemCode[]][] = [
    [
      400,
      [
        ...(takesBody ? (['request.malformed', 'command.malformed'] as const) : []),
        ...(takesBody || query !== undefined || isChange(id) ? (['request.invalid'] as const) : []),
        ...(query !== undefined && 'atLeast' in query.shape ? (['request.at-least'] as const) : []),
        ...(query !== undefined && 'cursor' in query.shape ? (['request.bad-cursor'] as const) : []),
        ...(problems[400] ?? []),
      ],
    ],
    [401, [...(open === true ? [] : (['request.unauthenticated'] as const)), ...(problems[401] ?? [])]],
    [
      403,
      [
        'request.foreign-host',
        'request.foreign-origin',
        ...(open === true ? [] : (['right.missing'] as const)),
        ...(problems[403] ?? []),
        ...(open !== true && isChange(id) ? (['request.csrf-header-missing'] as const) : []),
      ],
    ],
    [404, problems[404] ?? []],
    [406, answer === undefined ? [] : ['request.not-acceptable']],
    [409, problems[409] ?? []],
    [412, isChange(id) && versioned === true ? ['stream.version-mismatch'] : []],
    [413, takesBody ? ['request.too-large'] : []],
    [415, takesBody ? ['request.unsupported-type'] : []],
    [422, takesBody && open !== true ? ['request.idempotency-mismatch'] : []],
    [500, ['gateway.failed']],
    [503, open === true ? [] : ['gateway.unavailable', 'projection.behind']],
  ];
  return new Map(all.filter(([, codes]) => codes.length > 0));
};
