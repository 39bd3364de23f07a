import { existsSync, lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isFault } from '@pstream/kernel';
import { Conversion } from './conversion.js';
import type { ConvertOptions } from './options.js';
import { outputExists } from './parts/file-target.js';
import { Traces } from './parts/names.js';
import { PartSeries, type SeriesOptions } from './parts/part-series.js';
import type { ConvertReport, Loss } from './report.js';
import { Journal, journalOf, otherRun, readJournal, type Request } from './resume/journal.js';
import { takeLock, type Lock } from './resume/lock.js';
import { refuseSources } from './sources/refuse.js';

/** A part of this size opens well in every Outlook; Microsoft's own limit is 50 GB. */
const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;

/** Makes one PST, or several where one would pass `maxBytes`, of stores and messages of many forms. One bad item or file never stops the others;
 *  nothing of the output has its name before all of it has been read back. A run that is stopped is resumed by the next call with the same options,
 *  and the output is the same. Throws the Faults of `walk`, 'convert.output-exists', 'convert.output-unwritable', 'convert.part-unsound', 'convert.running',
 *  'convert.other-run', 'convert.source-changed', 'convert.kept-damaged', 'convert.same-source', 'convert.output-is-source' (all never), and the reason of `signal`. */
export const convert = async (options: ConvertOptions): Promise<ConvertReport> => {
  const output = options.nameOf(1);
  const traces = new Traces(options.nameOf);
  await refuseSources(options.sources, output, (path) => traces.has(path));
  if (isThere(output) && !existsSync(journalOf(output))) throw outputExists(output);
  const lock = await takeLock(output);
  try {
    return await locked(options, output, traces, lock);
  } finally {
    await lock.release();
  }
};

const locked = async (options: ConvertOptions, output: string, traces: Traces, lock: Lock): Promise<ConvertReport> => {
  const request = requestOf(options);
  if (options.restart === true && isThere(output)) throw outputExists(output);
  if (options.restart === true || !existsSync(journalOf(output))) await forget(output, traces, options.restart === true || lock.wasLeft);
  const losses: Record<string, number> = {};
  const onLoss = (loss: Loss): void => {
    const [code = loss.code] = loss.code.split(' ', 1);
    losses[code] = (losses[code] ?? 0) + 1;
    options.onLoss?.(loss);
  };
  const refuse = (kept: Request): void => {
    const fault = otherRun(output, kept, request);
    if (fault !== undefined) throw fault;
  };
  const kept = await readJournal(journalOf(output), refuse, onLoss);
  if (isThere(output) && kept?.isComplete !== true) throw outputExists(output);
  const journal = new Journal(journalOf(output), request, kept?.bytes ?? 0);
  const conversion = new Conversion({ ...options, traces, onLoss }, journal, kept);
  const series: SeriesOptions = {
    ...options,
    maxBytes: request.maxBytes,
    signal: options.signal,
    beforeSeal: () => conversion.save(),
    sealed: (part, isLast) => journal.add({ is: 'sealed', part, isLast }),
  };
  if (kept !== undefined) {
    conversion.series = await PartSeries.resume(series, kept);
    options.onResume?.(conversion.sums);
  } else conversion.series = new PartSeries(series);
  try {
    const report = await conversion.run();
    const parts = await conversion.series.name();
    await options.whenNamed?.();
    await conversion.series.discard();
    // Last, so that a run that is killed before this is resumed and ends as it should.
    await lock.release();
    await journal.remove();
    const oversize = parts.filter(({ bytes }) => bytes > request.maxBytes).length;
    return { ...report, parts, oversize, losses };
  } catch (error) {
    if (await isKept(conversion, journal, error)) options.onKept?.(conversion.sums);
    throw error;
  }
};

/** Keeps what has been done for the next run, unless that is nothing, or cannot be trusted. */
const isKept = async (conversion: Conversion, journal: Journal, error: unknown): Promise<boolean> => {
  const isWorth = await conversion.keep();
  await conversion.series.close();
  await journal.close();
  if (isWorth && !(isFault(error) && error.code === 'convert.part-unsound')) return true;
  await journal.remove();
  await conversion.series.discard();
  return false;
};

const requestOf = ({ sources, only, keepApart, recover, maxBytes, displayName }: ConvertOptions): Request => ({
  sources: sources.map((source) => resolve(source)),
  only: only ?? null,
  keepApart: keepApart === true,
  recover: recover === true,
  maxBytes: maxBytes ?? DEFAULT_MAX_BYTES,
  displayName,
});

/** Removes what a run has left that cannot be resumed. Where nobody says that it is ours, a file in the way is refused. */
const forget = async (output: string, traces: Traces, isOurs: boolean): Promise<void> => {
  const left = await traces.ofParts();
  if (left[0] !== undefined && !isOurs) throw outputExists(left[0]);
  for (const path of [journalOf(output), ...left]) await rm(path, { force: true });
};

/** Links that lead nowhere count too. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
};
