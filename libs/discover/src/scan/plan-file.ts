import { link, rename, rm, stat } from 'node:fs/promises';
import { errnoOf, Fault } from '@pstream/kernel';

/** Gives a finished plan its name, unless there is a file of that name by now. */
export const givenName = async (from: string, to: string): Promise<void> => {
  try {
    await link(from, to);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw planExists(to);
    // File systems without hard links.
    if (await isThere(to)) throw planExists(to);
    return rename(from, to);
  }
  await rm(from);
};

/** There is a file of that name already. */
export const planExists = (file: string): Fault =>
  new Fault('scan.plan-exists', {
    retry: 'never',
    facts: { file },
    advice: 'A plan is never replaced: give another name, or move it away.',
  });

/** Errors of the plan itself; those of what is scanned never get here. */
export const planFault = (error: unknown, file: string): unknown => {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
  return new Fault(isFull ? 'storage.full' : 'plan.unwritable', {
    retry: 'never',
    facts: { file, reason: errno },
    advice: isFull
      ? 'Free space and run the same command again: it resumes where it stopped.'
      : 'Check the folder of the plan and its permissions.',
    cause: error,
  });
};

/** True if there is anything under a path. */
export const isThere = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
