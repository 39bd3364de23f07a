import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { PartStaging, PartStore, StagedExtent } from '@pstream/blob';
import { errnoOf, Fault, freeNow, isFault } from '@pstream/kernel';
import type { Holder } from '../scan/locks.js';
import { readAt, sampleId } from '../scan/samples.js';
import type { Journal } from './journal.js';
import type { Pace } from './pace.js';

/** 8 MiB extents, all alike: 50,000 of them, which a blob may have, are 390 GiB. */
export const EXTENT_BYTES = 8 * 1024 * 1024;
export const UPLOAD_LAYOUT = { headerBytes: EXTENT_BYTES, extentBytes: EXTENT_BYTES } as const;
const MOST_BYTES = 50_000 * EXTENT_BYTES;

/** What sending files shares. `limited` bounds the extents that are in memory at once. */
export type SendPorts = {
  readonly store: PartStore;
  readonly journal: Journal;
  readonly holder: Holder;
  readonly pace: Pace;
  readonly limited: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
};

/** What a file is called at its destination, and by which id it is known as ours. */
export type Part = { readonly partId: string; readonly name: string };

/** What was sent. `isNew` is false where it was there already; `id` is what a scan would write. */
export type Sent = { readonly bytes: number; readonly sha256: string; readonly isNew: boolean; readonly id: string };

/** A file at a moment. */
type Look = { readonly bytes: number; readonly modifiedNs: string; readonly inode: string };

const lookAt = (info: { readonly size: bigint; readonly mtimeNs: bigint; readonly dev: bigint; readonly ino: bigint }): Look => ({
  bytes: Number(info.size),
  modifiedNs: String(info.mtimeNs),
  inode: `${info.dev}:${info.ino}`,
});
const same = (a: Look, b: Look): boolean => a.bytes === b.bytes && a.modifiedNs === b.modifiedNs && a.inode === b.inode;

const fileFault = (code: string, advice: string, facts: Fault['facts'] = {}, cause?: unknown): Fault =>
  new Fault(code, { retry: 'never', advice, facts, cause });

/** Errors of the file that is read, by the errno. */
export const unreadable = (error: unknown): unknown => {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  if (errno === 'ENOENT') return fileFault('file.not-found', 'The file is not there any more.', {}, error);
  if (['EBUSY', 'EAGAIN', 'ETXTBSY'].includes(errno)) return fileFault('file.locked', 'Close the program that has it open.', {}, error);
  return fileFault('file.unreadable', 'Check the permissions of the file and the disk.', { reason: errno }, error);
};

/** True for a file that is in use, and may be free later. */
export const isInUse = (error: unknown): boolean => isFault(error) && (error.code === 'file.locked' || error.code === 'file.changing');

/** Uploads one file under a name: extents that a run before this one has staged are not sent again, nothing is visible before all of it is there, and the
 *  file must be the same before and after. Faults (never) of the file: 'file.not-found', 'file.unreadable', 'file.locked', 'file.changing', 'file.empty',
 *  'file.too-large', 'file.changed-since-upload'; others are those of the store. */
export const sendFile = async (path: string, part: Part, ports: SendPorts): Promise<Sent> => {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(error);
  });
  try {
    const info = await file.stat({ bigint: true });
    const before = lookAt(info);
    if (before.bytes === 0) throw fileFault('file.empty', 'There is nothing in it: set its row to skip.');
    if (before.bytes > MOST_BYTES)
      throw fileFault('file.too-large', 'Make smaller files with `pstream pst split`.', { limitBytes: MOST_BYTES });
    const by = await ports.holder(info.dev, info.ino);
    if (by !== undefined) throw fileFault('file.locked', `Close the program that has it open: ${by}.`);
    const id = await sampleId(file, before.bytes).catch((error: unknown) => {
      throw unreadable(error);
    });
    const there = await ports.store.head(part.name, ports.signal);
    if (there !== undefined) {
      const sha256 = there.metadata['fileSha256'];
      if (there.metadata['part'] === part.partId) return { ...(await compared(file, before, sha256, part.partId, ports)), id };
      // The same file, uploaded from another computer or path.
      const isSame = sha256 !== undefined && there.bytes === before.bytes && (await digestOf(file, ports.signal)) === sha256;
      if (!isSame) throw foreign(part.name);
      return { bytes: before.bytes, sha256, isNew: false, id };
    }
    const sha256 = await sendWhole(file, path, before, part, ports);
    await ports.journal.finished(part.partId, { bytes: before.bytes, modifiedNs: before.modifiedNs, sha256 });
    return { bytes: before.bytes, sha256, isNew: true, id };
  } finally {
    await file.close();
  }
};

/** Somebody else's file has the name. */
export const foreign = (name: string): Fault =>
  fileFault('part.foreign-blob', 'Another file has this name at the destination, and stays. Give the row another name.', { name });

/** A file of this name that we put there: it must be what lies here. */
const compared = async (
  file: FileHandle,
  now: Look,
  sha256: string | undefined,
  partId: string,
  ports: SendPorts,
): Promise<Omit<Sent, 'id'>> => {
  const done = ports.journal.done(partId);
  const isKnown = done?.sha256 === sha256 && done?.bytes === now.bytes && done.modifiedNs === now.modifiedNs;
  const own = isKnown ? sha256 : await digestOf(file, ports.signal);
  if (own !== sha256 || own === undefined)
    throw fileFault(
      'file.changed-since-upload',
      'The file was uploaded under this name and has changed since. Give the row another name to upload it as it is now; what is there stays.',
    );
  if (!isKnown) await ports.journal.finished(partId, { bytes: now.bytes, modifiedNs: now.modifiedNs, sha256: own });
  return { bytes: now.bytes, sha256: own, isNew: false };
};

const digestOf = async (file: FileHandle, signal: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  const piece = new Uint8Array(1024 * 1024);
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const read = await readAt(file, piece, at).catch((error: unknown) => {
      throw unreadable(error);
    });
    if (read === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, read));
    at += read;
  }
};

/** The epoch of all uploads: there is one owner, this machine, and extents are named by their content. */
const EPOCH = 1;

/** Takes the part with what the journal says is staged; where that is gone, without. */
const taken = async (part: Part, { store, journal, signal }: SendPorts): Promise<Taken> => {
  const keep = journal.staged(part.partId);
  try {
    return { staging: await store.take(part, EPOCH, keep, signal), keep };
  } catch (error) {
    if (!isFault(error) || error.code !== 'part.extents-lost') throw error;
    return { staging: await store.take(part, EPOCH, [], signal), keep: [] };
  }
};
type Taken = { readonly staging: PartStaging; readonly keep: readonly StagedExtent[] };

const sendWhole = async (file: FileHandle, path: string, before: Look, part: Part, ports: SendPorts): Promise<string> => {
  const { staging, keep } = await taken(part, ports);
  try {
    const { extents, sha256 } = await sendExtents(file, before.bytes, part.partId, { staging, keep }, ports);
    const after = await stat(path, { bigint: true }).then(lookAt, (error: unknown) => {
      throw unreadable(error);
    });
    if (!same(before, after)) throw changing();
    const list = createHash('sha256')
      .update(extents.map(({ id }) => id).join('\n'))
      .digest('hex');
    await staging.commit(extents, list, ports.signal, sha256);
    // It is there: a run that is stopped now still counts it.
    const there = await ports.store.head(part.name);
    if (there?.bytes !== before.bytes || there.metadata['fileSha256'] !== sha256)
      throw new Fault('destination.differs', {
        retry: 'never',
        facts: { bytes: before.bytes, found: there?.bytes ?? 0 },
        advice: 'What the destination has is not what was sent. Look at who else writes there, and run the same command again.',
      });
    return sha256;
  } catch (error) {
    // Nothing of a file that is gone stays behind; of others, staged extents do, for the next run.
    if (isFault(error) && error.code === 'file.not-found') await staging.abandon(ports.signal).catch(() => undefined);
    throw error;
  } finally {
    await staging.release().catch(() => undefined);
  }
};

/** Reads the file in order, for its hash, and sends a few extents at a time. */
const sendExtents = async (
  file: FileHandle,
  bytes: number,
  partId: string,
  { staging, keep }: Taken,
  { journal, limited, onBytes, pace, signal }: SendPorts,
): Promise<{ readonly extents: readonly StagedExtent[]; readonly sha256: string }> => {
  const known = new Map(keep.map((extent) => [extent.index, extent]));
  const whole = createHash('sha256');
  const failed = new AbortController();
  const until = AbortSignal.any([signal, failed.signal]);
  const sending: Promise<StagedExtent>[] = [];
  const send = async (index: number, isRead: () => void): Promise<StagedExtent> => {
    until.throwIfAborted();
    const at = index * EXTENT_BYTES;
    const piece = new Uint8Array(Math.min(EXTENT_BYTES, bytes - at));
    const read = await readAt(file, piece, at).catch((error: unknown) => {
      throw unreadable(error);
    });
    if (read !== piece.length) throw changing();
    whole.update(piece);
    const staged = known.get(index);
    const isStaged = staged?.bytes === piece.length && staged.sha256 === createHash('sha256').update(piece).digest('hex');
    isRead();
    if (!isStaged) await pace(piece.length, until);
    const extent = isStaged ? staged : await staging.stage(index, piece, until);
    if (!isStaged) await journal.extent(partId, extent);
    onBytes(piece.length);
    freeNow(piece);
    return extent;
  };
  try {
    for (let index = 0; index * EXTENT_BYTES < bytes; index++) {
      const read = Promise.withResolvers<void>();
      const sent = limited(() => send(index, read.resolve), until);
      sending.push(sent);
      // One that fails ends the others: nothing more is read.
      sent.catch((error: unknown) => failed.abort(error));
      await Promise.race([read.promise, sent]);
    }
    return { extents: await Promise.all(sending), sha256: whole.digest('hex') };
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(sending);
    throw error;
  }
};

const changing = (): Fault =>
  fileFault('file.changing', 'It was written to while it was read. Close the program that has it open, and run the same command again.');
