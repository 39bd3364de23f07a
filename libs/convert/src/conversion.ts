import { assert, Fault, isFault } from '@pstream/kernel';
import type { ItemReceipt } from '@pstream/pst/writer';
import type { ConvertOptions } from './options.js';
import type { Entry, ItemEntry, Origin } from './origin.js';
import type { Traces } from './parts/names.js';
import type { PartSeries } from './parts/part-series.js';
import type { ConvertReport, KeptSums, Loss, SourceReport } from './report.js';
import type { Current, Finished, Journal, Kept } from './resume/journal.js';
import { changeOf, lookAt, type Look } from './sources/look.js';
import { openOrigin } from './sources/open.js';
import { walk, type Found, type Readable } from './sources/walk.js';

/** Reasons for which a property is left out that are no loss: what belongs to the store the item was in. */
const BY_DESIGN = new Set(['provider', 'computed', 'server']);
/** A checkpoint writes some hundred KiB and waits for the disk. By time, so that a slow machine loses no more than a fast one. */
const CHECKPOINT_AT = { bytes: 64 * 1024 * 1024, items: 5000, ms: 10_000 };

type Options = ConvertOptions & { readonly traces: Traces; readonly onLoss: (loss: Loss) => void };

/** One run: takes the entries of all sources in order into a series of parts, and knows where it is, so that another can resume it. */
export class Conversion {
  readonly #options: Options;
  readonly #journal: Journal;
  readonly #kept: Kept | undefined;
  readonly #reports: SourceReport[] = [];
  #series: PartSeries | undefined;
  #found: number;
  #written: number;
  #lossy: number;
  /** Since the last checkpoint. */
  #finished: Finished[] = [];
  #losses: Loss[] = [];
  #current: { readonly origin: Origin; readonly at: Current; entries: number; problems: number } | undefined;
  #cannotSave = false;
  #savedAtMs: number;

  constructor(options: Options, journal: Journal, kept: Kept | undefined) {
    this.#options = options;
    this.#journal = journal;
    this.#kept = kept;
    this.#found = kept?.found ?? 0;
    this.#written = kept?.written ?? 0;
    this.#lossy = kept?.lossy ?? 0;
    this.#savedAtMs = this.#nowMs;
  }

  /** The parts that it writes; set once, before it runs. */
  get series(): PartSeries {
    assert(this.#series !== undefined, 'the series is set');
    return this.#series;
  }

  set series(series: PartSeries) {
    this.#series = series;
  }

  get sums(): KeptSums {
    return { items: this.#written, parts: this.series.sealedCount };
  }

  /** Writes and seals all parts. */
  async run(): Promise<Omit<ConvertReport, 'parts' | 'oversize' | 'losses'>> {
    if (this.#kept?.isComplete === true) for (const finished of this.#kept.finished) await this.#again(finished);
    else {
      await this.#takeAll();
      await this.series.finish();
    }
    // All is saved.
    this.#cannotSave = true;
    return {
      sources: this.#reports,
      found: this.#found,
      written: this.#written,
      failed: this.#found - this.#written,
      lossy: this.#lossy,
      unreadable: this.#reports.filter(({ problem }) => problem !== undefined).length,
    };
  }

  /** Takes a checkpoint. */
  async save(): Promise<void> {
    assert(!this.#cannotSave, 'save: a checkpoint has failed');
    // Until this one is on the disk: one after it would lack what this one has.
    this.#cannotSave = true;
    const current = this.#current;
    const problems = current?.origin.met() ?? [];
    const { folders, part } = await this.series.save();
    await this.#journal.add({
      is: 'checkpoint',
      finished: this.#finished,
      current: current === undefined ? null : { ...current.at, entries: current.entries },
      problems: problems.slice(current?.problems ?? 0),
      folders,
      losses: this.#losses,
      found: this.#found,
      written: this.#written,
      lossy: this.#lossy,
      part,
    });
    if (current !== undefined) current.problems = problems.length;
    this.#finished = [];
    this.#losses = [];
    this.#cannotSave = false;
    this.#savedAtMs = this.#nowMs;
  }

  /** Takes a last checkpoint where that is possible; whether there is anything to resume. */
  async keep(): Promise<boolean> {
    if (!this.#cannotSave && this.series.canBeSaved && this.#written > 0)
      await this.save().catch((error: unknown) => {
        if (!isFault(error)) throw error;
      });
    return this.#journal.isBegun;
  }

  async #takeAll(): Promise<void> {
    const { sources, recover, keepApart, signal, traces } = this.#options;
    const [done, skipped] = [new Array<Finished>(), new Set<string>()];
    for (const finished of this.#kept?.finished ?? []) {
      if (finished.report.skipped === undefined) done.push(finished);
      else skipped.add(finished.report.path);
    }
    let current = this.#kept?.current ?? null;
    let at = 0;
    const isOwn = (path: string): boolean => traces.has(path);
    for await (const found of walk(sources, { recover: recover === true, keepApart: keepApart === true, isOwn })) {
      signal?.throwIfAborted();
      if ('skipped' in found) {
        const report = { ...NOTHING, path: found.path, form: undefined, skipped: found.skipped };
        if (skipped.has(found.path)) this.#reports.push(report);
        else this.#report(report, null);
        continue;
      }
      const before = done[at++];
      const path = before?.report.path ?? current?.path ?? found.path;
      if (path !== found.path || (before === undefined && current !== null && !('form' in found)))
        throw changedSource(path, 'is not there, or others are before it');
      if (before !== undefined) await this.#again(before);
      else {
        if ('form' in found) await this.#take(found, current);
        else this.#leave(found);
        current = null;
      }
    }
    const missing = done[at]?.report.path ?? current?.path;
    if (missing !== undefined) throw changedSource(missing, 'is not there');
  }

  #report(report: SourceReport, look: Look | null): void {
    this.#reports.push(report);
    this.#finished.push({ report, look });
  }

  /** A source that a run before this one has finished. What was written to it since is not in the PSTs; each run says so for itself. */
  async #again({ report, look }: Finished): Promise<void> {
    const { path, form } = report;
    const change = look === null || form === undefined ? undefined : changeOf(look, await lookAt(path, form), false);
    if (change === undefined || report.changed !== undefined) return void this.#reports.push(report);
    const changed = `${change} after it was read`;
    this.#options.onLoss(changeLoss(path, changed));
    this.#reports.push({ ...report, changed });
  }

  /** A file where nobody can tell what is in it: lost. */
  #leave(found: Extract<Found, { unreadable: string }>): void {
    const problem = `source.unreadable ${found.unreadable}`;
    this.#lose({ source: found.path, folder: [], where: '', code: problem, isWhole: false });
    this.#report({ ...NOTHING, path: found.path, form: undefined, problem }, null);
  }

  /** One file. What its reader cannot open or go on with ends this file only. */
  async #take(file: Readable, kept: Current | null): Promise<void> {
    const { path, form } = file;
    const look = await lookAt(path, form);
    const since = kept === null ? undefined : changeOf(kept.look, look, false);
    if (since !== undefined) throw changedSource(path, since);
    if (typeof look === 'string') return this.#leave({ path, unreadable: look });
    const at = kept ?? { path, look, entries: 0, foundBefore: this.#found, writtenBefore: this.#written };
    const lose = (code: string): void => this.#lose({ source: path, folder: [], where: '', code, isWhole: false });
    let problem: string | undefined;
    try {
      const origin = await openOrigin(file, this.#options.recover === true);
      this.#current = { origin, at, entries: at.entries, problems: 0 };
      try {
        await this.#takeEntries(file, origin, at.entries);
        const problems = new Set([...(kept === null ? [] : (this.#kept?.problems ?? [])), ...origin.met()]);
        for (const code of [...problems, ...origin.problems()]) lose(code);
      } finally {
        await origin.close();
      }
    } catch (error) {
      // Where the run ends, the last checkpoint says how far it came in this file.
      if (!isFault(error) || this.#options.signal?.aborted === true || isOfRun(error.code)) throw error;
      problem = error.code;
      lose(error.code);
    }
    this.#current = undefined;
    const change = changeOf(look, await lookAt(path, form), true);
    const changed = change === undefined ? undefined : `${change} while it was read`;
    if (changed !== undefined) this.#lose(changeLoss(path, changed));
    const [found, written] = [this.#found - at.foundBefore, this.#written - at.writtenBefore];
    const told = { ...(problem === undefined ? {} : { problem }), ...(changed === undefined ? {} : { changed }) };
    this.#report({ path, form, found, written, failed: found - written, ...told }, look);
  }

  async #takeEntries(file: Readable, origin: Origin, done: number): Promise<void> {
    let entries = 0;
    for await (const entry of origin.entries(this.#options.signal)) {
      if (entries++ < done) continue;
      await this.#add(file, entry);
      if (this.#current !== undefined) this.#current.entries = entries;
      if (this.#isTime) await this.save();
    }
  }

  get #isTime(): boolean {
    const at = this.#options.checkpointAt ?? CHECKPOINT_AT;
    const { bytes, items } = this.series.unsaved;
    return bytes >= at.bytes || items >= at.items || (items > 0 && this.#nowMs - this.#savedAtMs >= (at.ms ?? CHECKPOINT_AT.ms));
  }

  get #nowMs(): number {
    return this.#options.clock?.monotonicMs() ?? 0;
  }

  async #add(file: Readable, entry: Entry): Promise<void> {
    if (!isBelow(entry.path, this.#options.only)) return;
    const path = file.apart === undefined ? entry.path : [file.apart, ...entry.path];
    if (entry.kind === 'folder') return this.series.addFolder({ ...entry, path });
    const at = { source: file.path, folder: entry.path, where: entry.where };
    this.#options.onProgress?.({ found: this.#found + 1, source: file.path });
    const codes = await this.#copy(entry, path).catch((error: unknown) => {
      if (!isFault(error) || isOfRun(error.code)) throw error;
      this.#lose({ ...at, code: error.code, isWhole: true });
    });
    this.#found++;
    if (codes === undefined) return;
    this.#written++;
    if (codes.length > 0) this.#lossy++;
    for (const code of codes) this.#lose({ ...at, code, isWhole: false });
  }

  /** Reads an item and writes it; what of it is not in the PST. Faults where it cannot be read, and where no PST can hold it. */
  async #copy(entry: ItemEntry, path: readonly string[]): Promise<readonly string[]> {
    const { item, notes } = await entry.load();
    return [...notes, ...lossesOf(await this.series.addItem(path, item))];
  }

  #lose(loss: Loss): void {
    this.#losses.push(loss);
    this.#options.onLoss(loss);
  }
}

const NOTHING = { found: 0, written: 0, failed: 0 };

/** Faults that are not about a source. */
const isOfRun = (code: string): boolean => /^convert\.(?:output-|part-|kept-|source-changed)|^checkpoint\./.test(code);

const changeLoss = (source: string, change: string): Loss => ({
  source,
  folder: [],
  where: '',
  code: `source.changed ${change}`,
  isWhole: false,
});

const changedSource = (source: string, change: string): Fault =>
  new Fault('convert.source-changed', {
    retry: 'never',
    facts: { source, change },
    advice: 'The run that was stopped can only be resumed with the sources as they were. Add --restart to begin again.',
  });

const isBelow = (path: readonly string[], only: readonly string[] | undefined): boolean =>
  only === undefined || only.every((name, at) => path[at]?.toLowerCase() === name.toLowerCase());

const lossesOf = ({ dropped, oversize }: ItemReceipt): string[] => [
  ...Object.entries(dropped)
    .filter(([reason]) => !BY_DESIGN.has(reason) && !(reason === 'oversize' && oversize !== undefined))
    .map(([reason, times]) => `property.${reason} ×${times}`),
  ...(oversize ?? []).map(({ id, bytes }) => `property.oversize 0x${id.toString(16)}, ${bytes} bytes`),
];
