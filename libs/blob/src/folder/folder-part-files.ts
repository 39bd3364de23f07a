import { join } from 'node:path';
import { sha256Hex } from '../digest.js';
import { extentsLost, fenced, padded, positionOf } from '../extents.js';
import type { PartLayout, StagedExtent } from '../part-store.js';
import type { Files, OpenFile } from './files.js';

/** What take-over and staging of one part share. */
export type FolderPartPlace = {
  readonly files: Files;
  readonly dir: string;
  readonly layout: PartLayout;
  readonly partId: string;
  readonly epoch: number;
};

/** The staging file of a part under an epoch. */
export const stagingFile = (partId: string, epoch: number): string => `.${partId}.e${padded(epoch)}.tmp`;

/** The staging files of a part, newest epoch first, and the copies that a take-over did not finish. */
export const stagingFiles = async ({
  files,
  dir,
  partId,
}: FolderPartPlace): Promise<{
  readonly epochs: readonly number[];
  readonly copies: readonly { readonly epoch: number; readonly name: string }[];
}> => {
  const epochs: number[] = [];
  const copies: { epoch: number; name: string }[] = [];
  for (const { name, kind } of (await files.list(dir)) ?? []) {
    if (kind !== 'file' || !name.startsWith(`.${partId}.e`)) continue;
    const match = /^e(\d{6})\.(tmp|copy)$/.exec(name.slice(partId.length + 2));
    if (match?.[2] === 'tmp') epochs.push(Number(match[1]));
    if (match?.[2] === 'copy') copies.push({ epoch: Number(match[1]), name });
  }
  return { epochs: epochs.toSorted((a, b) => b - a), copies };
};

/** True if an open file holds an extent, byte for byte. */
export const holds = async (file: OpenFile, layout: PartLayout, extent: StagedExtent): Promise<boolean> => {
  const bytes = await file.read(positionOf(layout, extent.index), extent.bytes);
  return bytes.length === extent.bytes && sha256Hex(bytes) === extent.sha256;
};

const firstLost = async (
  file: OpenFile,
  layout: PartLayout,
  keep: readonly StagedExtent[],
  signal: AbortSignal | undefined,
): Promise<number | undefined> => {
  for (const extent of keep) {
    signal?.throwIfAborted();
    if (!(await holds(file, layout, extent))) return extent.index;
  }
  return undefined;
};

/** Makes the epoch's own file with all of `keep` in it, verified, then removes the files of earlier epochs. The file gets its name only
 *  when it is complete, so a take-over that dies half-way leaves the earlier file to the next one. Fault 'part.extents-lost'. */
export const takeOver = async (
  place: FolderPartPlace,
  keep: readonly StagedExtent[],
  signal: AbortSignal | undefined,
): Promise<OpenFile> => {
  const { files, dir, partId, epoch } = place;
  const own = join(dir, stagingFile(partId, epoch));
  const { epochs } = await stagingFiles(place);
  if (epochs.some((other) => other > epoch)) throw fenced(epoch, 'a later epoch has staged');
  const file = keep.length === 0 ? await emptyFile(files, own, epochs.includes(epoch)) : await fileWith(place, own, epochs, keep, signal);
  try {
    await files.syncFolder(dir);
    await removeStaging(place, (other) => other < epoch);
  } catch (error) {
    await file.close();
    throw error;
  }
  return file;
};

const emptyFile = async (files: Files, path: string, there: boolean): Promise<OpenFile> => files.open(path, there ? 'update' : 'create');

const fileWith = async (
  place: FolderPartPlace,
  own: string,
  epochs: readonly number[],
  keep: readonly StagedExtent[],
  signal: AbortSignal | undefined,
): Promise<OpenFile> => {
  const { files, dir, layout, partId, epoch } = place;
  let lost = keep[0]?.index ?? 0;
  for (const from of epochs) {
    // A file is never shared between epochs: an earlier owner that is not dead may go on writing to its own.
    const copy = from === epoch ? undefined : `${own.slice(0, -'.tmp'.length)}.copy`;
    const path = copy ?? own;
    try {
      if (copy !== undefined) {
        await files.remove(copy);
        await files.copy(join(dir, stagingFile(partId, from)), copy);
      }
      const file = await files.open(path, 'update');
      try {
        const missing = await firstLost(file, layout, keep, signal);
        if (missing === undefined) {
          await file.sync();
          if (copy !== undefined) await files.rename(copy, own);
          return file;
        }
        lost = missing;
      } catch (error) {
        await file.close();
        throw error;
      }
      await file.close();
    } catch (error) {
      // A full disk must not stay full of a copy that nobody uses.
      if (copy !== undefined) await files.remove(copy).catch(() => undefined);
      throw error;
    }
    if (copy !== undefined) await files.remove(copy);
  }
  throw extentsLost(lost, keep.length);
};

/** Removes staging files and unfinished copies of some epochs. */
export const removeStaging = async (place: FolderPartPlace, which: (epoch: number) => boolean): Promise<void> => {
  const { epochs, copies } = await stagingFiles(place);
  const names = [
    ...epochs.filter(which).map((epoch) => stagingFile(place.partId, epoch)),
    ...copies.filter((c) => which(c.epoch)).map((c) => c.name),
  ];
  for (const name of names) await place.files.remove(join(place.dir, name));
  if (names.length > 0) await place.files.syncFolder(place.dir);
};
