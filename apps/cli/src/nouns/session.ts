import { z } from 'zod';
import { verb, type Verb } from '../cli/verb.js';
import { minute } from '../output/format.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: 'show',
    about: 'Shows who you are to the gateway, and what you may do',
    flags: {},
    options: z.strictObject({}),
    run: async (cli) => {
      const me = await cli.client().getMe();
      await cli.out.record(me, me, [
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
    },
  }),
  verb({
    verb: 'link',
    about: 'Prints an address that signs a browser in as you, once and within 15 minutes',
    flags: {},
    options: z.strictObject({}),
    run: async (cli) => {
      const { code, path, expiresAt } = await cli.client().createSignInCode();
      const url = `${cli.config.url}${path}`;
      cli.out.done({ url, code, expiresAt }, `Open this address in a browser, once, before ${minute(expiresAt)}: ${url}`, url);
    },
  }),
];
