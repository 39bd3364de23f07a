import { Command, Verb, type Args, type CommandType } from '../cli/command.js';

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

export const verbs: readonly CommandType[] = [ShowWorkgroup, RenameWorkgroup];
