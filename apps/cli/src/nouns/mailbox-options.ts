import { z } from 'zod';

/** How a mailbox that is named by its address is told from those of other projects. */
export const PROJECT = { project: ['--project <project>', 'Its project, if the mailbox is named by its address'] as const };
export const InProject = z.strictObject({ project: z.string().optional() });
