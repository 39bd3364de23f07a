import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { errnoOf } from '@pstream/kernel';
import { writePrivate } from '@pstream/storage/files';
import { CliError, usageError } from './cli-error.js';
import type { SavedConfig } from './config-schema.js';
import { EXIT } from './exit-codes.js';

/** Where the gateway is, and with which token. */
export type CliConfig = {
  readonly url: string;
  readonly token: string | undefined;
  readonly secret: string | undefined;
  readonly file: string;
};

/** Where the gateway listens unless something else is said. */
export const DEFAULT_URL = 'http://127.0.0.1:4321';

/** Variables that the command line reads. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export const processEnvironment = (): Environment => process.env;

/** An empty variable is as good as none. */
const given = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

const fileOf = (environment: Environment): string =>
  join(given(environment['XDG_CONFIG_HOME']) ?? join(given(environment['HOME']) ?? homedir(), '.config'), 'pstream', 'config.json');

/** PSTREAM_URL and PSTREAM_TOKEN win over what `pstream login` saved. The saved token belongs to the saved address and is sent to no
 *  other. Fails with exit 2 if something cannot be used. */
export const readCliConfig = async (environment: Environment): Promise<CliConfig> => {
  const { GatewayUrl } = await import('./config-schema.js');
  const file = fileOf(environment);
  const saved = await readSaved(file);
  const url = GatewayUrl.safeParse(given(environment['PSTREAM_URL']) ?? saved.url ?? DEFAULT_URL);
  if (!url.success)
    throw new CliError(EXIT.usage, {
      what: 'The configuration cannot be used.',
      why: `PSTREAM_URL ${url.error.issues[0]?.message ?? ''}.`,
      advice: `export PSTREAM_URL=${DEFAULT_URL}`,
      details: { code: 'cli.config' },
    });
  const savedToken = url.data === (saved.url ?? DEFAULT_URL) ? saved.token : undefined;
  return { url: url.data, token: given(environment['PSTREAM_TOKEN']) ?? savedToken, secret: given(environment['PSTREAM_SECRET']), file };
};

const readSaved = async (file: string): Promise<SavedConfig> => {
  const { SavedConfig } = await import('./config-schema.js');
  try {
    return SavedConfig.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return {};
    throw new CliError(EXIT.usage, {
      what: 'The configuration cannot be used.',
      why: `${file} cannot be read, or is not what pstream login writes.`,
      advice: 'pstream login --url URL --token-file FILE',
      details: { code: 'cli.config' },
    });
  }
};

/** Saves address and token for the owner of the file alone (0600). */
export const saveCliConfig = async (file: string, url: string, token: string): Promise<void> => {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writePrivate(file, `${JSON.stringify({ url, token }, null, 2)}\n`, 'replace');
  } catch {
    throw new CliError(EXIT.failed, {
      what: 'The sign-in cannot be saved.',
      why: `${file} cannot be written.`,
      advice: 'export PSTREAM_TOKEN=…',
      details: { code: 'cli.config' },
    });
  }
};

/** A secret or token: from the file named, from standard input for `-`, or else from the environment. Never from an argument. */
export const readSecret = async (
  file: string | undefined,
  readStdin: () => Promise<Uint8Array>,
  fallback: string | undefined,
  what: { readonly option: string; readonly variable: string },
): Promise<string> => {
  if (file === undefined) {
    if (fallback !== undefined && fallback !== '') return fallback;
    throw usageError(`A secret is needed and none was given.`, `${what.option} FILE (- for standard input), or set ${what.variable}`);
  }
  const bytes = file === '-' ? await readStdin() : await readGiven(file);
  const text = new TextDecoder().decode(bytes).replace(/\r?\n$/, '');
  if (text === '') throw usageError('The secret that was given is empty.', `${what.option} FILE`);
  return text;
};

/** A file that an argument names. Fails with exit 2. */
export const readGiven = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch {
    throw usageError(`The file ${file} cannot be read.`, `ls -l ${file}`);
  }
};

/** Writes a file that an argument names, for its owner alone. Fails with exit 2. */
export const writeGiven = async (file: string, text: string | Uint8Array, flag: 'w' | 'wx' = 'w'): Promise<void> => {
  try {
    await writeFile(file, text, { mode: 0o600, flag });
  } catch (error) {
    const why =
      errnoOf(error) === 'EEXIST' ? `There is already a file ${file}; it is not replaced.` : `The file ${file} cannot be written.`;
    throw usageError(why, `ls -ld ${dirname(file)}`);
  }
};

/** The same for a file that must be a new one. */
export const writeNew = (file: string, text: string | Uint8Array): Promise<void> => writeGiven(file, text, 'wx');
