import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { minute } from '../output/format.js';
import { workgroupPlanVerbs } from './plan.js';

@Verb({ name: 'show', about: 'Shows your workgroup' })
class ShowWorkgroup extends Command {
  async execute(): Promise<void> {
    const found = await this.client.getWorkgroup();
    await this.out.record(found, found, [
      { title: 'Id', exact: ({ workgroupId }) => workgroupId },
      { title: 'Name', exact: ({ name }) => name },
      {
        title: 'Projects are shared',
        exact: ({ shareProjects }) => String(shareProjects),
        human: ({ shareProjects }) => (shareProjects ? 'yes' : 'no'),
      },
    ]);
  }
}

@Verb({ name: 'rename', about: 'Gives your workgroup another name', args: '<name>' })
class RenameWorkgroup extends Command {
  async execute([name = '']: Args): Promise<void> {
    const done = await this.client.editWorkgroup({ body: { name } });
    this.out.done({ ...done, name }, `The workgroup is called ${name} now.`, name);
  }
}

@Verb({
  name: 'share',
  about: 'Shows all projects of your workgroup to every agent (on), or to owners, admins and whoever created them (off)',
  args: '<on-or-off>',
})
class ShareProjects extends Command {
  async execute([given]: Args): Promise<void> {
    if (given !== 'on' && given !== 'off') throw usageError('<on-or-off>: Give on or off.', 'pstream workgroup share --help');
    const shareProjects = given === 'on';
    const done = await this.client.editWorkgroup({ body: { shareProjects } });
    const sentence = shareProjects
      ? 'Every agent sees all projects now.'
      : 'Agents see the projects that they created; owners and admins see all.';
    this.out.done({ ...done, shareProjects }, sentence, given);
  }
}

@Verb({
  name: 'create',
  about: 'Creates another workgroup, and prints the address by which its owner signs in, once and within 7 days',
  args: '<name>',
})
class CreateWorkgroup extends Command {
  static readonly options = { owner: option('--owner <address>', 'Mail address of its owner', z.string().min(1)) };

  async execute([name = '']: Args, { owner }: Given<typeof CreateWorkgroup.options>): Promise<void> {
    const made = await this.client.createWorkgroup({ body: { name, ownerEmail: owner } });
    const url = `${this.cli.config.url}${made.path}`;
    this.out.done({ ...made, url }, `Hand this address on to ${owner}; it works once, before ${minute(made.expiresAt)}: ${url}`, url);
  }
}

export const verbs: readonly CommandType[] = [ShowWorkgroup, RenameWorkgroup, ShareProjects, ...workgroupPlanVerbs, CreateWorkgroup];
