import { z } from 'zod';
import { usageError } from './cli-error.js';

/** The option without which nothing is removed. */
export const YES = { yes: ['--yes', 'Do it; without it, nothing is removed'] } as const;
export const yesField = { yes: z.boolean().default(false) };

/** Ends the command with exit 2 unless it was confirmed. */
export const confirmed = (yes: boolean, what: string): void => {
  if (!yes) throw usageError(`This removes ${what}. Nothing was done.`, 'the same command with --yes');
};
