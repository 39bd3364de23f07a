import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filetimeOf, ID, PT, utf16, type MapiItem, type Property } from '@pstream/mapi';
import { PstWriter } from '@pstream/pst';
import { tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';

// No gateway is needed, so none is there.
const run = runner('http://127.0.0.1:1');
const dir = tempDir();
const [original, same, other] = ['original.pst', 'same.pst', 'other.pst'].map((name) => join(dir, name)) as [string, string, string];

const text = (id: number, value: string): Property => ({ id, type: PT.String, value: utf16(value) });
const mail = (subject: string, key: number): MapiItem => ({
  properties: [
    text(ID.MessageClass, 'IPM.Note'),
    text(ID.Subject, subject),
    { id: ID.SearchKey, type: PT.Binary, value: new Uint8Array(16).fill(key) },
    { id: ID.MessageDeliveryTime, type: PT.Time, value: filetimeOf('2021-03-04T05:06:07Z') },
  ],
  recipients: [],
  attachments: [],
  associated: false,
  warnings: [],
});

const write = async (path: string, recordKey: number, subjects: readonly string[]): Promise<void> => {
  const extents = new Map<number, Uint8Array>();
  const target = {
    stage: (index: number, bytes: Uint8Array): Promise<void> => {
      extents.set(index, bytes.slice());
      return Promise.resolve();
    },
  };
  const writer = PstWriter.create(target, {
    recordKey: new Uint8Array(16).fill(recordKey),
    displayName: 'Part',
    createdAt: '2024-01-01T00:00:00Z',
  });
  writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox', wellKnownName: 'inbox' });
  for (const [at, subject] of subjects.entries()) await writer.addItem('in', mail(subject, at + 1));
  await writer.seal();
  writeFileSync(path, Buffer.concat([...extents].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)));
};

beforeAll(async () => {
  await write(original, 1, ['first', 'second \u001b[31m']);
  await write(same, 2, ['first', 'second \u001b[31m']);
  await write(other, 3, ['first changed']);
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

  it('say what is wrong with a file that is none', async () => {
    const none = join(dir, 'none.pst');
    writeFileSync(none, 'x'.repeat(1_000));
    for (const argv of [
      ['pst', 'info', none],
      ['pst', 'ls', join(dir, 'missing.pst')],
      ['pst', 'diff', original, none],
    ]) {
      const { exitCode, stderr } = await run(argv);
      expect([argv, exitCode]).toEqual([argv, 1]);
      expect(stderr).toMatch(/^Error: Failed: pst\.[a-z-]+\.\n.+\nTry: pstream pst verify FILE\n$/);
    }
  });
});
