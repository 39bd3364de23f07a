import { open, stat, type FileHandle } from 'node:fs/promises';
import { errnoOf, isFault } from '@pstream/kernel';
import { fileSource, HEAD_BYTES, openPst, storeHead, type StoreHead } from '@pstream/pst/reader';
import { evidenceOf, type Evidence } from '../owner/evidence.js';
import type { Holder } from './locks.js';
import { readAt, sampleId } from './samples.js';

/** What a file is. `other` is no store; `changing` was written to while it was read. Times in ISO 8601, sizes in bytes. */
export type Examined =
  | { readonly is: 'other' }
  | { readonly is: 'unreadable'; readonly reason: string }
  | { readonly is: 'locked'; readonly holder: string | undefined }
  | { readonly is: 'changing' }
  | Store;

/** A file that is a store, or should be one by its name. `head` is missing where the first bytes are those of no store. */
export type Store = {
  readonly is: 'store';
  readonly head: StoreHead | undefined;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly uid: number;
  /** The same for every name of one file. */
  readonly inode: string;
  readonly id: string;
  readonly problems: readonly string[];
  /** What it holds could not be read at all. */
  readonly isUnreadable: boolean;
  readonly inside: Evidence | undefined;
};

/** Names of stores, also of copies that somebody renamed: `mail.pst.bak`, `mail.pst~`. */
const STORE_NAME = /\.(?:pst|ost|nst)(?:[.~_ (-]|$)/i;
/** Errors of a file that another program keeps to itself; EBUSY is a sharing violation of Windows. */
const LOCKED = new Set(['EBUSY', 'EAGAIN', 'ETXTBSY']);
/** Reading a few items here and there: small windows, and few of them. */
const WINDOW_BYTES = 16 * 1024;
const CACHE_BYTES = 4 * 1024 * 1024;

export type ExamineOptions = {
  readonly deep: boolean;
  readonly holder: Holder;
  readonly signal: AbortSignal | undefined;
};

/** Looks at a file. By its name alone it is only left out; what it is, its content says. `deep` opens every file, and reads what stores hold. */
export const examine = async (path: string, { deep, holder, signal }: ExamineOptions): Promise<Examined> => {
  const isNamed = STORE_NAME.test(path);
  if (!deep && !isNamed) return { is: 'other' };
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    return cannotRead(error);
  }
  try {
    const info = await file.stat({ bigint: true });
    const head = new Uint8Array(HEAD_BYTES);
    const found = storeHead(head.subarray(0, await readAt(file, head, 0)));
    if (found === undefined && !isNamed) return { is: 'other' };
    const by = await holder(info.dev, info.ino);
    if (by !== undefined) return { is: 'locked', holder: by };
    const bytes = Number(info.size);
    const problems: string[] = [];
    const sound = found !== undefined && 'kind' in found ? found : undefined;
    if (found === undefined) problems.push(bytes === 0 ? 'file.empty' : 'pst.not-a-pst');
    else if ('damaged' in found) problems.push(found.damaged);
    else if (found.bytes > bytes) problems.push('pst.truncated');
    if (sound?.closed === false) problems.push('pst.not-closed');
    const inside = deep && sound !== undefined ? await lookInside(path, problems, signal) : undefined;
    const id = await sampleId(file, bytes);
    const after = await stat(path, { bigint: true });
    if (after.size !== info.size || after.mtimeNs !== info.mtimeNs || after.ino !== info.ino) return { is: 'changing' };
    return {
      is: 'store',
      head: sound,
      bytes,
      modifiedAt: new Date(Number(info.mtimeMs)).toISOString(),
      uid: Number(info.uid),
      inode: `${info.dev}:${info.ino}`,
      id,
      problems,
      isUnreadable: deep && inside === undefined,
      inside,
    };
  } catch (error) {
    if (isFault(error) && error.code === 'pst.file-shrank') return { is: 'changing' };
    if (errnoOf(error) === undefined && !(isFault(error) && error.code === 'pst.file-unreadable')) throw error;
    return cannotRead(error);
  } finally {
    await file.close();
  }
};

const cannotRead = (error: unknown): Examined => {
  const reason = errnoOf(error) ?? (isFault(error) ? String(error.facts['reason']) : 'unknown');
  return LOCKED.has(reason) ? { is: 'locked', holder: undefined } : { is: 'unreadable', reason };
};

/** What the store holds, as far as it can be read; what cannot is named by its codes. */
const lookInside = async (path: string, problems: string[], signal: AbortSignal | undefined): Promise<Evidence | undefined> => {
  const source = await fileSource(path);
  try {
    const file = await openPst(source, {
      mode: 'lenient',
      windowBytes: WINDOW_BYTES,
      cacheBytes: CACHE_BYTES,
      ...(signal === undefined ? {} : { signal }),
    });
    const inside = await evidenceOf(file, signal);
    const counts = new Map<string, number>();
    for (const { code } of file.problems) counts.set(code, (counts.get(code) ?? 0) + 1);
    if (file.problemsDropped > 0) counts.set('others', file.problemsDropped);
    // Outlook leaves room at the end of a file; only what is cut off is a problem, and that is listed already.
    counts.delete('pst.file-size-mismatch');
    problems.push(...[...counts].map(([code, count]) => (count === 1 ? code : `${code} ×${count}`)));
    return inside;
  } catch (error) {
    if (!isFault(error) || !error.code.startsWith('pst.') || error.code.startsWith('pst.file-')) throw error;
    problems.push(error.code);
    return undefined;
  } finally {
    await source.close();
  }
};
