import { errnoOf, Fault, isFault, type Facts } from '@pstream/kernel';

/** Runs work on files and puts its errors into the words of SecretStore; ENOSPC and EDQUOT come from write, fsync and rename alike. */
export const fileFaults = async <T>(facts: Facts, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    const errno = errnoOf(error);
    if (isFault(error) || errno === undefined) throw error;
    const told = { ...facts, errno };
    if (errno === 'ENOSPC' || errno === 'EDQUOT') {
      throw new Fault('storage.full', {
        retry: { afterMs: 30_000 },
        facts: told,
        advice: 'Free space on the file system of the data folder.',
      });
    }
    if (['EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENOTDIR', 'EISDIR'].includes(errno)) {
      throw new Fault('secret.forbidden', {
        retry: 'never',
        facts: told,
        advice: 'Give the account that runs pstream, and nobody else, the data folder.',
      });
    }
    throw new Fault('secret.unavailable', { retry: { afterMs: 1_000 }, facts: told });
  }
};
