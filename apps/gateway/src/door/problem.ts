import { problemOf, type FieldFault, type Problem, type ProblemCode } from '@pstream/api';
import type { Facts } from '@pstream/kernel';

/** Ends a request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.code);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** A ProblemError to throw. */
export const problem = (code: ProblemCode, status: number, facts: Facts = {}, errors: readonly FieldFault[] = []): ProblemError =>
  new ProblemError(problemOf(code, status, facts, errors));
