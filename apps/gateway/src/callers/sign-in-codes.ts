import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { accessHash, CODE_LIFE_MS, CodeFile, CODES_FOLDER, newAccessSecret } from '@pstream/contracts';
import { errnoOf, type Clock, type Random } from '@pstream/kernel';
import { readPrivateFile, writePrivateFile } from './private-file.js';

/** A code that has just been made. */
export type NewCode = { readonly code: string; readonly expiresAt: string };

/** Whom a code signs in, and in which role; with neither an agent nor a token, whoever runs the installation. */
export type CodeFor = Pick<CodeFile, 'agentId' | 'tokenId' | 'role'>;

type CodePorts = { readonly clock: Clock; readonly random: Random };

/** Makes a one-time code and keeps its hash in a file. It lets in whom `CodeFor` says.
 *  Fault 'tokens.unwritable' (retry). */
export const createSignInCode = async (
  dir: string,
  { clock, random }: CodePorts,
  { agentId, tokenId, role, lifeMs = CODE_LIFE_MS }: CodeFor & { readonly lifeMs?: number } = {},
): Promise<NewCode> => {
  const now = clock.now();
  await forget(dir, ({ expiresAt }) => expiresAt <= now);
  const { value: code, sha256 } = newAccessSecret('code', random);
  const expiresAt = new Date(Date.parse(now) + lifeMs).toISOString();
  const file: CodeFile = {
    version: 1,
    expiresAt,
    ...(agentId === undefined ? {} : { agentId }),
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(role === undefined ? {} : { role }),
  };
  await writePrivateFile(join(dir, CODES_FOLDER), `${sha256}.json`, `${JSON.stringify(file)}\n`);
  return { code, expiresAt };
};

/** Uses a code up, and returns whom it signs in; undefined if it has been used, has expired or never was one. Whoever takes its file away has
 *  used it, so that two requests at once do not both get in. */
export const redeemSignInCode = async (dir: string, code: string, clock: Clock): Promise<CodeFor | undefined> => {
  const folder = join(dir, CODES_FOLDER);
  const name = `${accessHash(code)}.json`;
  const file = await readPrivateFile(folder, name, (text) => CodeFile.parse(JSON.parse(text)));
  if (file === undefined || !(await take(join(folder, name)))) return undefined;
  return file.expiresAt > clock.now() ? file : undefined;
};

/** False if somebody else was first. */
const take = async (path: string): Promise<boolean> => {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
};

/** From now on no code that was made for this agent works. */
export const forgetCodesOf = (dir: string, agentId: string): Promise<void> => forget(dir, (code) => code.agentId === agentId);

const forget = async (dir: string, isOver: (code: CodeFile) => boolean): Promise<void> => {
  const folder = join(dir, CODES_FOLDER);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = await readPrivateFile(folder, name, (text) => CodeFile.safeParse(JSON.parse(text)).data).catch(() => undefined);
    if (file !== undefined && isOver(file)) await take(join(folder, name));
  }
};
