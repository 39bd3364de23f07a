import { z } from 'zod';
import { readSecret, saveCliConfig } from '../cli/config.js';
import { GatewayUrl } from '../cli/config-schema.js';
import { verb, type Verb } from '../cli/verb.js';
import { clientOf } from '../http/client.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: '',
    about: 'Checks a token and saves it with its address, for this user alone',
    flags: {
      url: ['--url <url>', 'Address of the gateway; default: the one in use'],
      token: ['--token <token>', 'The token; other users of this machine may see arguments, so rather use a file'],
      tokenFile: ['--token-file <file>', 'The token, in a file (- for standard input); or set PSTREAM_TOKEN'],
    },
    options: z.strictObject({ url: GatewayUrl.optional(), token: z.string().min(1).optional(), tokenFile: z.string().optional() }),
    run: async (cli, _args, { url = cli.config.url, token, tokenFile }) => {
      const value =
        token ??
        (await readSecret(tokenFile, cli.readStdin, cli.environment['PSTREAM_TOKEN'], {
          option: 'pstream login --token-file',
          variable: 'PSTREAM_TOKEN',
        }));
      const client = clientOf({ url, token: value }, cli);
      // Any operation that needs a token checks it; the version needs none.
      await client.listCustomers({ query: { limit: 1 } });
      const version = await client.getVersion();
      await saveCliConfig(cli.config.file, url, value);
      cli.out.done({ url, version: version.version, file: cli.config.file }, `Signed in at ${url} (pstream ${version.version}).`, url);
    },
  }),
];
