import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { errnoOf } from '@pstream/kernel';
import type { Form } from '../origin.js';

/** What a file was when it was looked at: size, time of the last write, which file it is, and for a store a digest of its header, which counts every
 *  write of Outlook even where the time stays. Numbers that may be large are text. */
export type Look = {
  readonly bytes: number;
  readonly modifiedAtNs: string;
  readonly inode: string;
  readonly header: string | null;
};

/** HEADER with its counters and references. [MS-PST] 2.2.2.6. */
const HEADER_BYTES = 564;

/** Looks at a file; the name of the system's error where that is not possible. */
export const lookAt = async (path: string, form: Form): Promise<Look | string> => {
  try {
    const { size, mtimeNs, dev, ino } = await stat(path, { bigint: true });
    const header = form === 'pst' || form === 'ost' ? await headerOf(path) : null;
    return { bytes: Number(size), modifiedAtNs: String(mtimeNs), inode: `${dev}:${ino}`, header };
  } catch (error) {
    return errnoOf(error) ?? 'unknown';
  }
};

/** What happened to a file between two looks, as the end of a sentence about it; undefined for nothing. `isSameRun`: a file system may give other
 *  numbers to the same files when it is mounted again. */
export const changeOf = (before: Look, now: Look | string, isSameRun: boolean): string | undefined => {
  if (typeof now === 'string') return now === 'ENOENT' ? 'was removed' : `became unreadable (${now})`;
  if (isSameRun && now.inode !== before.inode) return 'was replaced by another file';
  if (now.bytes !== before.bytes) return `${now.bytes > before.bytes ? 'grew' : 'shrank'} from ${before.bytes} to ${now.bytes} bytes`;
  if (now.modifiedAtNs !== before.modifiedAtNs || now.header !== before.header) return 'was written to';
  return undefined;
};

const headerOf = async (path: string): Promise<string> => {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
  } finally {
    await file.close();
  }
};
