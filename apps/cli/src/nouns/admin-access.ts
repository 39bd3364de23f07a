import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDED_TOKENS_FOLDER, CODE_LIFE_MS, CODES_FOLDER, newAccessSecret, signInPath } from '@pstream/contracts';
import { systemRandom } from '@pstream/kernel';
import { privateFolder, writePrivate } from '@pstream/storage/files';
import { z } from 'zod';
import { CliError, usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';

const DATA = {
  data: option('--data <dir>', 'Data directory; default: PSTREAM_DATA, or pstream-data', z.string().min(1).optional()),
};

@Verb({
  name: 'token',
  about: 'Makes another first token when the first one is lost; on the machine of the gateway, for the owner of its data directory',
})
class MakeFirstToken extends Command {
  static readonly options = DATA;

  async execute(_args: Args, { data: dir }: Given<typeof MakeFirstToken.options>): Promise<void> {
    const tokens = await tokensOf(this.cli, dir);
    const { value, sha256 } = newAccessSecret('token', systemRandom);
    const createdAt = this.cli.clock.now();
    // A name of its own: the lost token still has the first one.
    const name = `first, made again at ${createdAt}`;
    await leave(join(tokens, ADDED_TOKENS_FOLDER), sha256, { version: 1, name, createdAt });
    const sentence = `Token, shown this once: ${value}\nRevoke the lost one: pstream token list, then pstream token revoke ID`;
    this.out.done({ token: value, name, createdAt }, sentence, value);
  }
}

@Verb({
  name: 'sign-in',
  about:
    'Prints an address that signs a browser in as administrator, once; on the machine of the gateway, for the owner of its data directory',
})
class MakeSignInAddress extends Command {
  static readonly options = DATA;

  async execute(_args: Args, { data: dir }: Given<typeof MakeSignInAddress.options>): Promise<void> {
    const tokens = await tokensOf(this.cli, dir);
    const { value, sha256 } = newAccessSecret('code', systemRandom);
    const expiresAt = new Date(Date.parse(this.cli.clock.now()) + CODE_LIFE_MS).toISOString();
    await leave(join(tokens, CODES_FOLDER), sha256, { version: 1, expiresAt });
    const url = `${this.cli.config.url}${signInPath(value)}`;
    this.out.done({ url, expiresAt }, `Open this address in a browser, once and within 15 minutes: ${url}`, url);
  }
}

/** Ways in for whoever works on the machine itself, as the user who owns the data directory. They need no token and no running gateway. */
export const accessVerbs: readonly CommandType[] = [MakeFirstToken, MakeSignInAddress];

/** The directory of the tokens. Fails with exit 2 where no gateway has run yet: a directory made here would be taken for a damaged one. */
const tokensOf = async ({ environment }: Cli, dir: string | undefined): Promise<string> => {
  const set = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const named = dir === undefined ? set('PSTREAM_TOKENS') : undefined;
  const tokens = named ?? join(dir ?? set('PSTREAM_DATA') ?? 'pstream-data', 'tokens');
  const found = await stat(join(tokens, 'tokens.json')).catch(() => undefined);
  if (found?.isFile() === true) return tokens;
  throw usageError(`${tokens} is not the token directory of a gateway that has run.`, 'pstream admin token --data DIR');
};

const leave = async (folder: string, sha256: string, file: object): Promise<void> => {
  try {
    await privateFolder(folder);
    await writePrivate(join(folder, `${sha256}.json`), `${JSON.stringify(file)}\n`, 'new');
  } catch {
    throw new CliError(EXIT.failed, {
      what: 'Nothing was made.',
      why: `${folder} cannot be written.`,
      advice: `ls -ld ${folder}`,
      details: { code: 'cli.data-directory' },
    });
  }
};
