import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartStaging, PartStore } from '@pstream/blob';
import { csvLine, Fault, systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { parse } from 'csv-parse/sync';
import { EXTENT_BYTES } from './send-file.js';
import { upload, type UploadOptions, type UploadReport } from './upload.js';

/** A destination of the suite: its store, what is visible there, and a way for others to put something there. */
export type UploadWorld = {
  readonly store: PartStore;
  /** Files that are staged and not published, where that can be seen. */
  readonly stagedFiles?: () => readonly string[];
  readonly visible: () => Promise<readonly string[]>;
  readonly putForeign: (name: string, content: string) => Promise<void>;
};

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A store whose calls are watched: `onStage` hears of each extent before it is sent, and can wait until all before it have arrived. */
const watched = (
  store: PartStore,
  onStage: (nth: number, before: () => Promise<unknown>) => Promise<void> | void,
): PartStore & { readonly staged: () => number } => {
  let staged = 0;
  const sent: Promise<unknown>[] = [];
  return {
    ...store,
    staged: () => staged,
    take: async (...args): Promise<PartStaging> => {
      const staging = await store.take(...args);
      return {
        ...staging,
        stage: async (...extent) => {
          const before = sent.slice();
          const own = Promise.withResolvers<void>();
          sent.push(own.promise);
          await onStage(++staged, () => Promise.all(before));
          try {
            return await staging.stage(...extent);
          } finally {
            own.resolve();
          }
        },
      };
    },
  };
};

/** A plan and its files in a folder of its own. */
export const uploadScene = () => {
  const dir = tempDir();
  const plan = join(dir, 'plan.csv');
  const lines: string[] = [csvLine(['Action', 'Owner', 'Archive', 'Name', 'Path', 'Reason', 'Id'])];
  const file = (
    name: string,
    bytes: Uint8Array | string,
    row: Partial<Record<'action' | 'owner' | 'archive' | 'reason' | 'name', string>> = {},
  ): string => {
    const path = join(dir, name);
    if (bytes.length > 0) writeFileSync(path, bytes);
    const { action = 'upload', owner = 'ann@contoso.com', archive = 'no', reason = '' } = row;
    lines.push(csvLine([action, owner, archive, row.name ?? name, path, reason, '']));
    return path;
  };
  const run = (store: PartStore, more: Partial<UploadOptions> = {}): Promise<UploadReport> => {
    writeFileSync(plan, lines.join(''));
    return upload({ plan, store, where: 'here', computer: 'pc', clock: systemClock, holder: () => Promise.resolve(undefined), ...more });
  };
  const beside = (end: string): string | undefined =>
    readdirSync(dir)
      .filter((name) => name.endsWith(end))
      .map((name) => join(dir, name))[0];
  return { dir, plan, file, run, beside };
};

/** Every row is counted once. */
export const sumsHold = (report: UploadReport, rows: number): void => {
  const sum = (by: Readonly<Record<string, number>>): number => Object.values(by).reduce((all, each) => all + each, 0);
  expect(report.found).toBe(rows);
  expect(report.uploaded + report.skipped + report.failed).toBe(rows);
  expect([sum(report.skippedBy), sum(report.failedBy)]).toEqual([report.skipped, report.failed]);
};

const bytesOf = async (store: PartStore, name: string): Promise<Uint8Array> => {
  const part = await store.open(name);
  try {
    return Buffer.from(await part.read(0, part.size));
  } finally {
    await part.close();
  }
};

/** Three extents, the last of them short. */
const BIG = Buffer.alloc(2 * EXTENT_BYTES + 1_000, 'pstream');
BIG[EXTENT_BYTES] = 0;

/** What every destination of an upload does. */
export const uploadContract = (what: string, make: () => Promise<UploadWorld>): void => {
  describe(`an upload to ${what}`, () => {
    it('does what the plan says, once', async () => {
      const { file, run, beside } = uploadScene();
      const { store, visible } = await make();
      file('a.pst', BIG, { archive: 'yes' });
      file('b.pst', 'small');
      file('cache.ost', 'cache');
      file('no.pst', 'x', { action: 'skip', reason: 'damaged' });
      file('whose.pst', 'x', { owner: '' });
      const watch = watched(store, () => undefined);
      const report = await run(watch);
      sumsHold(report, 5);
      expect(report).toMatchObject({
        uploaded: 3,
        alreadyThere: 0,
        skippedBy: { plan: 1, 'no-owner': 1 },
        failedBy: {},
        stoppedBy: undefined,
      });
      expect([...(await visible())].sort()).toEqual(['a.pst', 'b.pst', 'cache.ost']);
      expect(Buffer.compare(await bytesOf(store, 'a.pst'), BIG)).toBe(0);
      expect((await store.head('a.pst'))?.metadata['fileSha256']).toBe(sha(BIG));
      const results: Record<string, string>[] = parse(readFileSync(beside('.results.csv') ?? ''), { bom: true, columns: true });
      expect(
        results.map(({ Row, Name, Result, Reason }) => [Row, Name, Result, Reason]).toSorted(([a], [b]) => Number(a) - Number(b)),
      ).toEqual([
        ['2', 'a.pst', 'uploaded', ''],
        ['3', 'b.pst', 'uploaded', ''],
        ['4', 'cache.ost', 'uploaded', ''],
        ['5', 'no.pst', 'skipped', 'damaged'],
        ['6', 'whose.pst', 'skipped', 'no owner'],
      ]);
      const mapping = readFileSync(report.mappings[0] ?? '', 'utf8').split('\r\n');
      expect(mapping[0]).toBe(
        'Workload,FilePath,Name,Mailbox,IsArchive,TargetRootFolder,ContentCodePage,SPFileContainer,SPManifestContainer,SPSiteUrl',
      );
      expect(mapping.slice(1).sort()).toEqual([
        '',
        'Exchange,,a.pst,ann@contoso.com,TRUE,/,,,,',
        'Exchange,,b.pst,ann@contoso.com,FALSE,/,,,,',
      ]);

      const again = watched(store, () => undefined);
      const second = await run(again);
      sumsHold(second, 5);
      expect([second.uploaded, second.alreadyThere, again.staged()]).toEqual([3, 3, 0]);
    });

    it.each([1, 2, 3])('resumes after it was ended before extent %d, and sends nothing twice', async (nth) => {
      const { file, run } = uploadScene();
      const { store, visible } = await make();
      file('a.pst', BIG);
      const ended = new AbortController();
      const first = await run(
        watched(store, async (n, before) => {
          if (n !== nth) return;
          await before();
          ended.abort(new Error('Ctrl+C'));
        }),
        { signal: ended.signal },
      );
      sumsHold(first, 1);
      expect(first).toMatchObject({ uploaded: 0, failedBy: { stopped: 1 }, stoppedBy: { code: 'interrupted' } });
      expect(await visible()).toEqual([]);
      const rest = watched(store, () => undefined);
      const second = await run(rest);
      expect(second).toMatchObject({ uploaded: 1, alreadyThere: 0, failed: 0 });
      expect(rest.staged()).toBeLessThanOrEqual(3 - (nth - 1));
      expect(Buffer.compare(await bytesOf(store, 'a.pst'), BIG)).toBe(0);
    });

    it('never touches a file that is not its own', async () => {
      const { file, run } = uploadScene();
      const { store, putForeign } = await make();
      await putForeign('a.pst', 'somebody else');
      file('a.pst', 'mine');
      file('b.pst', 'mine');
      for (const dryRun of [true, false]) {
        const report = await run(store, { dryRun });
        sumsHold(report, 2);
        expect(report).toMatchObject({ uploaded: 1, failedBy: { 'part.foreign-blob': 1 }, failures: [{ row: 2, name: 'a.pst' }] });
      }
      expect(Buffer.from(await bytesOf(store, 'a.pst')).toString()).toBe('somebody else');
    });

    it('knows a file that was uploaded from another computer by its content', async () => {
      const { file, run } = uploadScene();
      const { store } = await make();
      const path = file('a.pst', 'one');
      expect(await run(store, { computer: 'before' })).toMatchObject({ uploaded: 1, alreadyThere: 0 });
      expect(await run(store, { computer: 'after' })).toMatchObject({ uploaded: 1, alreadyThere: 1 });
      writeFileSync(path, 'two');
      expect(await run(store, { computer: 'after' })).toMatchObject({ failedBy: { 'part.foreign-blob': 1 } });
    });

    it('changes nothing in a dry run', async () => {
      const { dir, file, run } = uploadScene();
      const { store, visible } = await make();
      file('a.pst', 'one');
      file('gone.pst', '');
      const report = await run(store, { dryRun: true });
      sumsHold(report, 2);
      expect(report).toMatchObject({ dryRun: true, uploaded: 1, failedBy: { 'file.not-found': 1 }, results: undefined, mappings: [] });
      expect(await visible()).toEqual([]);
      expect(readdirSync(dir).sort()).toEqual(['a.pst', 'plan.csv']);
    });

    it('uploads no file that changes, shrinks or vanishes while it is read, and tries again at the end', async () => {
      for (const [harm, once, code] of [
        ['grows', (path: string) => appendFileSync(path, 'x'), undefined],
        ['shrinks', (path: string) => truncateSync(path, 5), undefined],
        ['keeps its length', (path: string) => utimesSync(path, 1, 1), undefined],
        ['vanishes', (path: string) => rmSync(path), 'file.not-found'],
      ] as const) {
        const { file, run } = uploadScene();
        const { store, visible, stagedFiles = () => [] } = await make();
        const path = file('a.pst', BIG);
        let done = false;
        const report = await run(
          watched(store, () => {
            if (!done) once(path);
            done = true;
          }),
        );
        sumsHold(report, 1);
        if (code === undefined) {
          expect([harm, report.uploaded]).toEqual([harm, 1]);
          expect(Buffer.compare(await bytesOf(store, 'a.pst'), readFileSync(path))).toBe(0);
        } else {
          expect([harm, report.failedBy]).toEqual([harm, { [code]: 1 }]);
          expect(await visible()).toEqual([]);
        }
        expect(stagedFiles()).toEqual([]);
      }
    });

    it('tries a file that is locked again at the end, and then names who has it', async () => {
      const { file, run } = uploadScene();
      const { store } = await make();
      file('a.pst', 'one');
      file('b.pst', 'two');
      let asked = 0;
      const once = (): Promise<string | undefined> => Promise.resolve(++asked === 1 ? 'process 7 (outlook)' : undefined);
      expect(await run(store, { holder: once })).toMatchObject({ uploaded: 2, failed: 0 });
      expect(asked).toBe(3);
      const always = await run(store, { holder: () => Promise.resolve('process 7 (outlook)') });
      sumsHold(always, 2);
      expect(always.failedBy).toEqual({ 'file.locked': 2 });
      expect(always.failures[0]?.advice).toBe('Close the program that has it open: process 7 (outlook).');
    });

    it('gives up a file that never stops changing', async () => {
      const { file, run } = uploadScene();
      const { store, visible } = await make();
      const path = file('a.pst', 'growing');
      const report = await run(watched(store, () => appendFileSync(path, 'x')));
      sumsHold(report, 1);
      expect([report.failedBy, await visible()]).toEqual([{ 'file.changing': 1 }, []]);
    });

    it('does not replace what it has uploaded before, and says that the file has changed', async () => {
      const { file, run, beside } = uploadScene();
      const { store } = await make();
      const path = file('a.pst', 'first');
      await run(store);
      writeFileSync(path, 'other');
      expect((await run(store)).failedBy).toEqual({ 'file.changed-since-upload': 1 });
      expect(Buffer.from(await bytesOf(store, 'a.pst')).toString()).toBe('first');
      // Back to what it was, and without the journal: known by its content.
      writeFileSync(path, 'first');
      rmSync(beside('.uploads.jsonl') ?? '');
      expect(await run(store)).toMatchObject({ uploaded: 1, alreadyThere: 1, failed: 0 });
    });

    it('ends with a destination that is full, and the next run does the rest', async () => {
      const { file, run } = uploadScene();
      const { store } = await make();
      for (let n = 0; n < 12; n++) file(`${n}.pst`, `file ${n}`);
      const full = new Fault('storage.full', { retry: { afterMs: 30_000 }, advice: 'Free space.' });
      const report = await run(
        watched(store, (nth) => {
          if (nth > 5) throw full;
        }),
      );
      sumsHold(report, 12);
      expect(report.stoppedBy).toEqual({
        code: 'storage.full',
        advice: 'Free space at the destination, and run the same command again.',
      });
      expect(report.uploaded).toBeLessThanOrEqual(5);
      const next = await run(store);
      sumsHold(next, 12);
      expect(next.uploaded).toBe(12);
      // A commit that was cut off may have taken effect.
      expect(next.alreadyThere).toBeGreaterThanOrEqual(report.uploaded);
    });

    it('goes by the whole lines of its journal, and refuses one that is damaged', async () => {
      const { file, run, beside } = uploadScene();
      const { store } = await make();
      file('a.pst', 'one');
      await run(store);
      const journal = beside('.uploads.jsonl') ?? '';
      const whole = readFileSync(journal, 'utf8');
      writeFileSync(journal, `${whole}{"is":"ext`);
      expect(await run(store)).toMatchObject({ uploaded: 1, alreadyThere: 1 });
      expect(readFileSync(journal, 'utf8')).toBe(whole);
      writeFileSync(journal, `nonsense\n${whole}`);
      await expect(run(store)).rejects.toMatchObject({ code: 'journal.unreadable', facts: { line: 1 } });
      writeFileSync(journal, whole.replace('"here"', '"there"'));
      await expect(run(store)).rejects.toMatchObject({ code: 'journal.other-destination' });
    });

    it('names every mistake of a plan by row and column, and uploads nothing', async () => {
      const { file, run, plan } = uploadScene();
      const { store, visible } = await make();
      file('a.pst', 'one');
      file('b.pst', 'one', { action: 'perhaps' });
      file('c.pst', 'one', { owner: 'ann' });
      file('d.pst', 'one', { archive: 'maybe' });
      file('e.pst', 'one', { name: 'e.exe' });
      file('f.pst', 'one', { name: 'A.PST'.toLowerCase() });
      await expect(run(store)).rejects.toMatchObject({
        code: 'plan.mistakes',
        facts: {
          count: 5,
          problems: [
            'row 3, Action: expected upload or skip, found "perhaps"',
            'row 4, Owner: expected the address of a mailbox, or nothing, found "ann"',
            'row 5, Archive: expected yes or no, found "maybe"',
            'row 6, Name: expected a file name that ends in .pst or .ost (part-name.wrong-ending), found "e.exe"',
            'row 7, Name: expected one that row 2 does not have, found "a.pst"',
          ],
        },
      });
      expect(await visible()).toEqual([]);
      expect(existsSync(plan.replace('.csv', '.results.csv'))).toBe(false);
    });
  });
};
