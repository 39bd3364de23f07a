import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { folderPartStore, type PartStore } from '@pstream/blob';
import { Fault } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import fc from 'fast-check';
import type { ReportedFile, RunHead } from './outbox.js';
import type { ReportPort } from './reporting.js';
import { UPLOAD_LAYOUT } from './send-file.js';
import { sumsHold, uploadScene } from './upload.contract.js';
import type { UploadOptions } from './upload.js';

// Each run writes to a disk, and syncs; the machine may be busy.
jest.setTimeout(300_000);

/** What becomes of a call: it is taken, does not arrive, is taken and its answer is lost, never answers, or is refused. */
type Fate = 'taken' | 'away' | 'lost' | 'silent' | 'refused';
type Run = {
  readonly id: string;
  readonly head: RunHead;
  readonly files: Map<string, ReportedFile>;
  readonly reports: Map<number, string>;
  ended?: string | null;
};

/** Whoever hears of runs, as the system does: what comes again counts once, and a report of other files under a known number is a defect of the sender. */
class RunRecord {
  readonly runs = new Map<string, Run>();
  /** Stands still but for whoever waits in vain. */
  readonly clock = new FakeClock();
  fates: Fate[] = [];
  calls = 0;

  readonly port: ReportPort = {
    begin: (key, head) =>
      this.#call(() => {
        const run = this.runs.get(key) ?? { id: `run ${this.runs.size + 1}`, head, files: new Map(), reports: new Map() };
        this.runs.set(key, run);
        return run.id;
      }),
    files: (runId, report, files) =>
      this.#call(() => {
        const { reports, files: known, ended } = this.#run(runId);
        const before = reports.get(report);
        if (before !== undefined) return expect(JSON.stringify(files)).toBe(before);
        expect(ended).toBe(undefined);
        reports.set(report, JSON.stringify(files));
        for (const file of files) known.set(file.path, file);
      }),
    end: (runId, stoppedBy) => this.#call(() => void (this.#run(runId).ended ??= stoppedBy)),
  };

  #run(id: string): Run {
    const run = [...this.runs.values()].find((each) => each.id === id);
    if (run === undefined) throw new Error(`There is no ${id}.`);
    return run;
  }

  async #call<T>(work: () => T): Promise<T> {
    this.calls++;
    const fate = this.fates.shift() ?? 'taken';
    if (fate === 'silent') {
      void this.clock.advance(25_000);
      return new Promise(() => undefined);
    }
    if (fate === 'refused') throw new Fault('report.refused', { retry: 'never', facts: { code: 'project.closed' }, advice: 'Closed.' });
    if (fate === 'away') throw new Error('Nothing answers.');
    const answer = work();
    if (fate === 'lost') throw new Error('The connection broke.');
    return answer;
  }
}

const statesOf = ({ files }: Run): Readonly<Partial<Record<ReportedFile['state'], number>>> => {
  const states: Partial<Record<ReportedFile['state'], number>> = {};
  for (const { state } of files.values()) states[state] = (states[state] ?? 0) + 1;
  return states;
};

/** A plan of so many files that are uploaded, a row that is skipped and a file that is not there. */
const scene = (files = 3) => {
  const record = new RunRecord();
  const { dir, file, run, beside } = uploadScene();
  for (let n = 0; n < files; n++) file(`${n}.pst`, `mail ${n}`);
  file('no.pst', '', { action: 'skip', reason: 'damaged' });
  file('gone.pst', '');
  const store = folderPartStore({ dir: join(dir, 'out'), layout: UPLOAD_LAYOUT });
  let keys = 0;
  const report = { port: record.port, to: 'Shares', newKey: () => `key ${++keys}` };
  const upload = async (more: Partial<UploadOptions> = {}, into: PartStore = store) => {
    await store.check();
    return run(into, { report, clock: record.clock, ...more });
  };
  const waits = { skipped: 1, failed: 1 };
  return { record, store, upload, beside, whole: { uploaded: files, ...waits } };
};

/** A store whose use ends the process, as far as a test can: with a defect at the n-th commit. */
const dying = (store: PartStore, nth: number): PartStore => {
  let commits = 0;
  return {
    ...store,
    take: async (...args) => {
      const staging = await store.take(...args);
      return {
        ...staging,
        commit: (...list) => (++commits >= nth ? Promise.reject(new TypeError('The process died.')) : staging.commit(...list)),
      };
    },
  };
};

type Write = (this: FileHandle, bytes: Uint8Array, from: number, length: number, at: number) => Promise<{ readonly bytesWritten: number }>;

/** A disk that has space for a part of the first line of a kind, and then for what comes later. */
const diskFullAt = async (is: string): Promise<{ mockRestore(): void }> => {
  const any = await open(import.meta.filename);
  const files = Object.getPrototypeOf(any) as { write: Write };
  await any.close();
  const write = files.write;
  let tries = 0;
  return jest.spyOn(files, 'write').mockImplementation(function (
    this: FileHandle,
    bytes: Uint8Array,
    from: number,
    length: number,
    at: number,
  ) {
    const isIt = tries === 1 || (tries === 0 && Buffer.from(bytes).toString('latin1').startsWith(`{"is":"${is}"`));
    if (!isIt) return write.call(this, bytes, from, length, at);
    if (++tries === 2) return Promise.reject(Object.assign(new Error('The disk is full.'), { code: 'ENOSPC' }));
    return write.call(this, bytes, from, 5, at);
  });
};

describe('an upload that reports', () => {
  it('reports its plan, every file and its end', async () => {
    const { record, upload, whole } = scene();
    const done = await upload();
    expect(done.unreported).toMatchObject({ messages: 0, refused: undefined });
    const [run, ...others] = [...record.runs.values()];
    expect([others, run?.head, run?.ended]).toEqual([
      [],
      { computer: 'pc', destination: 'here', plan: { rows: 5, toUpload: 4, bytes: 0 } },
      null,
    ]);
    expect(statesOf(run!)).toEqual(whole);
    expect([...run!.files.values()].find(({ state }) => state === 'uploaded')).toMatchObject({
      owner: 'ann@contoso.com',
      bytes: 6,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    await upload();
    expect([...record.runs.values()].map(statesOf)).toEqual([whole, whole]);
  });

  it('says nothing in a dry run', async () => {
    const { record, upload, beside } = scene();
    expect((await upload({ dryRun: true })).unreported).toBe(undefined);
    expect([record.calls, beside('.reports.jsonl')]).toEqual([0, undefined]);
  });

  it.each(['away', 'silent'] as const)('goes on while whoever hears of it is %s, and the next run reports both', async (fate) => {
    const { record, upload, whole } = scene();
    record.fates = Array.from({ length: 50 }, () => fate);
    const first = await upload();
    sumsHold(first, 5);
    expect([first.uploaded, first.unreported?.refused]).toEqual([3, undefined]);
    expect(first.unreported?.messages).toBeGreaterThan(1);
    record.fates = [];
    expect((await upload()).unreported?.messages).toBe(0);
    expect([...record.runs.values()].map((run) => [statesOf(run), run.ended])).toEqual([
      [whole, null],
      [whole, null],
    ]);
  });

  it('goes on where it is refused, says so, and is heard by the next run', async () => {
    const { record, upload, whole } = scene();
    record.fates = ['refused'];
    const { unreported, uploaded } = await upload();
    expect([uploaded, unreported?.refused, record.calls]).toEqual([3, { code: 'project.closed', advice: 'Closed.' }, 1]);
    await upload();
    expect([...record.runs.values()].map(statesOf)).toEqual([whole, whole]);
  });

  it('is one run with the one that goes on after Ctrl+C or a crash', async () => {
    const { record, store, upload, whole } = scene();
    await upload({ signal: AbortSignal.abort(new Error('Ctrl+C')) });
    await expect(upload({}, dying(store, 2))).rejects.toThrow('The process died.');
    await upload();
    expect([...record.runs.values()].map((run) => [statesOf(run), run.ended])).toEqual([[whole, null]]);
  });

  it('names what the destination ended it with', async () => {
    const { record, store, upload } = scene();
    const full = { ...store, take: () => Promise.reject(new Fault('storage.full', { retry: 'never' })) };
    sumsHold(await upload({}, full), 5);
    const [run] = [...record.runs.values()];
    expect([run?.ended, run?.files.size]).toEqual(['storage.full', 5]);
  });

  it.each([
    ['damaged', (file: string) => writeFileSync(file, 'x\ny\n'), 'journal.unreadable'],
    ['a folder', (file: string) => mkdirSync(file), 'plan.unwritable'],
  ] as const)('goes on though its file of reports is %s, which it names', async (_what, spoil, code) => {
    const { record, upload, beside } = scene();
    record.fates = ['refused'];
    await upload();
    const file = beside('.reports.jsonl')!;
    rmSync(file);
    spoil(file);
    const { uploaded, unreported } = await upload();
    expect([uploaded, unreported]).toMatchObject([3, { refused: { code }, file }]);
    rmSync(file, { recursive: true });
    expect((await upload()).unreported?.messages).toBe(0);
  });

  it.each(['begin', 'files', 'taken', 'end'])('goes on where the disk is full at a line "%s", and the next run reports all', async (is) => {
    const { record, upload, whole } = scene();
    const full = await diskFullAt(is);
    const first = await upload();
    sumsHold(first, 5);
    expect(first.uploaded).toBe(3);
    full.mockRestore();
    expect((await upload()).unreported).toMatchObject({ messages: 0, refused: undefined });
    for (const run of record.runs.values()) expect([statesOf(run), run.ended]).toEqual([whole, null]);
    expect(record.runs.size).toBe(1);
  });
});

it('whatever becomes of calls and processes, every file of every run is counted once in the end', async () => {
  const fates = fc.array(fc.constantFrom<Fate[]>('taken', 'taken', 'away', 'lost', 'silent', 'refused'), { maxLength: 12 });
  const endings = fc.constantFrom<('whole' | 'killed' | 'torn' | 'interrupted')[]>('whole', 'killed', 'torn', 'interrupted');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fates, endings), { maxLength: 4 }), async (runs) => {
      const { record, store, upload, beside, whole } = scene();
      for (const [some, ending] of runs) {
        record.fates = [...some];
        const isKilled = ending === 'killed' || ending === 'torn';
        const more = ending === 'interrupted' ? { signal: AbortSignal.abort(new Error('Ctrl+C')) } : {};
        const done = await upload(more, isKilled ? dying(store, 1) : store).catch(() => undefined);
        if (done !== undefined) sumsHold(done, 5);
        // A line that the process did not get to the end of.
        if (ending === 'torn') appendFileSync(beside('.reports.jsonl')!, '{"is":"files","re');
      }
      record.fates = [];
      expect((await upload()).unreported).toMatchObject({ messages: 0, refused: undefined });
      expect((await upload()).unreported).toMatchObject({ messages: 0, refused: undefined });
      const all = [...record.runs.values()];
      expect(all.map(({ ended }) => ended)).toEqual(all.map(() => null));
      for (const run of all) expect(statesOf(run)).toEqual(whole);
    }),
    { numRuns: 40 },
  );
});
