import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { tempDir } from '@pstream/testing';
import { convert } from './convert.js';
import type { ConvertOptions } from './options.js';
import type { KeptSums } from './report.js';

// Disk and verification; the machine may be busy.
jest.setTimeout(120_000);

/** A conversion of eight messages into two parts that is interrupted at the seventh, when one part is whole. */
const interrupted = async () => {
  const dir = tempDir();
  const path = (name: string): string => join(dir, name);
  mkdirSync(path('in'));
  for (let number = 0; number < 8; number++) writeFileSync(path(`in/${number}.eml`), `Subject: m${number}\r\n\r\n${'x'.repeat(100_000)}`);
  const told: { resumed?: KeptSums; kept?: KeptSums } = {};
  const run = (more: Partial<ConvertOptions> = {}) =>
    convert({
      sources: [path('in')],
      nameOf: (ordinal) => path(ordinal === 1 ? 'out.pst' : `out.${ordinal}.pst`),
      displayName: 'out',
      createdAt: '2024-01-01T00:00:00Z',
      recordKey: () => new Uint8Array(16).fill(5),
      maxBytes: 1_400_000,
      onResume: (sums) => void (told.resumed = sums),
      onKept: (sums) => void (told.kept = sums),
      ...more,
    });
  const stop = new AbortController();
  const stopping = run({ signal: stop.signal, onProgress: ({ found }) => found === 7 && stop.abort(new Error('stopped')) });
  await expect(stopping).rejects.toThrow('stopped');
  return { path, run, told, names: () => readdirSync(dir).sort() };
};

describe('a conversion that was stopped', () => {
  it('says what it keeps, and is resumed by the same call', async () => {
    const { run, told, names } = await interrupted();
    expect(told.kept).toEqual({ items: 7, parts: 1 });
    expect(names().filter((name) => name.endsWith('.pst'))).toEqual([]);
    expect(await run()).toMatchObject({ found: 8, written: 8, failed: 0, parts: [{ items: 5 }, { items: 3 }] });
    expect(told.resumed).toEqual({ items: 7, parts: 1 });
    expect(names()).toEqual(['in', 'out.2.pst', 'out.pst']);
  });

  it('is not resumed by another one, which --restart begins without what is kept', async () => {
    const { path, run, told, names } = await interrupted();
    const before = names();
    await expect(run({ maxBytes: 2_000_000, recover: true })).rejects.toMatchObject({
      code: 'convert.other-run',
      facts: { differs: ['recover', 'maxBytes'] },
    });
    expect(names()).toEqual(before);
    expect(await run({ sources: [path('in/1.eml')], restart: true })).toMatchObject({ found: 1, parts: [{ items: 1 }] });
    expect([told.resumed, names()]).toEqual([undefined, ['in', 'out.pst']]);
  });

  it.each([
    ['is missing', (path: (name: string) => string) => unlinkSync(path('in/2.eml'))],
    ['has others before it', (path: (name: string) => string) => writeFileSync(path('in/0a.eml'), 'Subject: new\r\n\r\n')],
  ])('is not resumed where a source %s', async (_, change) => {
    const { path, run, names } = await interrupted();
    change(path);
    const before = names();
    await expect(run()).rejects.toMatchObject({ code: 'convert.source-changed' });
    expect(names()).toEqual(before);
  });

  it('is not resumed within a source that was written to', async () => {
    const { path, run } = await interrupted();
    await run();
    const again = (more: Partial<ConvertOptions>) => run({ sources: [path('out.pst')], nameOf: () => path('copy.pst'), ...more });
    const stop = new AbortController();
    const stopping = again({ signal: stop.signal, onProgress: ({ found }) => found === 2 && stop.abort(new Error('stopped')) });
    await expect(stopping).rejects.toThrow('stopped');
    utimesSync(path('out.pst'), 1, 1);
    await expect(again({})).rejects.toMatchObject({ code: 'convert.source-changed', facts: { change: 'was written to' } });
  });

  it.each([
    ['a part is missing', (path: (name: string) => string) => rmSync(path('out.pst.partial')), 'out.pst.partial'],
    ['the open part is cut', (path: (name: string) => string) => truncateSync(path('out.2.pst.partial'), 1_000), 'out.2.pst.partial'],
    [
      'the state of the open part is cut',
      (path: (name: string) => string) => truncateSync(path('out.2.pst.state'), 1_000),
      'out.2.pst.state',
    ],
    [
      'its journal is changed',
      (path: (name: string) => string) =>
        writeFileSync(path('out.pst.resume'), readFileSync(path('out.pst.resume'), 'utf8').replace('"found":', '"found":1')),
      'out.pst.resume',
    ],
    [
      'its journal is somebody\u2019s file',
      (path: (name: string) => string) => writeFileSync(path('out.pst.resume'), 'my notes'),
      'out.pst.resume',
    ],
  ])('is not resumed where %s', async (_, damage, file) => {
    const { path, run, names } = await interrupted();
    damage(path);
    const before = names();
    await expect(run()).rejects.toMatchObject({ code: 'convert.kept-damaged', facts: { file: path(file) } });
    expect(existsSync(path('out.pst'))).toBe(false);
    expect(before.every((name) => names().includes(name))).toBe(true);
    expect(await run({ restart: true })).toMatchObject({ found: 8, written: 8 });
  });

  it('gives no file its name where one is taken, and goes on when it is free', async () => {
    const { path, run, told, names } = await interrupted();
    writeFileSync(path('out.2.pst'), 'mine');
    await expect(run()).rejects.toMatchObject({ code: 'convert.output-exists', facts: { output: path('out.2.pst') } });
    expect([told.kept, existsSync(path('out.pst')), readFileSync(path('out.2.pst'), 'utf8')]).toEqual([
      { items: 8, parts: 2 },
      false,
      'mine',
    ]);
    rmSync(path('out.2.pst'));
    expect(await run()).toMatchObject({ found: 8, written: 8, parts: [{ items: 5 }, { items: 3 }] });
    expect(names()).toEqual(['in', 'out.2.pst', 'out.pst']);
  });

  it('is not disturbed by a second one while it runs, and takes over what a dead process has left', async () => {
    const { path, run, names } = await interrupted();
    let second: unknown;
    const onProgress = (): void => {
      second ??= run().catch((error: unknown) => error);
    };
    expect(await run({ onProgress })).toMatchObject({ written: 8 });
    expect(await second).toMatchObject({ code: 'convert.running', facts: { lock: path('out.pst.lock'), process: process.pid } });
    for (const name of names().filter((each) => each.endsWith('.pst'))) rmSync(path(name));
    // no process has this number on any system
    writeFileSync(path('out.pst.lock'), '4999999\n');
    await run();
    expect(names()).toEqual(['in', 'out.2.pst', 'out.pst']);
  });
});
