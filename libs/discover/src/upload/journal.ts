import { open, truncate, type FileHandle } from 'node:fs/promises';
import type { StagedExtent } from '@pstream/blob';
import { Fault } from '@pstream/kernel';
import { z } from 'zod';
import { readLines } from './read-lines.js';

const Extent = z.object({ id: z.string(), index: z.number().int().nonnegative(), bytes: z.number().int().positive(), sha256: z.string() });

const Line = z.union([
  z.object({ is: z.literal('begin'), format: z.literal(1), where: z.string() }),
  z.object({ is: z.literal('extent'), part: z.string(), extent: Extent }),
  z.object({ is: z.literal('done'), part: z.string(), bytes: z.number(), modifiedNs: z.string(), sha256: z.string() }),
]);
type Line = z.infer<typeof Line>;

/** A file that has been uploaded, and what it was then. */
export type Done = { readonly bytes: number; readonly modifiedNs: string; readonly sha256: string };

/** What has been uploaded to one destination by one plan. Lines are added, never changed; a last line that is not whole is dropped. */
export type Journal = {
  /** Extents of a file that is not finished, by index. */
  staged(part: string): readonly StagedExtent[];
  done(part: string): Done | undefined;
  extent(part: string, extent: StagedExtent): Promise<void>;
  finished(part: string, done: Done): Promise<void>;
  close(): Promise<void>;
};

const OWNER_ONLY = 0o600;
const ADVICE = 'Move the journal away: files that are there already are then recognised by their content.';

/** Opens the journal of a destination, or begins it. Without `write`, for a dry run, only reads. Faults (never): 'journal.unreadable',
 *  'journal.other-destination'; facts file. */
export const openJournal = async (path: string, where: string, write: boolean): Promise<Journal> => {
  const staged = new Map<string, Map<number, StagedExtent>>();
  const finished = new Map<string, Done>();
  const note = (line: Line): void => {
    if (line.is === 'extent') {
      const known = staged.get(line.part) ?? new Map<number, StagedExtent>();
      staged.set(line.part, known.set(line.extent.index, line.extent));
    } else if (line.is === 'done') {
      staged.delete(line.part);
      finished.set(line.part, { bytes: line.bytes, modifiedNs: line.modifiedNs, sha256: line.sha256 });
    } else if (line.where !== where)
      throw new Fault('journal.other-destination', {
        retry: 'never',
        facts: { file: path },
        advice: 'The journal is that of another destination. Move it away.',
      });
  };
  const kept = await readLines(path, Line, ADVICE, note);
  let file: FileHandle | undefined;
  let writing = Promise.resolve();
  if (write) {
    if (kept !== undefined) await truncate(path, kept);
    file = await open(path, 'a', OWNER_ONLY);
  }
  const add = (line: Line, sync: boolean): Promise<void> => {
    note(line);
    writing = writing.then(async () => {
      await file?.appendFile(`${JSON.stringify(line)}\n`);
      if (sync) await file?.sync();
    });
    return writing;
  };
  if (write && (kept === undefined || kept === 0)) await add({ is: 'begin', format: 1, where }, true);
  return {
    staged: (part) => [...(staged.get(part)?.values() ?? [])].toSorted((a, b) => a.index - b.index),
    done: (part) => finished.get(part),
    extent: (part, extent) => add({ is: 'extent', part, extent }, false),
    finished: (part, done) => add({ is: 'done', part, ...done }, true),
    close: async () => {
      await writing.catch(() => undefined);
      await file?.close();
    },
  };
};
