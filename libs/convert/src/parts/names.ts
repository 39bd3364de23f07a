import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rm, stat, unlink } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { PartFile } from '../report.js';
import { keptDamaged } from '../resume/part-state.js';
import { giveName, outputExists } from './file-target.js';

/** The name of a part until it gets its own, and that of the state which its writer is resumed from. */
export const partialOf = (final: string): string => `${final}.partial`;
export const stateOf = (final: string): string => `${final}.state`;

/** Gives all parts their names, or none: those given are taken back where one is refused. A part that has its name already, from a run that was
 *  killed here, keeps it. Faults (never): 'convert.output-exists', 'convert.output-unwritable', 'convert.kept-damaged'. */
export const giveNames = async (parts: readonly PartFile[]): Promise<void> => {
  const named: string[] = [];
  try {
    for (const part of parts) {
      const partial = partialOf(part.file);
      if (existsSync(part.file)) {
        if (!(await isIt(part))) throw outputExists(part.file);
        continue;
      }
      if (!existsSync(partial)) throw keptDamaged(partial);
      await giveName(partial, part.file);
      named.push(part.file);
    }
  } catch (error) {
    // Only where the content has another name still.
    for (const final of named) if (existsSync(partialOf(final))) await unlink(final);
    throw error;
  }
};

/** Removes what is of no use once a part has its name. */
export const removeTraces = async (finals: readonly string[]): Promise<void> => {
  for (const final of finals) {
    await rm(stateOf(final), { force: true });
    await rm(partialOf(final), { force: true });
  }
};

/** Whether the file under a part's name is the part. */
const isIt = async ({ file, bytes, sha256 }: PartFile): Promise<boolean> => {
  const info = await stat(file);
  if (info.size !== bytes) return false;
  const partial = await stat(partialOf(file)).catch(() => undefined);
  if (partial !== undefined) return partial.ino === info.ino && partial.dev === info.dev;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex') === sha256;
};
