import { ApiError, type ApiUnreachable } from '@pstream/api/client';
import type { Problem } from '@pstream/api';
import { AGAIN, CliError, ITS_HELP } from '../cli/cli-error.js';
import { DEFAULT_URL } from '../cli/config.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';

/** Faults of rows or fields printed before the three lines of an error; `--json` has all of them. */
const MOST_LINES = 50;

/** A failed call as the end of a command. */
export const cliError = (error: ApiError | ApiUnreachable, url: string): CliError =>
  error instanceof ApiError ? problemError(error.status, error.problem) : unreachable(url);

/** A gateway that does not answer as the end of a command. */
export const unreachable = (url: string): CliError =>
  new CliError(EXIT.failed, {
    what: 'The gateway does not answer.',
    why: `Nothing answers at ${url}, or the connection broke.`,
    advice: url === DEFAULT_URL ? 'npm start' : 'check PSTREAM_URL',
    details: { code: 'gateway.unreachable' },
  });

/** Where the detail speaks of a request's body: the faults stand above, and the command is what can be corrected. */
const NAMED: Readonly<Record<string, string>> = {
  'request.invalid': 'Correct what is named above. Nothing was changed.',
  'command.malformed': 'Correct what is named above. Nothing was changed.',
};

/** A problem as the end of a command. */
export const problemError = (status: number, problem: Partial<Problem> = {}): CliError => {
  const errors = problem.errors ?? [];
  const lines = errors
    .slice(0, MOST_LINES)
    .map(({ row, column, message }) =>
      [...(row === undefined ? [] : [`row ${row}`]), ...(column === '' ? [] : [column])].join(', ').concat(`: ${message}`),
    );
  const what = `${(problem.title ?? 'The gateway answered in a way that is not known here').replace(/\.$/, '')}.`;
  return new CliError(exitCodeOf(status, problem.code), {
    what,
    why:
      (lines.length > 0 ? NAMED[problem.code ?? ''] : undefined) ??
      problem.detail ??
      `The status is ${status}; perhaps the address is not that of a pstream gateway.`,
    advice: adviceOf(status, problem),
    lines: errors.length > MOST_LINES ? [...lines, `… and ${errors.length - MOST_LINES} more; --json lists them all`] : lines,
    details: { ...problem },
  });
};

/** Refusals with status 403 that are rules; others are about how the gateway is addressed. */
const RULES = new Set(['right.missing', 'role.above-own']);

const exitCodeOf = (status: number, code = ''): ExitCode => {
  if (status === 401) return EXIT.signInNeeded;
  if (status === 403 && !RULES.has(code)) return EXIT.usage;
  return status >= 400 && status < 500 ? EXIT.rejected : EXIT.failed;
};

/** The command that the detail names, or one that fits the status. */
const adviceOf = (status: number, { code, detail = '' }: Partial<Problem>): string => {
  const named = /`(pstream [^`]+)`/.exec(detail)?.[1];
  if (status === 401) return 'pstream login --url URL --token-file FILE';
  if (named !== undefined) return named;
  if (code?.startsWith('bulk-add.') === true || code === 'project.line-items-conflict')
    return 'pstream mailbox import PROJECT FILE --partial';
  return status >= 500 ? AGAIN : ITS_HELP;
};
