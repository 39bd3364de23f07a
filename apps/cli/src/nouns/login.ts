import { z } from 'zod';
import { readSecret, saveCliConfig } from '../cli/config.js';
import { GatewayUrl } from '../cli/config-schema.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { clientOf, signedInBy } from '../http/client.js';
import type { Cli } from '../cli/cli.js';

@Verb({ name: '', about: 'Checks a token and saves it with its address, for this user alone' })
class Login extends Command {
  static readonly options = {
    url: option('--url <url>', 'Address of the gateway; default: the one in use', GatewayUrl.optional()),
    token: option(
      '--token <token>',
      'The token; other users of this machine may see arguments, so rather use a file',
      z.string().min(1).optional(),
    ),
    code: option(
      '--code <code>',
      'A one-time sign-in code or address, from which a token is made; - reads it from standard input',
      z.string().min(1).optional(),
    ),
    tokenFile: option('--token-file <file>', 'The token, in a file (- for standard input); or set PSTREAM_TOKEN', z.string().optional()),
  };

  async execute(_args: Args, { url = this.cli.config.url, token, code, tokenFile }: Given<typeof Login.options>): Promise<void> {
    const value =
      token ??
      (code === undefined ? undefined : await tokenFrom(this.cli, url, code)) ??
      (await readSecret(tokenFile, this.cli.readStdin, this.cli.environment['PSTREAM_TOKEN'], {
        option: 'pstream login --token-file',
        variable: 'PSTREAM_TOKEN',
      }));
    const client = clientOf({ url, token: value }, this.cli);
    await client.getMe();
    const version = await client.getVersion();
    await saveCliConfig(this.cli.config.file, url, value);
    this.out.done({ url, version: version.version, file: this.cli.config.file }, `Signed in at ${url} (pstream ${version.version}).`, url);
  }
}

export const verbs: readonly CommandType[] = [Login];

/** Uses a one-time code for a token of its own: a session is for a browser, and ends. */
const tokenFrom = async (cli: Cli, url: string, given: string): Promise<string> => {
  const text = given === '-' ? new TextDecoder().decode(await cli.readStdin()).trim() : given;
  const client = await signedInBy(url, text.split('#code=').at(-1) ?? '', cli);
  const { token } = await client.createToken({ body: { name: `pstream login at ${cli.clock.now()}` } });
  await client.endSession();
  return token;
};
