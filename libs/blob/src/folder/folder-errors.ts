import { errnoOf, Fault, fieldOf, isFault, type Facts, type Retry } from '@pstream/kernel';
import type { Noun } from '../noun.js';

type Verdict = { readonly code: (noun: Noun) => string; readonly retry: Retry; readonly advice: string };

const FULL: Verdict = {
  code: () => 'storage.full',
  retry: { afterMs: 30_000 },
  advice: 'Free space, or raise the quota, on the file system that holds the folder. Work goes on by itself.',
};
const FORBIDDEN: Verdict = {
  code: (noun) => `${noun}.forbidden`,
  retry: 'never',
  advice: 'Give the account that runs pstream the right to create, write, link and delete files in the folder, and mount it writable.',
};
const NO_LINKS: Verdict = {
  code: (noun) => `${noun}.forbidden`,
  retry: 'never',
  advice:
    'Choose a folder on a file system with hard links (ext4, xfs, btrfs, zfs, APFS, NTFS, NFS): finished files are published by a link.',
};
const TOO_LARGE: Verdict = {
  code: (noun) => `${noun}.forbidden`,
  retry: 'never',
  advice:
    'The file system or the process limit (ulimit -f) does not allow a file of this size: lower the part size or choose another folder.',
};
const NOT_A_FOLDER: Verdict = {
  code: (noun) => `${noun}.forbidden`,
  retry: 'never',
  advice: 'Something in the way is not a plain file or folder, such as a symbolic link: remove it or choose another folder.',
};
const GONE: Verdict = {
  code: (noun) => `${noun}.not-found`,
  retry: 'never',
  advice: 'The folder is not there: is the disk mounted? Verify the destination again to have it made.',
};
const BUSY: Verdict = {
  code: (noun) => `${noun}.unavailable`,
  retry: { afterMs: 1_000 },
  advice: 'The file system does not answer as it should; if this goes on, look at the disk and at the limit of open files.',
};

// Circumstances: ENOSPC and EDQUOT from write, fsync, link, mkdir alike; EPERM from link on FAT and some SMB mounts (Linux) and
// ENOTSUP (macOS); ELOOP from O_NOFOLLOW; ESTALE from NFS after a server restart; EIO from fsync means that the file is poisoned,
// which is why every caller drops the file and begins again instead of syncing twice.
const BY_ERRNO: Readonly<Record<string, Verdict>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: FORBIDDEN,
  ENOTSUP: NO_LINKS,
  EOPNOTSUPP: NO_LINKS,
  EXDEV: NO_LINKS,
  EMLINK: NO_LINKS,
  EFBIG: TOO_LARGE,
  ELOOP: NOT_A_FOLDER,
  ENOTDIR: NOT_A_FOLDER,
  EISDIR: NOT_A_FOLDER,
  EEXIST: NOT_A_FOLDER,
  ENAMETOOLONG: NOT_A_FOLDER,
  EINVAL: NOT_A_FOLDER,
  ENOENT: GONE,
};

/** Turns an error of node:fs into a Fault of the port; Faults and anything without an errno (aborts, Defects) pass unchanged.
 *  The path stays out of it: names of folders and parts may be names of people. */
export const folderFault = (error: unknown, noun: Noun, facts: Facts): unknown => {
  const errno = errnoOf(error);
  if (errno === undefined || isFault(error)) return error;
  const syscall = fieldOf(error, 'syscall') ?? '';
  const verdict = errno === 'EPERM' && syscall === 'link' ? NO_LINKS : (BY_ERRNO[errno] ?? BUSY);
  return new Fault(verdict.code(noun), { retry: verdict.retry, advice: verdict.advice, facts: { ...facts, errno, syscall } });
};

/** Runs work on files and tells its errors in the port's words. */
export const inWordsOf = async <T>(noun: Noun, facts: Facts, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw folderFault(error, noun, facts);
  }
};
