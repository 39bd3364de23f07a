import type { PstFile } from '../reader/index.js';

/** What Microsoft 365's import of PSTs takes (Microsoft Learn, "Use network upload to import PST files", and Exchange Online's limits), and what is
 *  beyond it: `where` a folder or item as `pstList` names it, empty for the file. */
export type ImportProblem = {
  readonly code: 'file-too-large' | 'too-many-folders' | 'folder-too-deep' | 'folder-name-too-long' | 'item-too-large' | 'unreadable';
  readonly where: string;
  readonly found: number;
  readonly limit: number;
};

/** The verdict on a file. `bytes` is its size. At most 1,000 problems are listed, the rest counted. */
export type ImportCheck = {
  readonly bytes: number;
  readonly folders: number;
  readonly items: number;
  readonly problems: readonly ImportProblem[];
  readonly problemsDropped: number;
};

/** Limits in bytes, folders, levels and UTF-16 units. */
type ImportLimits = Readonly<Record<'fileBytes' | 'folders' | 'levels' | 'nameLength' | 'itemBytes', number>>;

/** Those of Microsoft 365. */
export const IMPORT_LIMITS: ImportLimits = {
  fileBytes: 20 * 1024 ** 3,
  folders: 300_000,
  levels: 300,
  nameLength: 255,
  itemBytes: 150 * 1024 ** 2,
};

const MOST_LISTED = 1000;

/** Compares a store with what the import takes, by its tables alone: no item is read. */
export const pstImportCheck = async (file: PstFile, signal?: AbortSignal, limits = IMPORT_LIMITS): Promise<ImportCheck> => {
  const problems: ImportProblem[] = [];
  let dropped = 0;
  const tell = (code: ImportProblem['code'], where: string, found: number, limit: number): void => {
    if (found <= limit) return;
    if (problems.length < MOST_LISTED) problems.push({ code, where, found, limit });
    else dropped++;
  };
  const bytes = file.ndb.size;
  tell('file-too-large', '', bytes, limits.fileBytes);
  let folders = 0;
  let items = 0;
  for await (const folder of file.folders()) {
    signal?.throwIfAborted();
    folders++;
    const path = folder.path.join('/');
    tell('folder-too-deep', path, folder.path.length, limits.levels);
    tell('folder-name-too-long', path, folder.name.length, limits.nameLength);
    for (const associated of [false, true])
      for await (const { nid, size } of file.items(folder, { associated })) {
        signal?.throwIfAborted();
        items++;
        tell('item-too-large', `${path}#0x${nid.toString(16)}`, size ?? 0, limits.itemBytes);
      }
  }
  tell('too-many-folders', '', folders, limits.folders);
  tell('unreadable', '', file.problems.length + file.problemsDropped, 0);
  return { bytes, folders, items, problems, problemsDropped: dropped };
};
