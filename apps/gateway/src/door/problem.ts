import type { Facts, Rejection } from '@pstream/kernel';
import { textOf } from './problem-texts.js';

/** What is wrong with one field of a body, or one cell of a file. Holds the place, never the value. */
export type FieldFault = {
  /** Row as a spreadsheet numbers it, or position in a list, from 1. */
  readonly row?: number;
  readonly column: string;
  readonly code: string;
  readonly message: string;
};

/** An answer of RFC 9457, with the code that the manual explains. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly facts?: Facts;
  readonly errors?: readonly FieldFault[];
};

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

/** The problem of a code, with the words of the table. */
export const problemOf = (code: string, status: number, facts: Facts = {}, errors: readonly FieldFault[] = []): Problem => {
  const { title, detail } = textOf(code, facts);
  return {
    type: `urn:pstream:problem:${code}`,
    title,
    status,
    detail,
    code,
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
    ...(errors.length === 0 ? {} : { errors }),
  };
};

/** The problem of a Rejection: 400 if the command was malformed, 404 if something is not known, 409 otherwise. */
export const problemOfRejection = ({ code, facts }: Rejection, errors: readonly FieldFault[] = []): Problem => {
  if (code === 'command.malformed') return problemOf(code, 400, {}, errors.length > 0 ? errors : malformedFields(facts));
  return problemOf(code, code.endsWith('.unknown') ? 404 : 409, facts, errors);
};

/** A ProblemError to throw. */
export const problem = (code: string, status: number, facts: Facts = {}, errors: readonly FieldFault[] = []): ProblemError =>
  new ProblemError(problemOf(code, status, facts, errors));

const malformedFields = (facts: Facts): FieldFault[] => {
  const fields = facts['fields'];
  if (!Array.isArray(fields)) return [];
  return fields.map((field) => {
    const [column = '', ...message] = String(field).split(': ');
    return { column, code: 'field.invalid', message: message.join(': ') };
  });
};
