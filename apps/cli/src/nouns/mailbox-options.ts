import { z } from 'zod';
import { option } from '../cli/option.js';

/** How a mailbox that is named by its address is told from those of other projects. */
export const PROJECT = {
  project: option('--project <project>', 'Its project, if the mailbox is named by its address', z.string().optional()),
};
