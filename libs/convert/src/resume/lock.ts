import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';
import { outputFault } from '../parts/file-target.js';

/** Outputs that this process is making. */
const held = new Set<string>();
const OWNER_ONLY = 0o600;

/** The path of the lock that belongs to an output. */
export const lockOf = (output: string): string => `${output}.lock`;

/** `release` gives it back, once. `wasLeft`: a process that is dead now had it. */
export type Lock = { readonly wasLeft: boolean; release(): Promise<void> };

/** Keeps other runs away from an output: a file beside it with the id of the process. One that a dead process left is taken over.
 *  Faults (never): 'convert.running', 'convert.output-unwritable'. */
export const takeLock = async (output: string): Promise<Lock> => {
  const path = lockOf(output);
  for (let tries = 0; ; tries++) {
    const file = await open(path, 'wx', OWNER_ONLY).catch((cause: unknown) => {
      if (errnoOf(cause) !== 'EEXIST') throw outputFault(output, cause);
    });
    if (file !== undefined) {
      held.add(path);
      const release = async (): Promise<void> => {
        if (held.delete(path)) await rm(path, { force: true });
      };
      try {
        await file.writeFile(`${process.pid}\n`);
      } catch (cause) {
        await release();
        throw outputFault(output, cause);
      } finally {
        await file.close();
      }
      return { wasLeft: tries > 0, release };
    }
    const owner = await ownerIn(path);
    if (held.has(path) || tries > 0 || (owner !== process.pid && isAlive(owner))) throw running(output, path, owner);
    const other = await takeAway(path, owner);
    if (other !== undefined) throw running(output, path, other);
  }
};

/** Removes the lock of a dead process, unless another one has done so meanwhile and put its own there: that one stays, and its owner is returned. */
const takeAway = async (path: string, dead: number): Promise<number | undefined> => {
  // Only one of several gets the file that it has read.
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return undefined;
    throw outputFault(path, cause);
  }
  const owner = await ownerIn(aside);
  const isOther = !Object.is(owner, dead);
  if (isOther) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return isOther ? owner : undefined;
};

/** NaN where nobody has written a number yet. */
const ownerIn = async (path: string): Promise<number> => Number.parseInt(await readFile(path, 'latin1').catch(() => ''), 10);

const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
};

const running = (output: string, lock: string, owner: number): Fault =>
  new Fault('convert.running', {
    retry: 'never',
    facts: { output, lock, process: owner },
    advice: `Wait until it has ended, or choose another name. If no such process converts, delete ${lock}.`,
  });
