import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { PartStore } from '@pstream/blob';
import { csvLine, Fault, isFault, semaphore, type Clock } from '@pstream/kernel';
import { checkPlan, readPlan, type PlannedRow } from '../plan/read-plan.js';
import { systemHolder, type Holder } from '../scan/locks.js';
import { planFault } from '../scan/plan-file.js';
import { openJournal, type Journal } from './journal.js';
import { mappingFiles } from './mapping.js';
import { paceOf } from './pace.js';
import { notReported, Reporting, type ReportOptions, type Unreported } from './reporting.js';
import { isInUse, sendFile, type SendPorts } from './send-file.js';
import { tryFile } from './try-file.js';

export type UploadOptions = {
  readonly plan: string;
  /** Opened with `UPLOAD_LAYOUT`. */
  readonly store: PartStore;
  /** Where that is, without credentials. */
  readonly where: string;
  /** Name of this machine. */
  readonly computer: string;
  readonly clock: Clock;
  readonly dryRun?: boolean;
  readonly bytesPerSecond?: number;
  readonly holder?: Holder;
  readonly signal?: AbortSignal;
  /** Who hears of the run besides; never in a dry run. */
  readonly report?: ReportOptions;
  readonly onProgress?: (progress: { readonly rows: number; readonly of: number; readonly bytes: number; readonly name: string }) => void;
};

/** What became of a row. `reason` is a code, or what the plan says; `sha256` is that of the file. */
export type Outcome = {
  readonly row: number;
  readonly path: string;
  readonly name: string;
  readonly result: 'uploaded' | 'skipped' | 'failed';
  readonly reason: string;
  readonly advice: string;
  readonly bytes: number;
  readonly sha256: string;
};

/** `found = uploaded + skipped + failed`, always. In a dry run `uploaded` are those that would be. `alreadyThere` of them were there before. */
export type UploadReport = {
  readonly where: string;
  readonly dryRun: boolean;
  readonly found: number;
  readonly uploaded: number;
  readonly alreadyThere: number;
  readonly skipped: number;
  readonly failed: number;
  readonly bytes: number;
  readonly skippedBy: Readonly<Record<string, number>>;
  readonly failedBy: Readonly<Record<string, number>>;
  /** At most 100 of the failed rows. */
  readonly failures: readonly Outcome[];
  /** Names of uploaded files that are larger than the import into Microsoft 365 takes; at most 100. */
  readonly tooLargeForImport: readonly string[];
  /** Files with what became of every row, and for the import into Microsoft 365. */
  readonly results: string | undefined;
  readonly mappings: readonly string[];
  /** What ended the run before its end: a fault of the destination, or Ctrl+C. */
  readonly stoppedBy: { readonly code: string; readonly advice: string } | undefined;
  /** What is not reported yet, where somebody is to hear of the run. */
  readonly unreported: Unreported | undefined;
};

const FILES_AT_ONCE = 4;
const EXTENTS_AT_ONCE = 4;
const MOST_LISTED = 100;
const IMPORT_BYTES = 20 * 1024 ** 3;
const OWNER_ONLY = 0o600;
const TITLES = ['Row', 'Path', 'Name', 'Result', 'Reason', 'Size', 'SHA-256'];

/** Faults of one file; all others are the destination's, and end the run: they would meet every row. */
const OF_ONE_FILE = /^(?:file\.|part\.|destination\.differs$)/;

/** What to do about faults whose own advice is for exports, which go on by themselves. */
const ADVICE: Readonly<Record<string, string>> = {
  'storage.full': 'Free space at the destination, and run the same command again.',
  'destination.not-found': 'The container is not there. Create it, and run the same command again.',
};

/** Carries out a plan: uploads what it says, and nothing else. What a run before this one has done is not done again. Every row is counted once, also
 *  where the run is stopped. Faults (never): those of `readRows`, 'plan.mistakes' (facts count, problems), 'journal.…'. */
export const upload = async (options: UploadOptions): Promise<UploadReport> => {
  const { plan, where, dryRun = false } = options;
  const { sums, problems, count } = await checkPlan(plan);
  if (count > 0)
    throw new Fault('plan.mistakes', {
      retry: 'never',
      facts: {
        count,
        problems: problems.map(({ row, column, expected, found }) => `row ${row}, ${column}: expected ${expected}, found "${found}"`),
      },
      advice: 'Correct these cells of the plan. Nothing was uploaded.',
    });
  const stem = plan.replace(/\.csv$/i, '');
  const base = `${stem}.${shortHash(where)}`;
  const journal = await openJournal(`${base}.uploads.jsonl`, where, !dryRun);
  const results = dryRun ? undefined : await open(`${base}.results.csv`, 'w', OWNER_ONLY);
  let reporting: Reporting | undefined;
  let lost: Unreported | undefined;
  try {
    await results?.appendFile(`\uFEFF${csvLine(TITLES)}`);
    if (options.report !== undefined && !dryRun) {
      const { computer, clock, report } = options;
      const file = `${stem}.${shortHash(`${where}\0${report.to}`)}.reports.jsonl`;
      reporting = await Reporting.open(file, report, clock, { computer, destination: where, plan: sums }).catch((error: unknown) => {
        // Whatever is wrong with its file, the upload goes on.
        lost = notReported(planFault(error, file), file);
        return undefined;
      });
    }
    const done = await new Upload(options, sums.rows, journal, base, results, reporting).run();
    return lost === undefined ? done : { ...done, unreported: lost };
  } catch (error) {
    // The journal, or the files with results: what is uploaded has errors of its own.
    throw planFault(error, base);
  } finally {
    await reporting?.close();
    await results?.close();
    await journal.close();
  }
};

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

class Upload {
  readonly #options: UploadOptions;
  readonly #rows: number;
  readonly #base: string;
  readonly #results: FileHandle | undefined;
  readonly #reporting: Reporting | undefined;
  readonly #mapping: ReturnType<typeof mappingFiles>;
  readonly #ports: SendPorts;
  readonly #stop = new AbortController();
  readonly #counts = { found: 0, uploaded: 0, alreadyThere: 0, skipped: 0, failed: 0, bytes: 0 };
  readonly #skippedBy: Record<string, number> = {};
  readonly #failedBy: Record<string, number> = {};
  readonly #failures: Outcome[] = [];
  readonly #tooLarge: string[] = [];
  #stoppedBy: UploadReport['stoppedBy'];
  #later: PlannedRow[] = [];
  #sent = 0;
  #name = '';

  constructor(
    options: UploadOptions,
    rows: number,
    journal: Journal,
    base: string,
    results: FileHandle | undefined,
    reporting: Reporting | undefined,
  ) {
    const { store, bytesPerSecond, clock, signal, holder = systemHolder } = options;
    this.#options = options;
    this.#rows = rows;
    this.#base = base;
    this.#results = results;
    this.#reporting = reporting;
    this.#mapping = mappingFiles(base);
    this.#ports = {
      store,
      journal,
      holder,
      pace: paceOf(bytesPerSecond, clock),
      limited: semaphore(EXTENTS_AT_ONCE),
      signal: signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]),
      onBytes: (bytes) => {
        this.#sent += bytes;
        this.#progress();
      },
    };
  }

  async run(): Promise<UploadReport> {
    const rows = readPlan(this.#options.plan);
    const worker = async (): Promise<void> => {
      for (let next = await rows.next(); next.done !== true; next = await rows.next()) await this.#row(next.value, false);
    };
    const ended = await Promise.allSettled(
      Array.from({ length: FILES_AT_ONCE }, () =>
        worker().catch((error: unknown) => {
          this.#stop.abort(error);
          throw error;
        }),
      ),
    );
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    const later = this.#later;
    this.#later = [];
    for (const row of later) await this.#row(row, true);
    const mappings = this.#options.dryRun === true ? [] : await this.#mapping.finish();
    // A run that was interrupted goes on with the next one.
    const goesOn = this.#options.signal?.aborted === true;
    const unreported = await this.#reporting?.end({ stoppedBy: this.#stoppedBy?.code ?? null, goesOn });
    return {
      where: this.#options.where,
      dryRun: this.#options.dryRun === true,
      ...this.#counts,
      skippedBy: this.#skippedBy,
      failedBy: this.#failedBy,
      failures: this.#failures,
      tooLargeForImport: this.#tooLarge,
      results: this.#results === undefined ? undefined : `${this.#base}.results.csv`,
      mappings,
      stoppedBy: this.#stoppedBy,
      unreported,
    };
  }

  async #row(row: PlannedRow, isLast: boolean): Promise<void> {
    const skipped = row.action === 'skip' ? row.reason || 'as the plan says' : row.owner === '' ? 'no owner' : undefined;
    if (skipped !== undefined) return this.#end(row, { result: 'skipped', reason: skipped }, row.action === 'skip' ? 'plan' : 'no-owner');
    const { computer, dryRun = false } = this.#options;
    const part = {
      partId: `d${createHash('sha256').update(`${computer}\0${row.path}`).digest('hex').slice(0, 40)}`,
      name: row.name,
    };
    this.#name = row.name;
    this.#progress();
    try {
      this.#ports.signal.throwIfAborted();
      const { isNew, bytes, sha256, id } = await (dryRun ? tryFile : sendFile)(row.path, part, this.#ports);
      if (!isNew) this.#counts.alreadyThere++;
      this.#counts.bytes += bytes;
      if (bytes > IMPORT_BYTES && this.#tooLarge.length < MOST_LISTED) this.#tooLarge.push(row.name);
      if (row.name.endsWith('.pst') && !dryRun) await this.#mapping.add(row);
      await this.#end(row, {
        result: 'uploaded',
        reason: [isNew ? [] : 'already there', row.id === '' || row.id === id ? [] : 'changed since the scan'].flat().join(', '),
        bytes,
        sha256,
      });
    } catch (error) {
      if (isInUse(error) && !isLast) return void this.#later.push(row);
      await this.#failed(row, error);
    }
  }

  async #failed(row: PlannedRow, error: unknown): Promise<void> {
    const { signal } = this.#options;
    const isStopped = this.#ports.signal.aborted && !(isFault(error) && OF_ONE_FILE.test(error.code));
    if (!isStopped && !isFault(error)) throw error;
    if (isFault(error) && !isStopped && !OF_ONE_FILE.test(error.code)) {
      this.#stoppedBy = { code: error.code, advice: ADVICE[error.code] ?? error.advice ?? '' };
      this.#stop.abort(error);
    } else if (signal?.aborted === true) this.#stoppedBy ??= { code: 'interrupted', advice: 'Run the same command again to resume.' };
    const code = isFault(error) && !isStopped ? error.code : 'stopped';
    await this.#end(
      row,
      { result: 'failed', reason: code, advice: isFault(error) && !isStopped ? (ADVICE[code] ?? error.advice ?? '') : '' },
      code,
    );
  }

  async #end(row: PlannedRow, more: Pick<Outcome, 'result' | 'reason'> & Partial<Outcome>, tally = ''): Promise<void> {
    const outcome: Outcome = { row: row.row, path: row.path, name: row.name, advice: '', bytes: 0, sha256: '', ...more };
    const { result } = outcome;
    this.#counts.found++;
    this.#counts[result]++;
    const by = result === 'skipped' ? this.#skippedBy : result === 'failed' ? this.#failedBy : undefined;
    if (by !== undefined) by[tally] = (by[tally] ?? 0) + 1;
    if (result === 'failed' && this.#failures.length < MOST_LISTED) this.#failures.push(outcome);
    const { path, name, reason, bytes, sha256 } = outcome;
    await this.#results?.appendFile(csvLine([row.row, path, name, result, reason, result === 'uploaded' ? bytes : '', sha256]));
    const { owner, kind } = row;
    const size = result === 'uploaded' ? bytes : (row.bytes ?? null);
    await this.#reporting?.file({ path, name, owner, kind, bytes: size, state: result, reason, sha256: sha256 === '' ? null : sha256 });
    this.#progress();
  }

  #progress(): void {
    this.#options.onProgress?.({ rows: this.#counts.found, of: this.#rows, bytes: this.#sent, name: this.#name });
  }
}
