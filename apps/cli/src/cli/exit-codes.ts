/** What each exit code means. A code that is not listed means failure. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  rejected: 3,
  withErrors: 10,
  timedOut: 11,
  signInNeeded: 12,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table of `pstream help exit-codes`. */
export const EXIT_CODES: readonly { readonly code: number; readonly means: string }[] = [
  { code: EXIT.done, means: 'Done.' },
  { code: EXIT.failed, means: 'Failed: something could not be carried out, or an export failed, was stopped or was never started.' },
  { code: EXIT.usage, means: 'Wrong arguments or configuration; nothing was done.' },
  { code: EXIT.rejected, means: 'Rejected by a rule, or not found; the message says why.' },
  {
    code: EXIT.withErrors,
    means: 'Completed with errors: some items failed or folders were not listed, or a PST has problems or differences.',
  },
  { code: EXIT.timedOut, means: 'Timed out waiting; whatever was waited for goes on.' },
  { code: EXIT.signInNeeded, means: 'Sign-in needed: no token, or one that is not valid any more.' },
  { code: EXIT.interrupted, means: 'Interrupted by Ctrl+C; an export goes on.' },
];
