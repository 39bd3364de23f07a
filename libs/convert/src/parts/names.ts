import { createHash } from 'node:crypto';
import { createReadStream, existsSync, realpathSync } from 'node:fs';
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PartFile } from '../report.js';
import { journalOf } from '../resume/journal.js';
import { lockOf } from '../resume/lock.js';
import { keptDamaged } from '../resume/part-state.js';
import { giveName, outputExists } from './file-target.js';

/** The name of a part until it gets its own, and that of the state which its writer is resumed from. */
export const partialOf = (final: string): string => `${final}.partial`;
export const stateOf = (final: string): string => `${final}.state`;

/** Nobody makes more. */
const MOST_PARTS = 1000;

/** What a conversion leaves beside the names that it is asked for: contents and states of its parts, the journal and the lock. */
export class Traces {
  readonly #folder: string;
  /** By their names in the folder. */
  readonly #parts = new Set<string>();
  readonly #others: ReadonlySet<string>;

  constructor(nameOf: (ordinal: number) => string) {
    const first = nameOf(1);
    this.#folder = realFolder(first);
    this.#others = new Set([journalOf(first), lockOf(first)].map((path) => basename(path)));
    for (let ordinal = 1; ordinal <= MOST_PARTS; ordinal++) for (const trace of tracesOf(nameOf(ordinal))) this.#parts.add(basename(trace));
  }

  has(path: string): boolean {
    const name = basename(path);
    return (this.#parts.has(name) || this.#others.has(name)) && realFolder(path) === this.#folder;
  }

  /** Contents and states of parts that are there. */
  async ofParts(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => this.#parts.has(name)).map((name) => join(this.#folder, name));
  }
}

const tracesOf = (final: string): readonly string[] => [stateOf(final), partialOf(final)];

/** The folder that a path is in, links resolved where it is there. */
const realFolder = (path: string): string => {
  try {
    return realpathSync(dirname(path));
  } catch {
    return resolve(dirname(path));
  }
};

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
  for (const trace of finals.flatMap(tracesOf)) await rm(trace, { force: true });
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
