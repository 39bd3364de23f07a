import { existsSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Loss } from '@pstream/convert';
import { csvLine, Fault } from '@pstream/kernel';

/** A CSV beside the PST with every loss. `keep` gives its path, or undefined where there was none and no file was made. */
export type LossFile = { add(loss: Loss): void; keep(): Promise<string | undefined>; discard(): Promise<void> };

const HEADER = csvLine(['Source', 'Folder', 'Item', 'Problem', 'Item in the PST']);
/** Characters gathered before they are written. */
const PIECE = 64 * 1024;
const OWNER_ONLY = 0o600;

/** Makes the file at the first loss. Fault 'convert.output-exists' (never) where it is there already. */
export const lossFile = async (output: string): Promise<LossFile> => {
  const path = output.replace(/\.pst$/i, '.losses.csv');
  if (existsSync(path))
    throw new Fault('convert.output-exists', {
      retry: 'never',
      facts: { output: path },
      advice: 'Remove it, or choose another name for the PST.',
    });
  let file: FileHandle | undefined;
  let text = '';
  let writing = Promise.resolve();
  const write = (): void => {
    const piece = text;
    text = '';
    writing = writing.then(async () => {
      if (file === undefined) {
        file = await open(path, 'wx', OWNER_ONLY);
        await file.write(HEADER);
      }
      await file.write(piece);
    });
    // Waited for, and told, at the end.
    writing.catch(() => undefined);
  };
  return {
    add: ({ source, folder, where, code, isWhole }) => {
      text += csvLine([source, folder.join('/'), where, code, isWhole ? 'no' : 'yes']);
      if (text.length > PIECE) write();
    },
    keep: async () => {
      if (text !== '') write();
      await writing;
      await file?.close();
      return file === undefined ? undefined : path;
    },
    discard: async () => {
      await writing.catch(() => undefined);
      await file?.close();
      if (file !== undefined) await rm(path, { force: true });
    },
  };
};
