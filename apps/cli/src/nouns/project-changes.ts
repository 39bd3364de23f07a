import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findEndpoint, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { CloseProject } from './project-close.js';
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

@Verb({ name: 'rename', about: 'Gives a project another name', args: '<project> <name>' })
class RenameProject extends Command {
  async execute([project = '', name = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    await changed(this.cli, projectId, { name }, `The project is called ${name} from now on.`);
  }
}

@Verb({
  name: 'edit',
  about: 'Changes endpoints, container or part size of a project, for passes that are started from now on',
  args: '<project>',
})
class EditProject extends Command {
  static readonly options = {
    source: option('--source <endpoint>', 'Another source endpoint', z.string().optional()),
    destination: option('--destination <endpoint>', 'Another destination endpoint', z.string().optional()),
    container: option('--container <name>', 'Another container or subfolder (Bucket Name)', z.string().optional()),
    partSize: option('--part-size <size>', 'A new PST is begun before a file would pass this size', PartSize.optional()),
  };

  async execute([project = '']: Args, { source, destination, container, partSize }: Given<typeof EditProject.options>): Promise<void> {
    const { client } = this;
    const { projectId, customerId, name } = await findProject(client, project);
    const idOf = async (endpoint: string): Promise<string> => (await findEndpoint(client, customerId, endpoint)).endpointId;
    const body: Change = {
      ...(source === undefined ? {} : { sourceEndpointId: await idOf(source) }),
      ...(destination === undefined ? {} : { destinationEndpointId: await idOf(destination) }),
      ...(container === undefined ? {} : { container }),
      ...(partSize === undefined ? {} : { partBytes: partSize }),
    };
    if (Object.keys(body).length === 0) throw usageError('There is nothing to change.');
    await changed(this.cli, projectId, body, `Project ${name} is changed, for passes that are started from now on.`);
  }
}

@Verb({
  name: 'viewing',
  about: 'Says whether messages in the finished PSTs of a project may be looked at: on, or off as at first',
  args: '<project> <on|off>',
})
class SwitchViewing extends Command {
  async execute([project = '', wanted = '']: Args): Promise<void> {
    if (wanted !== 'on' && wanted !== 'off') throw usageError('Say on or off.', `pstream project viewing ${project} on`);
    const { projectId, name } = await findProject(this.client, project);
    const made = await this.client.permitViewing({ params: { projectId }, body: { allowed: wanted === 'on' } });
    await shown(made, (query) => this.client.listProjects({ query }));
    this.out.done(
      made,
      wanted === 'on'
        ? `Owners, admins and agents may look at the content of the PSTs of ${name}.`
        : `Nobody may look at the content of the PSTs of ${name}.`,
      made.id,
    );
  }
}

@Verb({ name: 'remove', about: 'Removes a project that has no mailboxes; PSTs stay where they are', args: '<project>' })
class RemoveProject extends Command {
  static readonly options = YES;

  async execute([project = '']: Args, { yes }: Given<typeof RemoveProject.options>): Promise<void> {
    const { projectId, name } = await findProject(this.client, project);
    confirmed(yes, `remove the project ${name}`);
    const made = await this.client.removeProject({ params: { projectId } });
    await shown(made, (query) => this.client.listProjects({ query }));
    this.out.done(made, `Project ${name} is removed.`, made.id);
  }
}

/** Renaming, changing, closing and removing projects. */
export const changeVerbs: readonly CommandType[] = [RenameProject, EditProject, SwitchViewing, CloseProject, RemoveProject];
