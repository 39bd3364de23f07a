import { Priority } from '@pstream/contracts';
import { z } from 'zod';
import { option } from '../cli/option.js';

/** How a mailbox that is named by its address is distinguished from those of other projects. */
export const PROJECT = {
  project: option('--project <project>', 'Its project, if the mailbox is named by its address', z.string().optional()),
};

/** A priority as it is typed. */
export const PriorityText = z
  .string()
  .regex(/^-?[0-9]{1,3}$/, 'Give a whole number from -100 to 100.')
  .transform(Number)
  .pipe(Priority);
