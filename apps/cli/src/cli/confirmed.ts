import { z } from 'zod';
import { CliError } from './cli-error.js';
import { EXIT } from './exit-codes.js';
import { option } from './option.js';

/** The option without which nothing is changed. */
export const YES = { yes: option('--yes', 'Do it; without it, nothing is changed', z.boolean().default(false)) };

/** Ends the command with exit 2 unless it was confirmed; `what` says what it would do: `remove project Leavers`. */
export const confirmed = (yes: boolean, what: string): void => {
  if (yes) return;
  throw new CliError(EXIT.usage, {
    what: 'Confirmation is needed.',
    why: `This would ${what}. Nothing has been changed.`,
    advice: 'the same command with --yes',
    details: { code: 'cli.unconfirmed' },
  });
};
