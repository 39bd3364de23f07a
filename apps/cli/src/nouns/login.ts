import { z } from 'zod';
import { readSecret, saveCliConfig } from '../cli/config.js';
import { GatewayUrl } from '../cli/config-schema.js';
import { verb, type Verb } from '../cli/verb.js';
import { clientOf, signedInBy } from '../http/client.js';
import type { Cli } from '../cli/cli.js';

export const verbs: readonly Verb[] = [
  verb({
    verb: '',
    about: 'Checks a token and saves it with its address, for this user alone',
    flags: {
      url: ['--url <url>', 'Address of the gateway; default: the one in use'],
      token: ['--token <token>', 'The token; other users of this machine may see arguments, so rather use a file'],
      code: ['--code <code>', 'A one-time sign-in code or address, from which a token is made; - reads it from standard input'],
      tokenFile: ['--token-file <file>', 'The token, in a file (- for standard input); or set PSTREAM_TOKEN'],
    },
    options: z.strictObject({
      url: GatewayUrl.optional(),
      token: z.string().min(1).optional(),
      code: z.string().min(1).optional(),
      tokenFile: z.string().optional(),
    }),
    run: async (cli, _args, { url = cli.config.url, token, code, tokenFile }) => {
      const value =
        token ??
        (code === undefined ? undefined : await tokenFrom(cli, url, code)) ??
        (await readSecret(tokenFile, cli.readStdin, cli.environment['PSTREAM_TOKEN'], {
          option: 'pstream login --token-file',
          variable: 'PSTREAM_TOKEN',
        }));
      const client = clientOf({ url, token: value }, cli);
      await client.getMe();
      const version = await client.getVersion();
      await saveCliConfig(cli.config.file, url, value);
      cli.out.done({ url, version: version.version, file: cli.config.file }, `Signed in at ${url} (pstream ${version.version}).`, url);
    },
  }),
];

/** Uses a one-time code for a token of its own: a session is for a browser, and ends. */
const tokenFrom = async (cli: Cli, url: string, given: string): Promise<string> => {
  const text = given === '-' ? new TextDecoder().decode(await cli.readStdin()).trim() : given;
  const client = await signedInBy(url, text.split('#code=').at(-1) ?? '', cli);
  const { token } = await client.createToken({ body: { name: `pstream login at ${cli.clock.now()}` } });
  await client.endSession();
  return token;
};
