import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { confirmed, YES, yesField } from '../cli/confirmed.js';
import { verb, type Verb } from '../cli/verb.js';
import { findEndpoint, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { PartSize } from './project-options.js';

type Change = {
  readonly name?: string;
  readonly container?: string;
  readonly partBytes?: number;
  readonly sourceEndpointId?: string;
  readonly destinationEndpointId?: string;
};

const changed = async (cli: Cli, projectId: string, body: Change, sentence: string): Promise<void> => {
  const made = await cli.client().editProject({ params: { projectId }, body });
  await shown(made, (query) => cli.client().listProjects({ query }));
  cli.out.done(made, sentence, made.id);
};

/** Renaming, changing and removing projects. */
export const changeVerbs: readonly Verb[] = [
  verb({
    verb: 'rename',
    about: 'Gives a project another name',
    args: '<project> <name>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [project = '', name = '']) => {
      const { projectId } = await findProject(cli.client(), project);
      await changed(cli, projectId, { name }, `The project is called ${name} from now on.`);
    },
  }),
  verb({
    verb: 'edit',
    about: 'Changes endpoints, container or part size of a project, for passes that are started from now on',
    args: '<project>',
    flags: {
      source: ['--source <endpoint>', 'Another source endpoint'],
      destination: ['--destination <endpoint>', 'Another destination endpoint'],
      container: ['--container <name>', 'Another container or subfolder (Bucket Name)'],
      partSize: ['--part-size <size>', 'A new PST is begun before a file would pass this size'],
    },
    options: z.strictObject({
      source: z.string().optional(),
      destination: z.string().optional(),
      container: z.string().optional(),
      partSize: PartSize.optional(),
    }),
    run: async (cli, [project = ''], { source, destination, container, partSize }) => {
      const client = cli.client();
      const { projectId, customerId, name } = await findProject(client, project);
      const idOf = async (endpoint: string): Promise<string> => (await findEndpoint(client, customerId, endpoint)).endpointId;
      const body: Change = {
        ...(source === undefined ? {} : { sourceEndpointId: await idOf(source) }),
        ...(destination === undefined ? {} : { destinationEndpointId: await idOf(destination) }),
        ...(container === undefined ? {} : { container }),
        ...(partSize === undefined ? {} : { partBytes: partSize }),
      };
      if (Object.keys(body).length === 0) throw usageError('There is nothing to change.');
      await changed(cli, projectId, body, `Project ${name} is changed, for passes that are started from now on.`);
    },
  }),
  verb({
    verb: 'remove',
    about: 'Removes a project that has no mailboxes; PSTs stay where they are',
    args: '<project>',
    flags: YES,
    options: z.strictObject(yesField),
    run: async (cli, [project = ''], { yes }) => {
      const { projectId, name } = await findProject(cli.client(), project);
      confirmed(yes, `remove the project ${name}`);
      const made = await cli.client().removeProject({ params: { projectId } });
      await shown(made, (query) => cli.client().listProjects({ query }));
      cli.out.done(made, `Project ${name} is removed.`, made.id);
    },
  }),
];
