import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';
import { writePst } from './pst.fixture.js';

// No gateway is needed, so none is there.
const run = runner('http://127.0.0.1:1');
const dir = tempDir();
const [original, same, other] = ['original.pst', 'same.pst', 'other.pst'].map((name) => join(dir, name)) as [string, string, string];

beforeAll(async () => {
  await writePst(original, 1, ['first', 'second \u001b[31m']);
  await writePst(same, 2, ['first', 'second \u001b[31m']);
  await writePst(other, 3, ['first changed']);
});

describe('pst commands', () => {
  it('tell what a file holds', async () => {
    expect((await run(['pst', 'info', original])).stdout).toContain('Form\tunicode, version 23\n');
    expect(JSON.parse((await run(['pst', 'info', original, '--json'])).stdout)).toMatchObject({ form: 'unicode', items: 2, problems: [] });
  });

  it('list folders, and items on demand, without letting them command the terminal', async () => {
    const folders = await run(['pst', 'ls', original]);
    expect(folders.stdout).toContain('folder\tInbox\tIPF.Note\t2');
    expect(folders.stdout).not.toContain('first');
    const { stdout } = await run(['pst', 'ls', original, '--under', 'Inbox', '--items']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stdout).toContain('2021-03-04T05:06:07');
    expect((await run(['pst', 'ls', original, '--items'], { tty: true })).stdout).not.toContain('\u001b');
    const { items } = JSON.parse((await run(['pst', 'ls', original, '--items', '--json'])).stdout) as { items: { kind: string }[] };
    expect(items.filter(({ kind }) => kind === 'item')).toHaveLength(2);
  });

  it('print every property of what a path names', async () => {
    const listed = (await run(['pst', 'ls', original, '--items'])).stdout;
    const path = /\t(Inbox#0x[0-9a-f]+)\t/.exec(listed)?.[1] ?? '';
    const { exitCode, stdout } = await run(['pst', 'cat', original, path, '--max-bytes', '4']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/item\t0x?0?037001f\tSubject\t\w+\tfirst\n/i);
    expect(JSON.parse((await run(['pst', 'cat', original, path, '--json'])).stdout)).toMatchObject({ kind: 'item' });
    expect((await run(['pst', 'cat', original, 'Inbox'])).stdout).toContain('folder\t');
    expect((await run(['pst', 'cat', original, 'Nowhere'])).exitCode).toBe(1);
  });

  it('verify files, and end with 10 if one has problems', async () => {
    const sound = await run(['pst', 'verify', original, same]);
    expect(sound).toMatchObject({ exitCode: 0, stderr: '' });
    expect(sound.stdout.split('\n')[0]).toMatch(/original\.pst\tok\t\d+\t2\t\d+\t[0-9a-f]{64}\t0$/);
    const bytes = readFileSync(original);
    bytes[0x4a00] = (bytes[0x4a00] ?? 0) ^ 1;
    const damaged = join(dir, 'damaged.pst');
    writeFileSync(damaged, bytes);
    const { exitCode, stdout, stderr } = await run(['pst', 'verify', original, damaged]);
    expect([exitCode, stdout.includes('damaged.pst\tproblems')]).toEqual([10, true]);
    expect(stderr).toContain('damaged.pst: ');
    expect(JSON.parse((await run(['pst', 'verify', damaged, '--json'])).stdout)).toMatchObject({ ok: false });
  });

  it('compare a file with its copies, and end with 10 if they differ', async () => {
    expect(await run(['pst', 'diff', original, same])).toMatchObject({ exitCode: 0, stderr: '' });
    const { exitCode, stdout, stderr } = await run(['pst', 'diff', original, other]);
    expect(exitCode).toBe(10);
    expect(stdout).toContain('Items lost\t1\n');
    expect(stderr).toContain('lost: item at Inbox#');
  });

  it('say what is wrong with a file that is none, and which', async () => {
    const at = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    };
    const none = at('none.pst', 'x'.repeat(1_000));
    const empty = at('empty.pst', '');
    const cut = at('cut.pst', readFileSync(original).subarray(0, 300));
    const pipe = join(dir, 'pipe.pst');
    execFileSync('mkfifo', [pipe]);
    for (const [argv, what] of [
      [['info', none], `${none} is no PST or OST: pst.not-a-pst at HEADER/dwMagic, expected !BDN, found 78787878.`],
      [['ls', empty], `${empty} is no PST or OST: pst.not-a-pst at HEADER/dwMagic, expected !BDN, found 0 bytes.`],
      [['check-import', cut], `${cut} is cut off: pst.truncated at HEADER, expected 564, found 300.`],
      [['ls', join(dir, 'missing.pst')], `${join(dir, 'missing.pst')} cannot be read (ENOENT).`],
      [['cat', dir, 'Inbox'], `${dir} cannot be read (not a file).`],
      [['info', pipe], `${pipe} cannot be read (not a file).`],
      [['diff', original, pipe], `${pipe} cannot be read (not a file).`],
    ] as const) {
      const { exitCode, stderr } = await run(['pst', ...argv]);
      expect([argv, exitCode, stderr.split('\n')[0]]).toEqual([argv, 1, `Error: ${what}`]);
      expect(stderr).toMatch(/^Error: .+\n.+\nTry: pstream pst .+\n$/);
    }
  });
});
