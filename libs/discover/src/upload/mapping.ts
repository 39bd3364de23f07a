import { rename, rm, writeFile } from 'node:fs/promises';
import { csvLine } from '@pstream/kernel';

/** A PST that was uploaded, for the import into Microsoft 365. */
export type Mapped = { readonly name: string; readonly owner: string; readonly archive: boolean };

const COLUMNS =
  'Workload,FilePath,Name,Mailbox,IsArchive,TargetRootFolder,ContentCodePage,SPFileContainer,SPManifestContainer,SPSiteUrl'.split(',');
/** Rows that Microsoft 365 takes in one mapping file. */
const MOST_ROWS = 500;
const OWNER_ONLY = 0o600;

/** Files that this module writes for one plan. They are made again by every run, so a larger number of an earlier one is removed. */
const fileName = (base: string, ordinal: number): string =>
  `${base}.mapping${ordinal === 1 ? '' : `.${String(ordinal).padStart(3, '0')}`}.csv`;

/** Collects rows and writes mapping files of at most 500 rows each; nothing is there before a file is whole. */
export const mappingFiles = (base: string): { add(row: Mapped): Promise<void>; finish(): Promise<readonly string[]> } => {
  let rows: Mapped[] = [];
  let writing = Promise.resolve();
  const files: string[] = [];
  const write = (): Promise<void> => {
    const [batch, file] = [rows, fileName(base, files.length + 1)];
    rows = [];
    files.push(file);
    writing = writing.then(async () => {
      const lines = batch.map(({ name, owner, archive }) => ['Exchange', '', name, owner, archive ? 'TRUE' : 'FALSE', '/', '', '', '', '']);
      await writeFile(`${file}.tmp`, [COLUMNS, ...lines].map(csvLine).join(''), { mode: OWNER_ONLY });
      await rename(`${file}.tmp`, file);
    });
    return writing;
  };
  return {
    add: async (row) => {
      rows.push(row);
      if (rows.length === MOST_ROWS) await write();
    },
    finish: async () => {
      if (rows.length > 0) await write();
      await writing;
      await rm(fileName(base, files.length + 1), { force: true });
      return files;
    },
  };
};
