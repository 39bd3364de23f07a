import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { jest } from '@jest/globals';
import { asNobody, describeSmallDisk } from '@pstream/testing';
import type { KeptSums } from './report.js';
import { contentsOf, mail, scene } from './scene.fixture.js';

// Disk and verification; the machine may be busy.
jest.setTimeout(120_000);

/** A message with a text of so many bytes. */
const large = (subject: string, bytes: number): string => mail(subject, `\r\n${'x'.repeat(bytes)}`);

/** What a folder has, with the content of each file. */
const everything = (dir: string): readonly (readonly [string, string])[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): readonly [string, string] => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')]);

describe('a source that is given twice', () => {
  it.each([
    ['by the same path', (path: string) => path],
    ['by another path', (path: string) => relative(process.cwd(), path)],
    [
      'by a link',
      (path: string) => {
        symlinkSync(path, `${path}.link`);
        return `${path}.link`;
      },
    ],
    [
      'by another name of the same file',
      (path: string) => {
        linkSync(path, `${path}.name.eml`);
        return `${path}.name.eml`;
      },
    ],
  ])('%s is refused, before anything is made', async (_, again) => {
    const { put, run, path, dir } = scene();
    const source = put('1.eml', mail('1'));
    const twice = again(source);
    const before = everything(dir);
    await expect(run([source, twice])).rejects.toMatchObject({ code: 'convert.same-source', facts: { source: twice, same: source } });
    expect(everything(dir)).toEqual(before);
    expect(existsSync(path('out.pst'))).toBe(false);
  });

  it('as a folder is refused too, and what a folder holds of other sources is taken once', async () => {
    const { put, run, path } = scene();
    put('in/1.eml', mail('1'));
    put('in/sub/2.eml', mail('2'));
    put('in/sub/deep/3.eml', mail('3'));
    symlinkSync(path('in'), path('link'));
    await expect(run([path('in'), path('link')])).rejects.toMatchObject({ code: 'convert.same-source' });
    const report = await run([path('in'), path('in/sub/2.eml'), path('in/sub/deep')]);
    expect(report).toMatchObject({ found: 3, written: 3 });
    expect(report.sources.flatMap(({ path: at, skipped }) => (skipped === undefined ? [] : [[at, skipped]]))).toEqual([
      [path('in/sub/2.eml'), 'a source of its own'],
      [path('in/sub/deep'), 'a source of its own'],
    ]);
    expect((await contentsOf(path('out.pst'))).filter((line) => line.includes(': ')).sort()).toEqual(['Imported: 2', 'deep: 3', 'in: 1']);
  });

  it('is two messages where a folder has it under two names, as mail servers do', async () => {
    const { put, run, path } = scene();
    put('in/1.eml', mail('1'));
    linkSync(path('in/1.eml'), path('in/2.eml'));
    expect(await run([path('in')])).toMatchObject({ found: 2, written: 2 });
  });
});

describe('an output that would be written over a source', () => {
  it.each([
    ['is that source', 'out.pst', (path: string) => path],
    [
      'is a link to it',
      'in.pst',
      (path: string, output: string) => {
        symlinkSync(path, output);
        return path;
      },
    ],
    [
      'is another name of it',
      'in.pst',
      (path: string, output: string) => {
        linkSync(path, output);
        return path;
      },
    ],
    ['is made where it is', 'out.pst.partial', (path: string) => path],
    ['has its journal where it is', 'out.pst.resume', (path: string) => path],
    ['makes a later part where it is', 'out.003.pst.partial', (path: string) => path],
  ])('is refused where it %s', async (_, name, arrange) => {
    const { put, run, path, dir } = scene();
    await run([put('1.eml', mail('1'))], { nameOf: () => path('made.pst') });
    const source = arrange(put(name, readFileSync(path('made.pst'))), path('out.pst'));
    const before = everything(dir);
    await expect(run([source])).rejects.toMatchObject({ code: 'convert.output-is-source', facts: { source, output: path('out.pst') } });
    expect(everything(dir)).toEqual(before);
  });
});

describe('an output that cannot be made', () => {
  it.each(['out.pst.partial', 'out.002.pst.state'])('is refused where somebody has a file %s, which stays', async (name) => {
    const { put, run, path, dir } = scene();
    const source = put('1.eml', mail('1'));
    put(name, 'mine');
    const before = everything(dir);
    await expect(run([source])).rejects.toMatchObject({ code: 'convert.output-exists', facts: { output: path(name) } });
    expect(everything(dir)).toEqual(before);
    // What a process that was killed has left is nobody's.
    writeFileSync(path('out.pst.lock'), '4999999\n');
    expect(await run([source])).toMatchObject({ written: 1 });
    expect(readdirSync(dir).sort()).toEqual(['1.eml', 'out.pst']);
  });

  it('is named with the reason where its folder is a file, or may not be written to', async () => {
    const { put, run, path, dir } = scene();
    const source = put('1.eml', mail('1'));
    put('file', '');
    await expect(run([source], { nameOf: () => path('file/out.pst') })).rejects.toMatchObject({
      code: 'convert.output-unwritable',
      facts: { output: path('file/out.pst'), reason: 'ENOTDIR' },
    });
    mkdirSync(path('closed'), 0o555);
    chmodSync(dir, 0o755);
    await asNobody(() =>
      expect(run([source], { nameOf: () => path('closed/out.pst') })).rejects.toMatchObject({
        code: 'convert.output-unwritable',
        facts: { output: path('closed/out.pst'), reason: 'EACCES' },
      }),
    );
    expect(readdirSync(path('closed'))).toEqual([]);
  });
});

describe('a size for parts that is smaller than an item', () => {
  it('gives the item a part of its own, and says how many are larger', async () => {
    const { put, run, path } = scene();
    put('in/1.eml', mail('1'));
    put('in/2.eml', large('2', 3_000_000));
    put('in/3.eml', mail('3'));
    const report = await run([path('in')], { maxBytes: 1_000_000 });
    expect(report).toMatchObject({ found: 3, written: 3, oversize: 1, parts: [{ items: 1 }, { items: 1 }, { items: 1 }] });
    expect(report.parts.map(({ bytes }) => bytes > 1_000_000)).toEqual([false, true, false]);
  });
});

describeSmallDisk('a disk that becomes full', 16, (disk) => {
  it('is named, keeps what is done, and the run is resumed when there is room', async () => {
    const { put, run, path } = scene();
    for (let number = 0; number < 12; number++) put(`in/${number}.eml`, large(String(number), 250_000));
    const clutter = join(disk, 'clutter');
    writeFileSync(clutter, new Uint8Array(12 * 1024 * 1024));
    const kept: KeptSums[] = [];
    const to = (folder: string) => ({
      nameOf: (ordinal: number) => join(folder, `out.${ordinal}.pst`),
      recordKey: () => new Uint8Array(16).fill(9),
      maxBytes: 3_000_000,
      checkpointAt: { bytes: 500_000, items: 1 },
    });
    const full = run([path('in')], { ...to(disk), onKept: (sums) => void kept.push(sums) });
    await expect(full).rejects.toMatchObject({ code: 'convert.output-unwritable', facts: { reason: 'ENOSPC' } });
    expect(kept).toEqual([{ items: expect.any(Number), parts: expect.any(Number) }]);
    expect(kept[0]?.items).toBeGreaterThan(2);
    expect(readdirSync(disk).filter((name) => name.endsWith('.pst'))).toEqual([]);
    // Still full: nothing of what is kept is lost.
    await expect(run([path('in')], to(disk))).rejects.toMatchObject({ code: 'convert.output-unwritable' });
    rmSync(clutter);
    const report = await run([path('in')], to(disk));
    expect(report).toMatchObject({ found: 12, written: 12, failed: 0, losses: {} });
    mkdirSync(path('elsewhere'));
    const undisturbed = await run([path('in')], to(path('elsewhere')));
    expect(report.parts.map(({ sha256 }) => sha256)).toEqual(undisturbed.parts.map(({ sha256 }) => sha256));
    expect(readdirSync(disk).sort()).toEqual(report.parts.map(({ file }) => file.slice(disk.length + 1)).sort());
    for (const name of readdirSync(disk)) rmSync(join(disk, name));
  });

  it('leaves nothing where nothing was done', async () => {
    const { put, run, path } = scene();
    put('1.eml', large('1', 3_000_000));
    writeFileSync(join(disk, 'clutter'), new Uint8Array(14 * 1024 * 1024));
    const full = run([path('1.eml')], { nameOf: () => join(disk, 'out.pst') });
    await expect(full).rejects.toMatchObject({ code: 'convert.output-unwritable', facts: { reason: 'ENOSPC' } });
    expect(readdirSync(disk)).toEqual(['clutter']);
    rmSync(join(disk, 'clutter'));
  });
});
