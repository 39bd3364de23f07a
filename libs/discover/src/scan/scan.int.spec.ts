import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { systemClock } from '@pstream/kernel';
import { asNobody, tempDir } from '@pstream/testing';
import { parse } from 'csv-parse/sync';
import { NO_MAP } from '../owner/owner-map.js';
import { checkPlan, readPlan } from '../plan/read-plan.js';
import { put, storeBytes } from '../store.fixture.js';
import { planFault } from './plan-file.js';
import { scan, type ScanOptions } from './scan.js';

// Disks, and stores that are written and read; the machine may be busy.
jest.setTimeout(120_000);

let ann: Buffer;
let ben: Buffer;
beforeAll(async () => {
  ann = await storeBytes(1, [
    { folder: 'sentitems', from: 'ann@contoso.com' },
    { to: ['ann@contoso.com'], at: '2020-01-02T03:04:05Z' },
  ]);
  ben = await storeBytes(2, [{ folder: 'sentitems', from: 'ben@contoso.com' }]);
});

const scene = () => {
  const top = tempDir();
  const root = join(top, 'root');
  mkdirSync(root);
  const out = join(top, 'plan.csv');
  const run = (more: Partial<ScanOptions> = {}) =>
    scan({ roots: [root], out, computer: 'pc', clock: systemClock, map: NO_MAP, accounts: () => undefined, ...more });
  const rows = (plan = out): Record<string, string>[] => parse(readFileSync(plan), { bom: true, columns: true });
  const row = (path: string): Record<string, string> | undefined => rows().find(({ Path }) => Path === path);
  return { top, root, out, run, rows, row, at: (...names: string[]) => join(root, ...names) };
};

/** Every file that was seen is counted once. */
const sumsHold = ({ files, stores, skip }: Awaited<ReturnType<typeof scan>>): void => {
  expect(files.other + files.excluded + files.notFiles + files.unreadable + files.stores).toBe(files.seen);
  expect(stores.upload + Object.values(skip).reduce((sum, each) => sum + each, 0)).toBe(stores.found);
};

describe('a scan', () => {
  it('finds stores by their content, and names in plain text what is no store', async () => {
    const { run, row, at } = scene();
    put(at('a.pst'), ann);
    put(at('b.PST'), ben);
    put(at('zero.pst'), '');
    put(at('text.pst'), 'no store');
    put(at('cut.pst'), ann.subarray(0, ann.length / 2));
    put(at('book.txt'), Buffer.concat([Buffer.from('!BDN')]));
    put(at('hidden.dat'), await storeBytes(3, []));
    const report = await run();
    sumsHold(report);
    expect(report.files).toMatchObject({ seen: 7, stores: 5, other: 2 });
    expect(report.skip).toEqual({ damaged: 2 });
    expect(row(at('a.pst'))).toMatchObject({
      Action: 'upload',
      Kind: 'pst',
      Form: 'unicode',
      Encoding: 'none',
      Size: String(ann.length),
      Problems: '',
    });
    expect(row(at('zero.pst'))).toMatchObject({ Action: 'skip', Reason: 'damaged', Problems: 'file.empty' });
    expect(row(at('text.pst'))).toMatchObject({ Action: 'skip', Problems: 'pst.not-a-pst' });
    expect(row(at('cut.pst'))).toMatchObject({ Action: 'upload', Problems: 'pst.truncated' });
    expect(row(at('hidden.dat'))).toBeUndefined();
  });

  it('opens files of every name if it is deep, and reads what stores hold', async () => {
    const { run, row, at } = scene();
    put(at('letter'), ann);
    put(at('other.doc'), 'text');
    sumsHold(await run({ deep: true }));
    expect(row(at('letter'))).toMatchObject({
      Action: 'upload',
      Owner: 'ann@contoso.com',
      Confidence: '95',
      Evidence: 'sender in Sent Items of 1 of 1 item',
      Items: '2',
      Oldest: '2020-01-02T03:04:05.000Z',
      Newest: '2021-03-04T05:06:07.000Z',
      Password: 'no',
    });
    expect(row(at('other.doc'))).toBeUndefined();
  });

  it('enters no folder twice, however links lead', async () => {
    const { run, at, rows } = scene();
    put(at('one', 'a.pst'), ann);
    symlinkSync('..', at('one', 'up'));
    symlinkSync(at('one'), at('two'));
    symlinkSync('self', at('self'));
    symlinkSync('/nowhere', at('dangling'));
    symlinkSync(at('one', 'a.pst'), at('same.pst'));
    linkSync(at('one', 'a.pst'), at('hard.pst'));
    const report = await run({ roots: [at(), at('one')] });
    sumsHold(report);
    expect(report.folders).toMatchObject({ read: 2, seenAlready: 3, unreadable: 0 });
    expect(report.skip).toEqual({ 'same-file': 2 });
    expect(report.files).toMatchObject({ notFiles: 2, stores: 3 });
    expect(rows().filter(({ Action }) => Action === 'upload')).toHaveLength(1);
  });

  it('finds copies, and takes files that only begin alike for what they are', async () => {
    const { run, at, row } = scene();
    put(at('a.pst'), ann);
    put(at('b.pst'), ann);
    // The same length and samples, but another byte between them.
    const almost = Buffer.concat([ann, Buffer.alloc(300_000)]);
    put(at('c.pst'), almost);
    const changed = Buffer.from(almost);
    changed[ann.length + 150_001] = 1;
    const first = await run({ exclude: ['a.pst', 'b.pst'] });
    expect(first.stores.found).toBe(1);
    put(at('d.pst'), changed);
    const report = await run({ out: `${at('..', 'second.csv')}` });
    sumsHold(report);
    expect(report.skip).toEqual({ duplicate: 1 });
    expect(row(at('c.pst'))).toMatchObject({ Action: 'upload' });
  });

  it('leaves out what is excluded by a name or a path', async () => {
    const { run, at, rows } = scene();
    put(at('a.pst'), ann);
    put(at('a.bak.pst'), ann);
    put(at('Temp', 'b.pst'), ben);
    put(at('deep', 'Temp', 'b.pst'), ben);
    const report = await run({ exclude: ['*.bak.pst', '**/Temp', 'Temp'] });
    sumsHold(report);
    expect(rows().map(({ Path }) => Path)).toEqual([at('a.pst')]);
    expect(report.files.excluded).toBe(3);
  });

  it('names folders and files that it may not read, and goes on', async () => {
    const { run, at, row, top, root } = scene();
    put(at('closed', 'a.pst'), ann);
    put(at('secret.pst'), ann);
    put(at('z.pst'), ben);
    chmodSync(at('closed'), 0);
    chmodSync(at('secret.pst'), 0);
    for (const each of [top, root]) chmodSync(each, 0o777);
    const report = await asNobody(run);
    sumsHold(report);
    expect([report.folders.unreadable, report.files.unreadable, report.stores.upload]).toEqual([1, 1, 1]);
    expect(report.passed).toEqual([
      { path: at('closed'), reason: 'EACCES' },
      { path: at('secret.pst'), reason: 'EACCES' },
    ]);
    expect(row(at('closed'))).toMatchObject({ Action: 'skip', Kind: 'folder', Reason: 'unreadable (EACCES)' });
  });

  it('names what has a name that is not UTF-8, and takes odd names as they are', async () => {
    const { run, at, rows, out } = scene();
    const odd = (name: string): Buffer => Buffer.concat([Buffer.from(at()), Buffer.from(`/${name}`), Buffer.from([0xff])]);
    mkdirSync(odd('folder'));
    writeFileSync(Buffer.concat([odd('file'), Buffer.from('.pst')]), ann);
    for (const name of ['space.pst ', 'new\nline.pst', 'quo"te.pst', 'semi;colon.pst', '\uFFFD.pst'])
      put(at(name), await storeBytes(60 + name.length, []));
    const report = await run();
    sumsHold(report);
    expect(report.passed.map(({ reason }) => reason)).toEqual(['its name is not UTF-8', 'its name is not UTF-8']);
    expect([report.stores.upload, report.folders.unreadable, report.files.unreadable]).toEqual([5, 1, 1]);
    expect(rows()).toHaveLength(7);
    expect(await checkPlan(out)).toMatchObject({ sums: { rows: 7 }, problems: [], count: 0 });
    const planned: string[] = [];
    for await (const { action, path } of readPlan(out)) if (action === 'upload') planned.push(path);
    expect(planned.every((path) => existsSync(path))).toBe(true);
  });

  it('looks again at the end at a file that is in use, and then names who has it', async () => {
    const { run, at, row } = scene();
    put(at('a.pst'), ann);
    put(at('b.pst'), ben);
    const asked: bigint[] = [];
    const holder = (_: bigint, ino: bigint) => {
      asked.push(ino);
      return Promise.resolve(asked.filter((each) => each === asked[0]).length > 0 && ino === asked[0] ? 'process 7 (outlook)' : undefined);
    };
    const report = await run({ holder });
    sumsHold(report);
    expect(asked).toHaveLength(3);
    expect(report.skip).toEqual({ locked: 1 });
    expect(row(at('a.pst'))).toMatchObject({ Action: 'skip', Reason: 'locked by process 7 (outlook)' });
    expect(row(at('b.pst'))).toMatchObject({ Action: 'upload' });
  });

  const hasFlock = spawnSync('flock', ['--version']).status === 0 && existsSync('/proc/locks');
  (hasFlock ? it : it.skip)('knows from the kernel who holds a lock', async () => {
    const { run, at, row } = scene();
    put(at('a.pst'), ann);
    const child = spawn('flock', [at('a.pst'), '-c', 'echo held; read line'], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      await run();
    } finally {
      child.stdin.end('\n');
      await once(child, 'close');
    }
    expect(row(at('a.pst'))?.['Reason']).toMatch(/^locked by process \d+/);
  });

  it('does not believe a file that is written to while it is read', async () => {
    const { run, at, row } = scene();
    put(at('a.pst'), ann);
    const report = await run({
      holder: () => {
        appendFileSync(at('a.pst'), 'x');
        utimesSync(at('a.pst'), 1, 1);
        return Promise.resolve(undefined);
      },
    });
    sumsHold(report);
    expect(row(at('a.pst'))).toMatchObject({ Action: 'skip', Reason: 'changing' });
  });

  it('names a file that vanishes before it is read', async () => {
    const { run, at, row } = scene();
    put(at('a.pst'), ann);
    put(at('b.pst'), ben);
    const report = await run({
      holder: () => {
        rmSync(at('b.pst'), { force: true });
        return Promise.resolve(undefined);
      },
    });
    sumsHold(report);
    expect(report.passed).toEqual([{ path: at('b.pst'), reason: 'ENOENT' }]);
    expect([row(at('a.pst'))?.['Action'], row(at('b.pst'))?.['Reason']]).toEqual(['upload', 'unreadable (ENOENT)']);
  });

  it('resumes wherever it was ended', async () => {
    const { root, run, out, at, top } = scene();
    for (const [at1, name] of ['a.pst', 'b/c.pst', 'b/d.txt', 'b.pst', 'e/f/g.pst', 'h.pst', 'copy.pst'].entries())
      put(at(name), name === 'copy.pst' ? await storeBytes(40, []) : await storeBytes(40 + at1, []));
    const whole = await run();
    const plan = readFileSync(out, 'utf8');
    for (let calls = 1; calls <= 8; calls++) {
      const again = join(top, `again${calls}.csv`);
      const ended = new AbortController();
      let seen = 0;
      const holder = () => {
        if (++seen === calls) ended.abort(new Error('ended'));
        return Promise.resolve(undefined);
      };
      const first = run({ out: again, signal: ended.signal, holder });
      if (calls <= 6) {
        await expect(first).rejects.toThrow('ended');
        expect(existsSync(again)).toBe(false);
        expect(await run({ out: again })).toMatchObject({ ...whole, plan: again, resumed: true });
      } else await first;
      expect(readFileSync(again, 'utf8')).toBe(plan);
    }
    expect(readdirSync(top).filter((name) => !name.endsWith('.csv') && name !== 'root')).toEqual([]);
    expect(root).toBe(at());
  });

  it('resumes among the files that are in use, each of which has one row', async () => {
    const { run, at, top, rows } = scene();
    for (let key = 0; key < 4; key++) put(at(`${key}.pst`), await storeBytes(60 + key, []));
    for (let calls = 5; calls <= 8; calls++) {
      const ended = new AbortController();
      let seen = 0;
      const holder = () => {
        if (++seen === calls) ended.abort(new Error('ended'));
        return Promise.resolve('process 7 (outlook)');
      };
      const again = join(top, `used${calls}.csv`);
      const first = run({ out: again, signal: ended.signal, holder });
      if (calls < 8) await expect(first).rejects.toThrow('ended');
      else await first;
      const report = calls < 8 ? await run({ out: again, holder }) : await first;
      expect([seen, report.skip]).toEqual([8, { locked: 4 }]);
      expect(rows(again).map(({ Path }) => Path)).toEqual([0, 1, 2, 3].map((key) => at(`${key}.pst`)));
    }
  });

  it('resumes at its last checkpoint after a crash, whatever the plan has behind it', async () => {
    const { run, out, at, top } = scene();
    for (const [key, name] of ['a.pst', 'b/c.pst', 'd.pst', 'e.pst'].entries()) put(at(name), await storeBytes(70 + key, []));
    await run();
    const plan = readFileSync(out, 'utf8');
    for (let calls = 1; calls <= 4; calls++) {
      const again = join(top, `crash${calls}.csv`);
      let seen = 0;
      let ms = 0;
      // Each file takes a minute, so that there is a checkpoint after it.
      const clock = { ...systemClock, monotonicMs: () => (ms += 60_000) };
      const holder = () => (++seen === calls ? Promise.reject(new TypeError('crash')) : Promise.resolve(undefined));
      await expect(run({ out: again, clock, holder })).rejects.toThrow('crash');
      appendFileSync(`${again}.partial`, 'upload,half a row');
      let opened = 0;
      const report = await run({ out: again, holder: () => Promise.resolve(void opened++) });
      expect([report.resumed, report.files.seen, opened]).toEqual([true, 4, 5 - calls]);
      expect(readFileSync(again, 'utf8')).toBe(plan);
    }
  });

  it('tells a full disk from a folder that it may not write', () => {
    const failed = (code: string): Error => Object.assign(new Error('write'), { code });
    expect(planFault(failed('ENOSPC'), 'plan.csv')).toMatchObject({ code: 'storage.full', facts: { file: 'plan.csv' } });
    expect(planFault(failed('EROFS'), 'plan.csv')).toMatchObject({ code: 'plan.unwritable', facts: { reason: 'EROFS' } });
    const defect = new TypeError('ours');
    expect(planFault(defect, 'plan.csv')).toBe(defect);
  });

  it('does not go on with a scan that asked for something else', async () => {
    const { run, at, out } = scene();
    put(at('a.pst'), ann);
    put(at('b.pst'), ben);
    const ended = new AbortController();
    const holder = () => {
      ended.abort(new Error('ended'));
      return Promise.resolve(undefined);
    };
    await expect(run({ signal: ended.signal, holder })).rejects.toThrow('ended');
    await expect(run({ map: { ...NO_MAP, id: 'another' } })).rejects.toMatchObject({ code: 'scan.other-settings' });
    await expect(run({ deep: true })).rejects.toMatchObject({ code: 'scan.other-settings', facts: { file: `${out}.scan.json` } });
  });

  it('replaces no file', async () => {
    const { run, out } = scene();
    put(out, 'mine');
    await expect(run()).rejects.toMatchObject({ code: 'scan.plan-exists' });
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  it('writes nothing without a plan, and scans nothing without a root', async () => {
    const { top, root, run, at } = scene();
    put(at('a.pst'), ann);
    expect((await scan({ roots: [root], computer: 'pc', clock: systemClock })).stores.found).toBe(1);
    expect(readdirSync(top)).toEqual(['root']);
    await expect(run({ roots: [] })).rejects.toMatchObject({ code: 'scan.no-roots' });
    await expect(run({ roots: [at('nowhere')] })).rejects.toMatchObject({ code: 'scan.root-unreadable', facts: { reason: 'ENOENT' } });
  });
});
