import { Command, Verb, type CommandType } from '../cli/command.js';
import { minute } from '../output/format.js';

@Verb({ name: 'show', about: 'Shows who you are to the gateway, and what you may do' })
class ShowSession extends Command {
  async execute(): Promise<void> {
    const me = await this.client.getMe();
    await this.out.record(me, me, [
      { title: 'Name', exact: ({ name }) => name },
      { title: 'Role', exact: ({ role }) => role },
      { title: 'Workgroup', exact: ({ workgroupId }) => workgroupId },
      { title: 'Rights', exact: ({ rights }) => rights.join(', ') },
      { title: 'Id', exact: ({ id }) => id },
      {
        title: 'Expires',
        exact: ({ expiresAt }) => expiresAt,
        human: ({ expiresAt }) => (expiresAt === null ? 'never' : minute(expiresAt)),
      },
    ]);
  }
}

@Verb({ name: 'link', about: 'Prints an address that signs a browser in as you, once and within 15 minutes' })
class MakeSignInLink extends Command {
  async execute(): Promise<void> {
    const { code, path, expiresAt } = await this.client.createSignInCode();
    const url = `${this.cli.config.url}${path}`;
    this.out.done({ url, code, expiresAt }, `Open this address in a browser, once, before ${minute(expiresAt)}: ${url}`, url);
  }
}

export const verbs: readonly CommandType[] = [ShowSession, MakeSignInLink];
