import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { problemOf, type Problem } from '@pstream/api';
import { isFault, retryDelayMs, type Fault } from '@pstream/kernel';
import { errorFacts, LOG, type Log } from '@pstream/wiring';
import { RefusedAttempts } from '../audit/refused-attempts.js';
import type { HttpRequest, HttpResponse } from './http.js';
import { ProblemError } from './problem.js';

/** Turns whatever ends a request into problem+json without internals; what only we can mend goes to the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(RefusedAttempts) private readonly attempts: RefusedAttempts,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // Message handlers have answers of their own.
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<HttpResponse>();
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const { problem, retryAfter } = this.#problemOf(error, request);
    this.attempts.note(request, problem);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.statusCode = problem.status;
    response.setHeader('content-type', 'application/problem+json; charset=utf-8');
    if (problem.status === 401) response.setHeader('www-authenticate', 'Bearer');
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    response.end(JSON.stringify(problem));
  }

  #problemOf(error: unknown, request: HttpRequest): Told {
    const known = knownProblem(error);
    if (known !== undefined) return known;
    this.log.write(isFault(error) && error.retry !== 'never' ? 'warn' : 'error', 'gateway.failed', {
      requestId: request.requestId ?? '',
      method: request.method ?? '',
      ...errorFacts(error),
    });
    return unexpected(error);
  }
}

type Told = { readonly problem: Problem; readonly retryAfter?: number | undefined };

const knownProblem = (error: unknown): Told | undefined => {
  if (error instanceof ProblemError) return error;
  const refused = refusedByServer(error);
  return refused === undefined ? undefined : { problem: refused };
};

const unexpected = (error: unknown): Told => (isFault(error) ? problemOfFault(error) : { problem: problemOf('gateway.failed', 500) });

/** How a request that fails with this error is answered. */
export const endOf = (error: unknown): { readonly status: number; readonly code: string } =>
  (knownProblem(error) ?? unexpected(error)).problem;

const problemOfFault = (fault: Fault): { readonly problem: Problem; readonly retryAfter?: number } => {
  const delay = retryDelayMs(fault.retry);
  const about = { code: fault.code, type: `urn:pstream:problem:${fault.code}` };
  const advised = fault.advice === undefined ? {} : { detail: fault.advice };
  if (delay === undefined) return { problem: { ...problemOf('gateway.failed', 500), ...about, ...advised } };
  return { problem: { ...problemOf('gateway.unavailable', 503), ...about, ...advised }, retryAfter: Math.max(1, Math.ceil(delay / 1_000)) };
};

/** What Nest refuses before a controller is reached. Told by its shape: the exception may come from another copy of Nest. */
const refusedByServer = (error: unknown): Problem | undefined => {
  const status =
    error instanceof Error && 'getStatus' in error && typeof error.getStatus === 'function' ? Number(error.getStatus()) : undefined;
  switch (status) {
    case 404:
      return problemOf('request.not-found', 404);
    default:
      return status !== undefined && status >= 400 && status < 500 ? problemOf('request.malformed', 400) : undefined;
  }
};
