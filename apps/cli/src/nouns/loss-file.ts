import { existsSync } from 'node:fs';
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { giveName, journalOf, outputFault, type Loss } from '@pstream/convert';
import { csvLine, Fault } from '@pstream/kernel';

/** A CSV beside the PST with every loss. It has its name when `keep` resolves: to its path, or undefined where there was no loss and no file was made. */
export type LossFile = { add(loss: Loss): void; keep(): Promise<string | undefined>; discard(): Promise<void> };

const HEADER = csvLine(['Source', 'Folder', 'Item', 'Problem', 'Item in the PST']);
/** Characters gathered before they are written. */
const PIECE = 64 * 1024;
const OWNER_ONLY = 0o600;

/** Makes the file at the first loss; a conversion that is resumed reports all again. Fault 'convert.output-exists' (never) where there is another. */
export const lossFile = (output: string): LossFile => {
  const path = output.replace(/\.pst$/i, '.losses.csv');
  const partial = `${path}.partial`;
  const exists = (): Fault =>
    new Fault('convert.output-exists', {
      retry: 'never',
      facts: { output: path },
      advice: 'Remove it, or choose another name for the PST.',
    });
  // A run that was killed at its very end has made it.
  if (existsSync(path) && !existsSync(journalOf(output))) throw exists();
  let file: FileHandle | undefined;
  let text = '';
  let writing = Promise.resolve();
  const write = (): void => {
    const piece = text;
    text = '';
    writing = writing.then(async () => {
      try {
        if (file === undefined) {
          file = await open(partial, 'w', OWNER_ONLY);
          await file.writeFile(HEADER);
        }
        // All of it: a disk that is nearly full takes a part.
        await file.writeFile(piece);
      } catch (cause) {
        throw outputFault(path, cause);
      }
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
      if (file === undefined) return undefined;
      if (!existsSync(path)) await giveName(partial, path);
      else if (!(await readFile(path)).equals(await readFile(partial))) throw exists();
      await rm(partial, { force: true });
      return path;
    },
    discard: async () => {
      await writing.catch(() => undefined);
      await file?.close();
      if (file !== undefined) await rm(partial, { force: true });
    },
  };
};
