import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { FakeClock, tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';
import { writePst } from './pst.fixture.js';

// Each run writes a PST and reads it back; the machine may be busy.
jest.setTimeout(60_000);

// No gateway is needed, so none is there.
const run = runner('http://127.0.0.1:1');

describe('pst convert, split and merge', () => {
  it('make PSTs and tell what is in them', async () => {
    const dir = tempDir();
    const at = (name: string): string => join(dir, name);
    await writePst(at('a.pst'), 1, ['one', 'two']);
    await writePst(at('b.pst'), 2, ['three']);
    const merged = await run(['pst', 'merge', at('a.pst'), at('b.pst'), at('both.pst')]);
    expect(merged).toMatchObject({ exitCode: 0 });
    expect(merged.stdout).toMatch(/both\.pst\t\d+\t3\t\d+\t[0-9a-f]{64}\n$/);
    expect(merged.stderr).toContain('3 items found = 3 written + 0 failed\n');
    expect((await run(['pst', 'diff', at('a.pst'), at('both.pst'), '--allow-extra'])).exitCode).toBe(0);
    expect((await run(['pst', 'verify', at('both.pst')])).exitCode).toBe(0);
    const split = await run(['pst', 'split', at('both.pst'), '--size', '1MiB', '--json']);
    expect(JSON.parse(split.stdout)).toMatchObject({
      found: 3,
      written: 3,
      failed: 0,
      parts: [{ file: at('both.split.pst') }],
      lossesIn: null,
    });
    const apart = await run(['pst', 'convert', at('a.pst'), at('b.pst'), at('apart.pst'), '--keep-apart']);
    expect(apart.exitCode).toBe(0);
    expect((await run(['pst', 'ls', at('apart.pst')])).stdout).toMatch(/folder\ta\/Inbox\t.*\nfolder\tb\t/);
  });

  it('list every loss in a file beside the PST, and end with 10', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'mail'));
    writeFileSync(join(dir, 'mail', 'good.eml'), 'Subject: good\r\n\r\nText');
    writeFileSync(join(dir, 'mail', '=bad.msg'), Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]));
    const output = join(dir, 'out.pst');
    const { exitCode, stderr } = await run(['pst', 'convert', join(dir, 'mail'), output]);
    expect(exitCode).toBe(10);
    expect(stderr).toContain('2 items found = 1 written + 1 failed\n');
    expect(stderr).toContain('=bad.msg › mail: msg.unreadable (item not in the PST)\n');
    expect(readFileSync(join(dir, 'out.losses.csv'), 'utf8')).toBe(
      `Source,Folder,Item,Problem,Item in the PST\r\n${join(dir, 'mail', '=bad.msg')},mail,,msg.unreadable,no\r\n`,
    );
  });

  it.each([
    ['nothing to convert', ['convert', 'out.pst'], 'There must be at least one source'],
    ['a name that is no PST', ['convert', 'a.eml', 'out.txt'], 'must end in .pst'],
    ['a size that is none', ['split', 'a.pst', '--size', 'large'], '--size: Give a size from 1MiB to 50GiB'],
    ['one PST to merge', ['merge', 'a.pst', 'out.pst'], 'at least two PSTs'],
    ['a source that is not there', ['convert', '/nowhere/a.pst', 'out.pst'], '/nowhere/a.pst cannot be read (ENOENT).'],
  ])('refuse %s', async (_, args, what) => {
    const { exitCode, stderr } = await run(['pst', ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(what)]);
    expect(existsSync('out.pst')).toBe(false);
  });

  it('refuse a source that is given twice or is the output, and say that an item is larger than the size', async () => {
    const dir = tempDir();
    const at = (name: string): string => join(dir, name);
    await writePst(at('a.pst'), 1, ['one']);
    const twice = await run(['pst', 'merge', at('a.pst'), at('a.pst'), at('both.pst')]);
    expect([twice.exitCode, twice.stderr]).toEqual([2, expect.stringContaining('a.pst is given twice.')]);
    const over = await run(['pst', 'convert', at('a.pst'), at('a.pst')]);
    expect([over.exitCode, over.stderr]).toEqual([2, expect.stringMatching(/a\.pst is a source\..*No source is ever changed/s)]);
    writeFileSync(at('large.eml'), `Subject: large\r\n\r\n${'x'.repeat(2_000_000)}`);
    const large = await run(['pst', 'convert', at('large.eml'), at('large.pst'), '--split', '1MiB']);
    expect([large.exitCode, large.stderr]).toEqual([0, expect.stringContaining('1 PST is larger than the size that was asked for')]);
    expect(readdirSync(dir).sort()).toEqual(['a.pst', 'large.eml', 'large.pst']);
  });

  it('resume what was interrupted, with all its losses, and begin again if asked', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'mail'));
    writeFileSync(join(dir, 'mail', '=bad.msg'), Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]));
    for (let number = 0; number < 4; number++) writeFileSync(join(dir, 'mail', `${number}.eml`), `Subject: ${number}\r\n\r\nText`);
    const argv = ['pst', 'convert', join(dir, 'mail'), join(dir, 'out.pst')];
    const stop = new AbortController();
    const clock = new FakeClock();
    // Asked for the line of progress, once for each item.
    let items = 0;
    jest.spyOn(clock, 'monotonicMs').mockImplementation(() => {
      if (++items === 3) stop.abort(new Error('interrupted'));
      return 0;
    });
    const stopped = await run(argv, { clock, signal: stop.signal });
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toMatch(/Kept: \d items?\. The same command resumes; with --restart it begins again\./);
    expect(readdirSync(dir).filter((name) => /\.(?:pst|csv)$/.test(name))).toEqual([]);
    const other = await run([...argv, '--recover']);
    expect([other.exitCode, other.stderr]).toEqual([2, expect.stringContaining('was asked for something else (--recover)')]);
    const resumed = await run(argv);
    expect(resumed.exitCode).toBe(10);
    expect(resumed.stderr).toMatch(/^Resuming; the run that was stopped has kept \d items?\.$/m);
    expect(resumed.stderr).toContain('5 items found = 4 written + 1 failed\n');
    expect(readFileSync(join(dir, 'out.losses.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(2);
    expect(readdirSync(dir).sort()).toEqual(['mail', 'out.losses.csv', 'out.pst']);
  });

  it('say which source changed while it was read, what happened to it, and what to do', async () => {
    const dir = tempDir();
    const box = join(dir, 'in.mbox');
    writeFileSync(box, 'From - Mon Jul 01\nSubject: 1\n\nText\n');
    const clock = new FakeClock();
    // Asked at the start, and for the line of progress once for each item.
    let asked = 0;
    jest.spyOn(clock, 'monotonicMs').mockImplementation(() => {
      if (++asked === 2) writeFileSync(box, 'From - Mon Jul 01\nSubject: 1\n\nText\n\nFrom - Mon Jul 01\nSubject: 2\n\nText\n');
      return 0;
    });
    const { exitCode, stderr } = await run(['pst', 'convert', box, join(dir, 'out.pst')], { clock });
    expect(exitCode).toBe(10);
    expect(stderr).toContain(`${box}: source.changed grew from 35 to 71 bytes while it was read\n`);
    expect(stderr).toContain('1 source changed while it was converted.');
    expect(readFileSync(join(dir, 'out.losses.csv'), 'utf8')).toContain('source.changed grew from');
  });

  it('never replace a file, nor leave one behind', async () => {
    const dir = tempDir();
    await writePst(join(dir, 'a.pst'), 1, ['one']);
    writeFileSync(join(dir, 'out.pst'), 'mine');
    const { exitCode, stderr } = await run(['pst', 'convert', join(dir, 'a.pst'), join(dir, 'out.pst')]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('There is already a file')]);
    expect(readdirSync(dir).sort()).toEqual(['a.pst', 'out.pst']);
  });
});
