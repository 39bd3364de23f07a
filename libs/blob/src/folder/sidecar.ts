import { dirname, join } from 'node:path';
import type { FileInfo, Files } from './files.js';

/** Beside the parts, so that it is on the same file system and moves with them. */
export const SIDECAR_FOLDER = '.pstream';

/** What a folder cannot keep with a file: a published part's metadata, in `.pstream/<name>.json`. It counts only for the very file it
 *  was written for (size and time of change, which a careful copy or restore keeps; an inode is reused at once and counts for nothing):
 *  anything else under the name is foreign. */
type Sidecar = {
  readonly format: 1;
  readonly bytes: number;
  readonly modifiedNs: string;
  readonly metadata: Readonly<Record<string, string>>;
};

const pathOf = (dir: string, name: string): string => join(dir, SIDECAR_FOLDER, `${name}.json`);

/** Writes the metadata for a file that is about to be published, whole and synced; replaces what an earlier try has left. */
export const writeSidecar = async (
  files: Files,
  dir: string,
  name: string,
  info: FileInfo,
  metadata: Readonly<Record<string, string>>,
  unique: string,
): Promise<void> => {
  const path = pathOf(dir, name);
  if (await files.makeFolder(dirname(path))) await files.syncFolder(dir);
  const content: Sidecar = { format: 1, bytes: info.bytes, modifiedNs: info.modifiedNs, metadata };
  // Always the same name for the same part and epoch, so that a crashed try leaves nothing that the next one does not use.
  const temp = join(dirname(path), `${unique}.tmp`);
  await files.remove(temp);
  const file = await files.open(temp, 'create');
  try {
    await file.write(Buffer.from(`${JSON.stringify(content)}\n`), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(temp, path);
  await files.syncFolder(dirname(path));
};

/** Removes the metadata of a file that is not there any more. */
export const removeSidecar = (files: Files, dir: string, name: string): Promise<void> => files.remove(pathOf(dir, name));

/** The metadata of the published file, or {} where there is none for exactly this file. */
export const readSidecar = async (files: Files, dir: string, name: string, info: FileInfo): Promise<Readonly<Record<string, string>>> => {
  const path = pathOf(dir, name);
  if ((await files.stat(path))?.kind !== 'file') return {};
  const file = await files.open(path, 'read');
  let text: string;
  try {
    text = Buffer.from(await file.read(0, Math.min((await file.stat()).bytes, 64 * 1024))).toString('utf8');
  } finally {
    await file.close();
  }
  const sidecar = parse(text);
  return sidecar?.bytes === info.bytes && sidecar.modifiedNs === info.modifiedNs ? sidecar.metadata : {};
};

const parse = (text: string): Sidecar | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, bytes, modifiedNs, metadata } = value as Partial<Record<keyof Sidecar, unknown>>;
  if (format !== 1 || typeof bytes !== 'number' || typeof modifiedNs !== 'string') return undefined;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const texts = Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return { format, bytes, modifiedNs, metadata: Object.fromEntries(texts) };
};
