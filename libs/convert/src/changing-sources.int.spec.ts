import { appendFileSync, openSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { ConvertOptions } from './options.js';
import { contentsOf, mail, scene } from './scene.fixture.js';

// Disk and verification; the machine may be busy.
jest.setTimeout(120_000);

const mbox = (count: number): string =>
  Array.from({ length: count }, (_, at) => `From - Mon Jul 01\n${mail(`m${at}`, `\r\n${'x'.repeat(300_000)}`)}\n`).join('');

const subjects = async (path: string): Promise<string[]> =>
  (await contentsOf(path)).flatMap((line) => (line.includes(': ') ? [line.slice(line.indexOf(': ') + 2)] : []));

/** Does something when the nth item is met. */
const at = (nth: number, change: () => void): Pick<ConvertOptions, 'onProgress'> => ({
  onProgress: ({ found }) => {
    if (found === nth) change();
  },
});

/** A file whose time of the last write is long ago. */
const OLD = 1_700_000_000;

describe('a source that changes while it is read', () => {
  it.each([
    ['grows', (path: string) => appendFileSync(path, mbox(1)), /^grew from \d+ to \d+ bytes while it was read$/, 4],
    ['shrinks', (path: string) => truncateSync(path, 310_000), /^shrank from \d+ to 310000 bytes while it was read$/, 2],
    ['is written to', (path: string) => writeSync(openSync(path, 'r+'), '!', 900_000), /^was written to while it was read$/, 4],
    [
      'is replaced',
      (path: string) => {
        writeFileSync(`${path}.new`, mbox(1));
        renameSync(`${path}.new`, path);
      },
      /^was replaced by another file while it was read$/,
      4,
    ],
    ['is removed', (path: string) => rmSync(path), /^was removed while it was read$/, 4],
  ])('is named where it %s, with what was read of it and all others', async (_, change, text, atLeast) => {
    const { put, run, path, losses } = scene();
    put('in/a.mbox', mbox(4));
    put('in/b.eml', mail('after'));
    utimesSync(path('in/a.mbox'), OLD, OLD);
    const report = await run(
      [path('in')],
      at(1, () => change(path('in/a.mbox'))),
    );
    const [changed, after] = report.sources;
    expect(changed).toMatchObject({ path: path('in/a.mbox'), failed: 0, changed: expect.stringMatching(text) });
    expect(changed?.written).toBeGreaterThanOrEqual(atLeast - 1);
    expect(after).toEqual({ path: path('in/b.eml'), form: 'eml', found: 1, written: 1, failed: 0 });
    expect(report.losses['source.changed']).toBe(1);
    expect(losses.find(({ code }) => code.startsWith('source.changed'))).toMatchObject({
      source: path('in/a.mbox'),
      code: `source.changed ${changed?.changed}`,
      isWhole: false,
    });
    // What was added meanwhile may be half a message.
    expect(changed?.found).toBeLessThanOrEqual(4);
    expect((await subjects(path('out.pst'))).length).toBe(report.written);
  });

  it('is named where only the counters in the header of a store say so', async () => {
    const { put, run, path } = scene();
    put('a/1.eml', mail('1'));
    put('a/2.eml', mail('2'));
    await run([path('a')]);
    const store = path('out.pst');
    utimesSync(store, OLD, OLD);
    const { size } = statSync(store);
    const write = (): void => {
      // dwUnique, which every write of Outlook counts up. [MS-PST] 2.2.2.6.
      writeSync(openSync(store, 'r+'), Buffer.of(0x77), 0, 1, 40);
      utimesSync(store, OLD, OLD);
    };
    const report = await run([store], { nameOf: () => path('copy.pst'), ...at(2, write) });
    expect(statSync(store)).toMatchObject({ size, mtimeMs: OLD * 1000 });
    expect(report).toMatchObject({ found: 2, written: 2, sources: [{ changed: 'was written to while it was read' }] });
  });

  it('costs what is no longer there, and nothing else, where it is a file of one message', async () => {
    const { put, run, path, losses } = scene();
    for (const name of ['1', '2', '3']) put(`in/${name}.eml`, mail(name));
    const report = await run(
      [path('in')],
      at(2, () => rmSync(path('in/2.eml'))),
    );
    expect(report).toMatchObject({ found: 3, written: 2, failed: 1 });
    expect(losses.map(({ code, isWhole }) => [code, isWhole])).toEqual([
      ['source.unreadable', true],
      ['source.changed was removed while it was read', false],
    ]);
    expect(await subjects(path('out.pst'))).toEqual(['1', '3']);
  });
});

describe('a source that changes while a conversion is stopped', () => {
  it('is named if it was read to its end, once, and the PST has what was read', async () => {
    const { put, run, path, losses } = scene();
    for (const name of ['1', '2', '3']) put(`in/${name}.eml`, mail(name));
    const interrupted = async (nth: number): Promise<void> => {
      const stop = new AbortController();
      await expect(run([path('in')], { signal: stop.signal, ...at(nth, () => stop.abort(new Error('stopped'))) })).rejects.toThrow(
        'stopped',
      );
    };
    await interrupted(2);
    writeFileSync(path('in/1.eml'), mail('changed'));
    await interrupted(3);
    losses.length = 0;
    const report = await run([path('in')]);
    const changed = `grew from ${mail('1').length} to ${mail('changed').length} bytes after it was read`;
    expect(report).toMatchObject({ found: 3, written: 3, losses: { 'source.changed': 1 }, sources: [{ changed }, {}, {}] });
    expect(losses.map(({ code }) => code)).toEqual([`source.changed ${changed}`]);
    expect(await subjects(path('out.pst'))).toEqual(['1', '2', '3']);
  });
});
