import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import { errnoOf, Fault } from '@pstream/kernel';
import type { FolderEntry } from '../origin.js';
import type { Loss, PartFile, SourceReport } from '../report.js';
import type { Look } from '../sources/look.js';
import { AppendedFile } from './appended-file.js';
import { keptDamaged } from './part-state.js';

/** What was asked for. A run resumes only one that was asked for the same. */
export type Request = {
  readonly sources: readonly string[];
  readonly only: readonly string[] | null;
  readonly keepApart: boolean;
  readonly recover: boolean;
  readonly maxBytes: number;
  readonly displayName: string;
};

/** How far a run has come in a source that it has not finished: entries taken, and the sums when it began. */
export type Current = {
  readonly path: string;
  readonly look: Look;
  readonly entries: number;
  readonly foundBefore: number;
  readonly writtenBefore: number;
};

/** What became of a source, and what it was when it was begun; null for one of which nothing was read. */
export type Finished = { readonly report: SourceReport; readonly look: Look | null };

/** What was added since the checkpoint before, and where the run stands. `state` are the bytes of the part's state file that count. */
export type Checkpoint = {
  readonly is: 'checkpoint';
  readonly finished: readonly Finished[];
  readonly current: Current | null;
  readonly problems: readonly string[];
  readonly folders: readonly FolderEntry[];
  readonly losses: readonly Loss[];
  readonly found: number;
  readonly written: number;
  readonly lossy: number;
  readonly part: { readonly ordinal: number; readonly state: number } | null;
};

type Line =
  | { readonly is: 'begin'; readonly format: number; readonly request: Request }
  | Checkpoint
  | { readonly is: 'sealed'; readonly part: PartFile; readonly isLast: boolean };

/** What a journal says of the run that wrote it, all its checkpoints together. `bytes` of it are whole lines. */
export type Kept = {
  readonly request: Request;
  readonly finished: readonly Finished[];
  readonly current: Current | null;
  readonly problems: readonly string[];
  readonly folders: readonly FolderEntry[];
  readonly found: number;
  readonly written: number;
  readonly lossy: number;
  readonly part: { readonly ordinal: number; readonly state: number } | null;
  readonly sealed: readonly PartFile[];
  /** All items are in sealed parts; only names may be missing. */
  readonly isComplete: boolean;
  readonly bytes: number;
};

const FORMAT = 2;
const CRC_DIGITS = 8;

/** The path of the journal that belongs to an output. */
export const journalOf = (output: string): string => `${output}.resume`;

/** How far a run has come, one line for each checkpoint and each part that has been read back: CRC-32 in hex, a space, JSON. Lines are added, never
 *  changed. */
export class Journal extends AppendedFile {
  readonly #request: Request;

  constructor(path: string, request: Request, bytes: number) {
    super(path, bytes);
    this.#request = request;
  }

  /** Whether there is something to resume from. */
  get isBegun(): boolean {
    return this.bytes > 0;
  }

  /** Adds a line and waits until the disk has it. Fault 'convert.output-unwritable' (never). */
  async add(line: Exclude<Line, { is: 'begin' }>): Promise<void> {
    const begin = this.isBegun ? '' : lineOf({ is: 'begin', format: FORMAT, request: this.#request });
    await this.append(Buffer.from(begin + lineOf(line)));
  }
}

/** What the journal at a path says; undefined where there is none, or one without a checkpoint. `onLoss` hears every loss in it, `onRequest` before that
 *  what was asked for, so that it can refuse. Fault 'convert.kept-damaged' (never). */
export const readJournal = async (
  path: string,
  onRequest: (request: Request) => void,
  onLoss: (loss: Loss) => void,
): Promise<Kept | undefined> => {
  const size = await sizeOf(path);
  if (size === undefined) return undefined;
  const stream = createReadStream(path);
  try {
    let kept: Kept | undefined;
    let bytes = 0;
    let torn = false;
    for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
      // Only the last line may be torn.
      if (torn) throw keptDamaged(path);
      const end = bytes + Buffer.byteLength(text) + 1;
      const line = end > size ? undefined : parsed(text);
      if (line === undefined) {
        if (bytes === 0 && !isOurs(text)) throw keptDamaged(path);
        torn = true;
        continue;
      }
      bytes = end;
      if (line.is === 'begin') {
        if (line.format !== FORMAT) throw keptDamaged(path);
        onRequest(line.request);
        kept = begun(line.request, bytes);
      } else if (kept === undefined) throw keptDamaged(path);
      else kept = added(kept, line, bytes, onLoss);
    }
    return kept === undefined || (kept.part === null && kept.finished.length === 0 && kept.current === null) ? undefined : kept;
  } catch (error) {
    if (errnoOf(error) !== undefined) throw keptDamaged(path, error);
    throw error;
  } finally {
    stream.destroy();
  }
};

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw keptDamaged(path, error);
  }
};

const begun = (request: Request, bytes: number): Kept => ({
  request,
  finished: [],
  current: null,
  problems: [],
  folders: [],
  found: 0,
  written: 0,
  lossy: 0,
  part: null,
  sealed: [],
  isComplete: false,
  bytes,
});

const added = (kept: Kept, line: Exclude<Line, { is: 'begin' }>, bytes: number, onLoss: (loss: Loss) => void): Kept => {
  if (line.is === 'sealed') return { ...kept, sealed: [...kept.sealed, line.part], part: null, isComplete: line.isLast, bytes };
  for (const loss of line.losses) onLoss(loss);
  const { current, found, written, lossy, part } = line;
  const isSame = current !== null && current.path === kept.current?.path && line.finished.length === 0;
  // The lists are this function's own: they grow in place, since a journal may have many lines.
  const [finished, folders] = [kept.finished as Finished[], kept.folders as FolderEntry[]];
  for (const each of line.finished) finished.push(each);
  for (const folder of line.folders) folders.push(folder);
  const problems = isSame ? [...kept.problems, ...line.problems] : line.problems;
  return { ...kept, finished, folders, problems, current, found, written, lossy, part, bytes };
};

const BEGIN = '{"is":"begin"';

/** Whether a first line may be the torn one of a run that was killed at its first checkpoint, and not somebody's file. */
const isOurs = (text: string): boolean =>
  /^[0-9a-f]*$/.test(text.slice(0, CRC_DIGITS)) && ` ${BEGIN}`.startsWith(text.slice(CRC_DIGITS, CRC_DIGITS + 1 + BEGIN.length));

const lineOf = (line: Line): string => {
  const json = JSON.stringify(line, function (this: Record<string, unknown>, key, value: unknown) {
    // By the holder: a Buffer has turned itself into a list of numbers in `value`.
    const raw = this[key];
    return isBytes(raw) ? { base64: Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('base64') } : value;
  });
  return `${crc32(json).toString(16).padStart(CRC_DIGITS, '0')} ${json}\n`;
};

const isBytes = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value);

const parsed = (text: string): Line | undefined => {
  const json = text.slice(CRC_DIGITS + 1);
  if (text.slice(0, CRC_DIGITS) !== crc32(json).toString(16).padStart(CRC_DIGITS, '0')) return undefined;
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string'
      ? Uint8Array.from(Buffer.from(value.base64, 'base64'))
      : value,
  ) as Line;
};

/** A Fault where a run was asked for something else than the one that is kept. */
export const otherRun = (output: string, kept: Request, wanted: Request): Fault | undefined => {
  const differs = (Object.keys(wanted) as (keyof Request)[]).filter((key) => JSON.stringify(kept[key]) !== JSON.stringify(wanted[key]));
  if (differs.length === 0) return undefined;
  return new Fault('convert.other-run', {
    retry: 'never',
    facts: { output, differs },
    advice: 'Run the command as it was then to resume, or add --restart to begin again without what is kept.',
  });
};
