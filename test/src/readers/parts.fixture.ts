import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { decodeExportStream } from '@pstream/fasttransfer';
import { HEADER_EXTENT_BYTES, PstWriter, type PartTarget } from '@pstream/pst/writer';
import type { MailboxSource, SimFolder } from '@pstream/tenant-sim';
import { describeItem, type Seen } from './seen.fixture.js';

/** A part on disk and what was put into it. */
export type MadePart = { readonly path: string; readonly bytes: number; readonly expected: Seen };

/** Writes a part's extents to one file, extent 0 last. */
const fileTarget = async (path: string): Promise<PartTarget & { close(): Promise<void> }> => {
  const file = await open(path, 'w');
  let end = HEADER_EXTENT_BYTES;
  return {
    async stage(index, bytes) {
      const at = index === 0 ? 0 : end;
      await file.write(bytes, 0, bytes.length, at);
      if (index > 0) end += bytes.length;
    },
    close: () => file.close(),
  };
};

const ITEMS_AT_A_TIME = 100;

/** Writes a mailbox of a tenant into parts of at most `limit` bytes, through the same decoding as an export takes. The first part
 *  has all folders, later ones those that lead to their items. */
export const makeParts = async (source: MailboxSource, directory: string, name: string, limit = Infinity): Promise<MadePart[]> => {
  const folders = new Map(
    source
      .folders()
      .filter((folder) => folder.searchOf === undefined && folder.recoverable !== true)
      .map((folder) => [folder.id, folder]),
  );
  const made: MadePart[] = [];
  let part = await begin(directory, name, 1);
  for (const folder of folders.values()) part.folder(folder, folders);
  for (const folder of folders.values()) {
    for (let from = 0; ; from += ITEMS_AT_A_TIME) {
      const listed = await source.items(folder, from, from + ITEMS_AT_A_TIME);
      for (const entry of listed) {
        const item = decodeExportStream(await source.stream(entry));
        if (part.writer.itemCount > 0 && part.writer.boundAfter(item) > limit) {
          made.push(await part.seal());
          part = await begin(directory, name, made.length + 1);
        }
        const path = part.folder(folder, folders);
        await part.writer.addItem(folder.id, item);
        part.expected.items.push(describeItem(path, item));
      }
      if (listed.length < ITEMS_AT_A_TIME) break;
    }
  }
  made.push(await part.seal());
  return made;
};

const begin = async (directory: string, name: string, ordinal: number) => {
  const path = join(directory, `${name}-${ordinal}.pst`);
  const target = await fileTarget(path);
  const recordKey = createHash('sha256').update(`${name} ${ordinal}`).digest().subarray(0, 16);
  const writer = PstWriter.create(target, {
    recordKey,
    displayName: name,
    createdAt: '2024-01-01T00:00:00Z',
    regionsPerExtent: 4,
    encoding: 'permute',
  });
  const expected: { folders: string[]; items: Seen['items'][number][] } = { folders: [], items: [] };
  const paths = new Map<string, string>();
  let hasWastebasket = false;
  return {
    writer,
    expected,
    /** Makes sure of a folder and those above it; returns its path. */
    folder(folder: SimFolder, all: ReadonlyMap<string, SimFolder>): string {
      const known = paths.get(folder.id);
      if (known !== undefined) return known;
      const above = folder.parentId === null ? undefined : all.get(folder.parentId);
      const folderPath = above === undefined ? folder.displayName : `${this.folder(above, all)}/${folder.displayName}`;
      writer.ensureFolder({
        key: folder.id,
        parent: above === undefined ? null : above.id,
        name: folder.displayName,
        ...(folder.type === null ? {} : { containerClass: folder.type }),
        ...(folder.wellKnownName === null ? {} : { wellKnownName: folder.wellKnownName }),
      });
      hasWastebasket ||= folder.wellKnownName === 'deleteditems' || folderPath.toLowerCase() === 'deleted items';
      paths.set(folder.id, folderPath);
      expected.folders.push(folderPath);
      return folderPath;
    },
    async seal(): Promise<MadePart> {
      // No store is without one. [MS-PST] 2.7.3.
      if (!hasWastebasket) expected.folders.push('Deleted Items');
      const { bytes } = await writer.seal();
      await target.close();
      return { path, bytes, expected };
    },
  };
};
