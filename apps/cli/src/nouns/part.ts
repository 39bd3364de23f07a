import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { findProject } from '../http/resolve.js';
import { listParts } from '../output/parts.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: 'list',
    about: 'Lists the PSTs of a project',
    args: '<project>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [project = '']) => {
      const { projectId } = await findProject(cli.client(), project);
      await listParts(cli, (query) => cli.client().listProjectParts({ params: { projectId }, query }));
    },
  }),
];
