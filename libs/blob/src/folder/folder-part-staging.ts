import { errnoOf, semaphore } from '@pstream/kernel';
import { join } from 'node:path';
import {
  assertExtent,
  assertWholePart,
  describeExtent,
  extentsLost,
  fenced,
  foreignBlob,
  padded,
  partMetadata,
  samePart,
  positionOf,
} from '../extents.js';
import type { CommittedPart, PartStaging, PartStore, StagedExtent } from '../part-store.js';
import type { OpenFile } from './files.js';
import { etagOf } from './folder-blob-store.js';
import { inWordsOf } from './folder-errors.js';
import { holds, removeStaging, stagingFile, stagingFiles, type FolderPartPlace } from './folder-part-files.js';
import { writeSidecar } from './sidecar.js';

/** One part in a folder under one epoch. */
export type FolderPart = FolderPartPlace & {
  readonly name: string;
  /** The name without its folder: `dir` is that folder. */
  readonly file: string;
  readonly inFlight: number;
  readonly head: () => ReturnType<PartStore['head']>;
};

/** Stages into an open file; without one the part has been published and `commit` only compares. */
export const folderPartStaging = (part: FolderPart, opened: OpenFile | undefined, keep: readonly StagedExtent[] = []): PartStaging => {
  const { files, dir, layout, partId, name, file: fileName, epoch, head } = part;
  const limited = semaphore(part.inFlight);
  const own = join(dir, stagingFile(partId, epoch));
  // What is known to lie in the file, by index: verified at take-over or written here.
  const held = new Map(keep.map((extent) => [extent.index, extent.sha256]));
  let file = opened;

  const close = async (): Promise<void> => {
    const closing = file;
    file = undefined;
    await closing?.close();
  };
  const compare = async (metadata: Readonly<Record<string, string>>): Promise<CommittedPart | undefined> => {
    const there = await head();
    if (there === undefined) return undefined;
    if (!samePart(there.metadata, metadata)) throw foreignBlob(name, there.etag);
    // Whoever linked it may have died before its name was safe.
    await files.syncFolder(dir);
    await removeStaging(part, () => true);
    return { name, etag: there.etag, bytes: there.bytes };
  };

  const publish = async (
    extents: readonly StagedExtent[],
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<CommittedPart> => {
    const bytes = assertWholePart(layout, extents);
    const done = await compare(metadata);
    if (done !== undefined) {
      await close();
      return done;
    }
    const from = file;
    if (from === undefined || (await from.stat()).links === 0) throw fenced(epoch, 'the staging file is gone');
    for (const extent of extents) {
      signal?.throwIfAborted();
      if (held.get(extent.index) !== extent.sha256 && !(await holds(from, layout, extent))) throw extentsLost(extent.index, 1);
    }
    await from.truncate(bytes);
    await from.sync();
    const info = await from.stat();
    if (info.bytes !== bytes) throw extentsLost(extents.length - 1, 1);
    if ((await stagingFiles(part)).epochs.some((other) => other > epoch)) throw fenced(epoch, 'a later epoch has staged');
    const unique = `${partId}.e${padded(epoch)}`;
    await writeSidecar(files, dir, fileName, info, metadata, unique);
    try {
      await files.link(own, join(dir, fileName));
    } catch (error) {
      const lost = errnoOf(error);
      if (lost === 'ENOENT') throw fenced(epoch, 'the staging file is gone');
      const published = lost === undefined ? undefined : await compare(metadata);
      if (published === undefined) throw error;
      await close();
      return published;
    }
    await files.syncFolder(dir);
    const committed = await head();
    // Somebody else tried the same name meanwhile and put his sidecar in our place; the file is ours, so ours is the one that counts.
    if (committed?.metadata['part'] !== partId) await writeSidecar(files, dir, fileName, info, metadata, unique);
    await removeStaging(part, () => true);
    await close();
    return { name, etag: etagOf(info), bytes };
  };

  return {
    epoch,
    stage: (index, bytes, signal) =>
      inWordsOf('destination', { epoch, index }, async () => {
        assertExtent(layout, index, bytes.length);
        const to = file;
        if (to === undefined) throw fenced(epoch, 'published or given up');
        const extent = await describeExtent(epoch, index, bytes);
        return limited(async () => {
          held.delete(index);
          await to.write(bytes, positionOf(layout, index));
          // Acknowledged means that a checkpoint may rely on it after a power cut.
          await to.sync();
          if ((await to.stat()).links === 0) throw fenced(epoch, 'the staging file is gone');
          held.set(index, extent.sha256);
          return extent;
        }, signal);
      }),
    commit: (extents, listSha256, signal, fileSha256) =>
      inWordsOf('destination', { epoch }, () => publish(extents, partMetadata(partId, listSha256, fileSha256), signal)),
    abandon: (signal) =>
      inWordsOf('destination', { epoch }, async () => {
        signal?.throwIfAborted();
        await close();
        // Only ours and older: a later owner's file is none of our business.
        await removeStaging(part, (other) => other <= epoch);
      }),
    release: () => inWordsOf('destination', { epoch }, close),
  };
};
