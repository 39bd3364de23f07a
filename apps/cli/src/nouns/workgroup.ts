import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { minute } from '../output/format.js';

@Verb({ name: 'show', about: 'Shows your workgroup' })
class ShowWorkgroup extends Command {
  async execute(): Promise<void> {
    const found = await this.client.getWorkgroup();
    await this.out.record(found, found, [
      { title: 'Id', exact: ({ workgroupId }) => workgroupId },
      { title: 'Name', exact: ({ name }) => name },
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

export const verbs: readonly CommandType[] = [ShowWorkgroup, RenameWorkgroup, CreateWorkgroup];
