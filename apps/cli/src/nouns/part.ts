import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { findProject } from '../http/resolve.js';
import { listParts } from '../output/parts.js';
import { contentVerbs } from './part-content.js';

@Verb({ name: 'list', about: 'Lists the PSTs of a project', args: '<project>' })
class ListParts extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    await listParts(this.cli, (query) => this.client.listProjectParts({ params: { projectId }, query }));
  }
}

export const verbs: readonly CommandType[] = [ListParts, ...contentVerbs];
