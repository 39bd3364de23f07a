import { existsSync } from 'node:fs';
import { isFault } from '@pstream/kernel';
import type { ItemReceipt } from '@pstream/pst/writer';
import type { Entry, Form, ItemEntry } from './origin.js';
import { outputExists, PartSeries, type PartFile, type SeriesOptions } from './parts/part-series.js';
import { openOrigin } from './sources/open.js';
import { walk, type Found } from './sources/walk.js';

/** What to convert, and how. `only`: this folder and what is below it, names compared without case. `keepApart`: what each source holds goes
 *  below a folder named after it, instead of folders of one name becoming one. `recover`: of a damaged store also what its own indexes do not
 *  lead to any more, which takes reading all of it first. */
export type ConvertOptions = Omit<SeriesOptions, 'signal' | 'maxBytes'> & {
  readonly sources: readonly string[];
  readonly maxBytes?: number;
  readonly only?: readonly string[];
  readonly keepApart?: boolean;
  readonly recover?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly found: number; readonly source: string }) => void;
  readonly onLoss?: (loss: Loss) => void;
};

/** Something that is not in the PST as the source had it: of an item (`where` it is in the source), or of a source as a whole. `isWhole`: the item
 *  itself is not there. `code` says what, with places, never content. */
export type Loss = {
  readonly source: string;
  readonly folder: readonly string[];
  readonly where: string;
  readonly code: string;
  readonly isWhole: boolean;
};

/** What became of a source: `found` = `written` + `failed`; `skipped` says why a file was passed over, `problem` why nothing of it could be read. */
export type SourceReport = {
  readonly path: string;
  readonly form: Form | undefined;
  readonly found: number;
  readonly written: number;
  readonly failed: number;
  readonly skipped?: string;
  readonly problem?: string;
};

/** The whole: `found` = `written` + `failed`, and as many items are in `parts` as were written. `lossy` are items in the PST that lack something. */
export type ConvertReport = {
  readonly parts: readonly PartFile[];
  readonly sources: readonly SourceReport[];
  readonly found: number;
  readonly written: number;
  readonly failed: number;
  readonly lossy: number;
  readonly unreadable: number;
  readonly losses: Readonly<Record<string, number>>;
};

/** Reasons for which a property is left out that are no loss: what belongs to the store the item was in. */
const BY_DESIGN = new Set(['provider', 'computed', 'server']);
/** A part of this size opens well in every Outlook; Microsoft's own limit is 50 GB. */
const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;

/** Makes one PST, or several where one would pass `maxBytes`, of stores and messages of many forms. One bad item or file never stops the others;
 *  nothing of the output is there before all of it has been read back. Throws the Faults of `walk`, 'convert.output-exists',
 *  'convert.output-unwritable', 'convert.part-unsound' (all never), and the reason of `signal`. */
export const convert = async (options: ConvertOptions): Promise<ConvertReport> => {
  const first = options.nameOf(1);
  if (existsSync(first)) throw outputExists(first);
  const series = new PartSeries({ maxBytes: DEFAULT_MAX_BYTES, ...options, signal: options.signal });
  try {
    return await new Conversion(options, series).run();
  } catch (error) {
    await series.discard();
    throw error;
  }
};

class Conversion {
  readonly #options: ConvertOptions;
  readonly #series: PartSeries;
  readonly #reports: SourceReport[] = [];
  readonly #losses: Record<string, number> = {};
  #found = 0;
  #written = 0;
  #lossy = 0;

  constructor(options: ConvertOptions, series: PartSeries) {
    this.#options = options;
    this.#series = series;
  }

  async run(): Promise<ConvertReport> {
    for await (const found of walk(this.#options.sources, this.#options.recover === true)) {
      this.#options.signal?.throwIfAborted();
      this.#reports.push('form' in found ? await this.#take(found) : this.#leave(found));
    }
    const parts = await this.#series.finish();
    return {
      parts,
      sources: this.#reports,
      found: this.#found,
      written: this.#written,
      failed: this.#found - this.#written,
      lossy: this.#lossy,
      unreadable: this.#reports.filter(({ problem }) => problem !== undefined).length,
      losses: this.#losses,
    };
  }

  /** A file that is not converted: passed over, or, where nobody can tell what is in it, lost. */
  #leave(found: Exclude<Found, { form: Form }>): SourceReport {
    const report = { ...NOTHING, path: found.path, form: undefined };
    if ('skipped' in found) return { ...report, skipped: found.skipped };
    const problem = `source.unreadable ${found.unreadable}`;
    this.#lose({ source: found.path, folder: [], where: '', code: problem, isWhole: false });
    return { ...report, problem };
  }

  /** One file. What its reader cannot open or go on with ends this file only. */
  async #take(file: Extract<Found, { form: Form }>): Promise<SourceReport> {
    const [foundBefore, writtenBefore] = [this.#found, this.#written];
    let problem: string | undefined;
    try {
      const origin = await openOrigin(file, this.#options.recover === true);
      try {
        for await (const entry of origin.entries(this.#options.signal)) await this.#add(file.path, entry);
        for (const code of origin.problems()) this.#lose({ source: file.path, folder: [], where: '', code, isWhole: false });
      } finally {
        await origin.close();
      }
    } catch (error) {
      if (!isFault(error) || this.#options.signal?.aborted === true || isOfOutput(error.code)) throw error;
      problem = error.code;
      this.#lose({ source: file.path, folder: [], where: '', code: error.code, isWhole: false });
    }
    const [found, written] = [this.#found - foundBefore, this.#written - writtenBefore];
    return { path: file.path, form: file.form, found, written, failed: found - written, ...(problem === undefined ? {} : { problem }) };
  }

  async #add(source: string, entry: Entry): Promise<void> {
    if (!isBelow(entry.path, this.#options.only)) return;
    const path = this.#options.keepApart === true ? [nameOf(source), ...entry.path] : entry.path;
    if (entry.kind === 'folder') return this.#series.addFolder({ ...entry, path });
    this.#found++;
    this.#options.onProgress?.({ found: this.#found, source });
    const at = { source, folder: entry.path, where: entry.where };
    const codes = await this.#copy(entry, path).catch((error: unknown) => {
      if (!isFault(error) || isOfOutput(error.code)) throw error;
      this.#lose({ ...at, code: error.code, isWhole: true });
    });
    if (codes === undefined) return;
    this.#written++;
    if (codes.length > 0) this.#lossy++;
    for (const code of codes) this.#lose({ ...at, code, isWhole: false });
  }

  /** Reads an item and writes it; what of it is not in the PST. Faults where it cannot be read, and where no PST can hold it. */
  async #copy(entry: ItemEntry, path: readonly string[]): Promise<readonly string[]> {
    const { item, notes } = await entry.load();
    return [...notes, ...lossesOf(await this.#series.addItem(path, item))];
  }

  #lose(loss: Loss): void {
    const [code = loss.code] = loss.code.split(' ', 1);
    this.#losses[code] = (this.#losses[code] ?? 0) + 1;
    this.#options.onLoss?.(loss);
  }
}

const NOTHING = { found: 0, written: 0, failed: 0 };

const isOfOutput = (code: string): boolean => /^convert\.(?:output-|part-)/.test(code);

const nameOf = (source: string): string =>
  source
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.[^.]{1,5}$/, '') ?? source;

const isBelow = (path: readonly string[], only: readonly string[] | undefined): boolean =>
  only === undefined || only.every((name, at) => path[at]?.toLowerCase() === name.toLowerCase());

const lossesOf = ({ dropped, oversize }: ItemReceipt): string[] => [
  ...Object.entries(dropped)
    .filter(([reason]) => !BY_DESIGN.has(reason) && !(reason === 'oversize' && oversize !== undefined))
    .map(([reason, times]) => `property.${reason} ×${times}`),
  ...(oversize ?? []).map(({ id, bytes }) => `property.oversize 0x${id.toString(16)}, ${bytes} bytes`),
];
