import type { Problem } from '../problems/problem.js';

/** The gateway refused a request, or does not answer like a gateway. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** What the gateway says of it; undefined if the answer was no problem document. */
  readonly problem: Problem | undefined;

  /** `what` says it where there is no problem document. */
  constructor(operation: string, status: number, problem: Problem | undefined, what = `status ${status}`) {
    super(`${operation}: ${problem === undefined ? what : `${problem.title}. ${problem.detail} (${problem.code})`}`);
    this.status = status;
    this.problem = problem;
  }

  /** Code of the problem; empty if there is none. */
  get code(): string {
    return this.problem?.code ?? '';
  }
}

/** Nothing answers at the address, or the connection broke. */
export class ApiUnreachable extends Error {
  override readonly name = 'ApiUnreachable';

  constructor(url: string, cause: unknown) {
    super(`Nothing answers at ${url}, or the connection broke.`, { cause });
  }
}
