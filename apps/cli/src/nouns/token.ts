import { ROLES } from '@pstream/contracts';
import { z } from 'zod';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findCustomer } from '../http/resolve.js';
import { day } from '../output/format.js';

@Verb({ name: 'create', about: 'Makes an API token and prints it this once', args: '<name>' })
class CreateToken extends Command {
  static readonly options = {
    days: option(
      '--days <n>',
      'Days until it expires; never without',
      z.coerce.number({ error: 'Give a number of days.' }).int().min(1).optional(),
    ),
    customer: option(
      '--customer <customer...>',
      'Confines it to these customers, by name or id: it sees and changes nothing else',
      z.array(z.string().min(1)).optional(),
    ),
    service: option('--service', 'A service account, which goes on when you leave', z.boolean().default(false)),
    role: option(
      '--role <role>',
      `What it may do: ${ROLES.join(', ')}; by default, what you may`,
      z.enum(ROLES, { error: `Give one of ${ROLES.join(', ')}.` }).optional(),
    ),
  };

  async execute([name = '']: Args, { days, role, service, customer }: Given<typeof CreateToken.options>): Promise<void> {
    const customerIds: string[] = [];
    for (const wanted of customer ?? []) customerIds.push((await findCustomer(this.client, wanted)).customerId);
    const made = await this.client.createToken({
      body: {
        name,
        ...(days === undefined ? {} : { expiresInDays: days }),
        ...(role === undefined ? {} : { role }),
        ...(service ? { service } : {}),
        ...(customer === undefined ? {} : { customerIds }),
      },
    });
    this.out.done(made, `Token ${name}, shown this once: ${made.token}`, made.token);
  }
}

@Verb({ name: 'list', about: 'Lists the API tokens' })
class ListTokens extends Command {
  async execute(): Promise<void> {
    const found = await this.client.listTokens();
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ tokenId }) => tokenId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Role', exact: ({ role }) => role },
        { title: 'Created', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => day(createdAt) },
        {
          title: 'Expires',
          exact: ({ expiresAt }) => expiresAt,
          human: ({ expiresAt }) => (expiresAt === null ? 'never' : day(expiresAt)),
        },
        {
          title: 'Last used',
          exact: ({ lastUsedAt }) => lastUsedAt,
          human: ({ lastUsedAt }) => (lastUsedAt === null ? 'never' : day(lastUsedAt)),
        },
        { title: 'Only customers', exact: ({ customerIds }) => customerIds?.join(' ') ?? null },
      ],
      'No tokens.',
    );
  }
}

@Verb({ name: 'revoke', about: 'Revokes an API token at once', args: '<id>' })
class RevokeToken extends Command {
  async execute([id = '']: Args): Promise<void> {
    await this.client.revokeToken({ params: { tokenId: id } });
    this.out.done({ tokenId: id, revoked: true }, `Token ${id} opens nothing any more.`, id);
  }
}

export const verbs: readonly CommandType[] = [CreateToken, ListTokens, RevokeToken];
