import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { day } from '../output/format.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: 'create',
    about: 'Makes an API token and prints it this once',
    args: '<name>',
    flags: { days: ['--days <n>', 'Days until it expires; never without'] },
    options: z.strictObject({ days: z.coerce.number({ error: 'Give a number of days.' }).int().min(1).optional() }),
    run: async (cli, [name = ''], { days }) => {
      const made = await cli.client().createToken({ body: { name, ...(days === undefined ? {} : { expiresInDays: days }) } });
      cli.out.done(made, `Token ${name}, told this once: ${made.token}`, made.token);
    },
  }),
  verb({
    verb: 'list',
    about: 'Lists the API tokens',
    flags: {},
    options: z.strictObject({}),
    run: async (cli) => {
      const found = await cli.client().listTokens();
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ tokenId }) => tokenId },
          { title: 'Name', exact: ({ name }) => name },
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
        ],
        'No tokens.',
      );
    },
  }),
  verb({
    verb: 'revoke',
    about: 'Revokes an API token at once',
    args: '<id>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [id = '']) => {
      await cli.client().revokeToken({ params: { tokenId: id } });
      cli.out.done({ tokenId: id, revoked: true }, `Token ${id} opens nothing any more.`, id);
    },
  }),
];
