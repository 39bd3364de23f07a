import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';
import { writePst } from './pst.fixture.js';

// Stores are written and read; the machine may be busy.
jest.setTimeout(60_000);

// No gateway is needed, so none is there.
const run = runner('http://127.0.0.1:1');

const scene = async () => {
  const dir = tempDir();
  const at = (...names: string[]): string => join(dir, ...names);
  mkdirSync(at('home', 'ann'), { recursive: true });
  await writePst(at('home', 'ann', 'a.pst'), 1, ['one']);
  writeFileSync(at('home', 'letter.txt'), 'text');
  return { dir, at, plan: at('plan.csv') };
};

describe('discover scan', () => {
  it('writes a plan and says what it found', async () => {
    const { at, plan } = await scene();
    const { exitCode, stdout, stderr } = await run(['discover', 'scan', at('home'), '--out', plan, '--deep', '--domain', 'Contoso.com']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Plan\t.*plan\.csv\nStores\t1\nSize\t\d+\nTo upload\t1\nWithout an owner\t0\nSkipped\t0\nFiles seen\t2\n/);
    expect(stderr).toContain('2 files = 1 store + 1 others + 0 excluded + 0 that are no files + 0 unreadable\n');
    expect(readFileSync(plan, 'utf8')).toContain('upload,ann@contoso.com,no,a-');
  });

  it('prints one object with --json, and writes nothing with --dry-run', async () => {
    const { at, plan } = await scene();
    writeFileSync(at('roots.txt'), `${at('home')}\n\n`);
    const { exitCode, stdout } = await run(['discover', 'scan', '--roots', at('roots.txt'), '--out', plan, '--dry-run', '--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ files: { seen: 2, stores: 1, other: 1 }, stores: { upload: 1, withoutOwner: 1 }, skip: {} });
    expect(existsSync(plan)).toBe(false);
  });

  it('lets a map decide', async () => {
    const { at, plan } = await scene();
    writeFileSync(at('map.csv'), 'From;Owner\r\nann;boss@contoso.com\r\n');
    expect((await run(['discover', 'scan', at('home'), '--out', plan, '--map', at('map.csv')])).exitCode).toBe(0);
    expect(readFileSync(plan, 'utf8')).toContain('boss@contoso.com,no,a-');
  });

  it.each([
    ['no plan', ['/'], '--out: This option is needed, unless --dry-run is given.'],
    ['no root', ['--out', 'new.csv'], 'Give at least one folder'],
    ['a root that is not there', ['/nowhere', '--out', 'new.csv'], 'scan.root-unreadable: root /nowhere, reason ENOENT.'],
    ['a domain that is none', ['/', '--out', 'new.csv', '--domain', 'x@y'], '--domain: Give a domain such as contoso.com.'],
    ['a map that is not there', ['/', '--out', 'new.csv', '--map', '/nowhere.csv'], 'plan.not-found: file /nowhere.csv.'],
  ])('refuses %s', async (_, args, what) => {
    const { exitCode, stderr } = await run(['discover', 'scan', ...args]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(what)]);
    expect(existsSync('new.csv')).toBe(false);
  });
});
