import type { Agent } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { ROLES } from '@pstream/contracts';
import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { option, type Given } from '../cli/option.js';
import { usageError } from '../cli/cli-error.js';
import { findAgent } from '../http/resolve.js';
import { day, minute } from '../output/format.js';

const Role = z.enum(ROLES, { error: `Give one of ${ROLES.join(', ')}.` });

@Verb({ name: 'list', about: 'Lists the agents of your workgroup' })
class ListPeople extends Command {
  static readonly options = {
    search: option('--search <text>', 'Only those with this text in the name or the address', z.string().min(1).optional()),
  };

  async execute(_args: Args, { search }: Given<typeof ListPeople.options>): Promise<void> {
    const found = await allPages((page) => this.client.listPeople({ query: { ...page, search } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ agentId }) => agentId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Address', exact: ({ email }) => email },
        { title: 'Role', exact: ({ role }) => role },
        { title: 'Status', exact: ({ status }) => status },
        { title: 'Invited', exact: ({ invitedAt }) => invitedAt, human: ({ invitedAt }) => day(invitedAt) },
      ],
      search === undefined
        ? 'Nobody has been invited yet. Begin with: pstream people invite ADDRESS --role ROLE'
        : 'Nobody has such a name.',
    );
  }
}

@Verb({ name: 'show', about: 'Shows an agent', args: '<agent>' })
class ShowAgent extends Command {
  async execute([agent = '']: Args): Promise<void> {
    const { agentId } = await findAgent(this.client, agent);
    const found: Agent = await this.client.getAgent({ params: { agentId } });
    await this.out.record(found, found, [
      { title: 'Id', exact: (one) => one.agentId },
      { title: 'Name', exact: ({ name }) => name },
      { title: 'Address', exact: ({ email }) => email },
      { title: 'Role', exact: ({ role }) => role },
      { title: 'Status', exact: ({ status }) => status },
      { title: 'Invited', exact: ({ invitedAt }) => invitedAt, human: ({ invitedAt }) => minute(invitedAt) },
      { title: 'Accepted', exact: ({ acceptedAt }) => acceptedAt, human: ({ acceptedAt }) => minute(acceptedAt) },
    ]);
  }
}

@Verb({
  name: 'invite',
  about: 'Invites somebody, and prints the address by which they sign in, once and within 7 days',
  args: '<address>',
})
class InviteAgent extends Command {
  static readonly options = {
    name: option('--name <name>', 'Name of the agent; default: the address', z.string().min(1).optional()),
    role: option('--role <role>', `What the agent may do: ${ROLES.join(', ')}`, Role),
  };

  async execute([email = '']: Args, { name, role }: Given<typeof InviteAgent.options>): Promise<void> {
    const made = await this.client.inviteAgent({ body: { email, role, ...(name === undefined ? {} : { name }) } });
    const url = `${this.cli.config.url}${made.path}`;
    this.out.done({ ...made, url }, `Hand this address on to ${email}; it works once, before ${minute(made.expiresAt)}: ${url}`, url);
  }
}

@Verb({ name: 'link', about: 'Prints an address that signs an agent in, once and within 24 hours', args: '<agent>' })
class LinkAgent extends Command {
  async execute([agent = '']: Args): Promise<void> {
    const { agentId, email } = await findAgent(this.client, agent);
    const made = await this.client.createAgentLink({ params: { agentId } });
    const url = `${this.cli.config.url}${made.path}`;
    this.out.done({ ...made, url }, `Hand this address on to ${email}; it works once, before ${minute(made.expiresAt)}: ${url}`, url);
  }
}

@Verb({ name: 'role', about: 'Gives an agent another role, from the next request on', args: '<agent> <role>' })
class GiveRole extends Command {
  async execute([agent = '', given]: Args): Promise<void> {
    const parsed = Role.safeParse(given);
    if (!parsed.success) throw usageError(`<role>: Give one of ${ROLES.join(', ')}.`);
    const { agentId, name } = await findAgent(this.client, agent);
    const done = await this.client.editAgent({ params: { agentId }, body: { role: parsed.data } });
    this.out.done({ ...done, role: parsed.data }, `${name} is ${parsed.data} now.`, agentId);
  }
}

@Verb({ name: 'activate', about: 'Lets an agent sign in again', args: '<agent>' })
class ActivateAgent extends Command {
  async execute([agent = '']: Args): Promise<void> {
    const { agentId, name } = await findAgent(this.client, agent);
    const done = await this.client.editAgent({ params: { agentId }, body: { active: true } });
    this.out.done({ ...done, active: true }, `${name} can sign in again.`, agentId);
  }
}

@Verb({
  name: 'deactivate',
  about: 'Keeps an agent from signing in, from the next request on; tokens of the agent do not work meanwhile',
  args: '<agent>',
})
class DeactivateAgent extends Command {
  async execute([agent = '']: Args): Promise<void> {
    const { agentId, name } = await findAgent(this.client, agent);
    const done = await this.client.editAgent({ params: { agentId }, body: { active: false } });
    this.out.done({ ...done, active: false }, `${name} can no longer sign in. Undo it with: pstream people activate ${agentId}`, agentId);
  }
}

@Verb({ name: 'remove', about: 'Removes an agent from the workgroup; what they did stays on record', args: '<agent>' })
class RemoveAgent extends Command {
  static readonly options = YES;

  async execute([agent = '']: Args, { yes }: Given<typeof RemoveAgent.options>): Promise<void> {
    const { agentId, name } = await findAgent(this.client, agent);
    confirmed(yes, `remove the agent ${name}`);
    const done = await this.client.removeAgent({ params: { agentId } });
    this.out.done(done, `${name} is removed.`, agentId);
  }
}

export const verbs: readonly CommandType[] = [
  ListPeople,
  ShowAgent,
  InviteAgent,
  LinkAgent,
  GiveRole,
  ActivateAgent,
  DeactivateAgent,
  RemoveAgent,
];
