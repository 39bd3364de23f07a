import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';

import { ID, PROPERTY_SET, PT, type MapiItem } from '@pstream/mapi';
import { describeShared } from '@pstream/testing';

import type { FolderSpec } from './index.js';
import { anyItem, binary, file, integer, mail, named, pattern, person, text } from './items.fixture.js';
import { beginPart, partTarget } from './store-copy.fixture.js';

const part = async (
  folders: readonly FolderSpec[],
  items: readonly (readonly [string, MapiItem])[],
  encoding: 'none' | 'permute' = 'none',
): Promise<Buffer> => {
  const target = partTarget();
  const writer = beginPart(target, encoding);
  for (const folder of folders) writer.ensureFolder(folder);
  for (const [folder, item] of items) await writer.addItem(folder, item);
  await writer.seal();
  return target.file();
};

describeShared('parts before independent readers', (shared) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pst-writer-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (tool: string, ...args: readonly string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync('python3', [join(shared, 'tools', tool), ...args], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };
  const lint = (bytes: Uint8Array): string => {
    const path = join(folder, 'linted.pst');
    writeFileSync(path, bytes);
    const { status, output } = run('pstlint.py', '--strict', path);
    return status === 0 ? 'clean' : output;
  };

  it('finds nothing wrong with an empty part', async () => {
    expect(lint(await part([], []))).toBe('clean');
  });

  it('finds nothing wrong with all kinds of items', async () => {
    for (const items of fc.sample(fc.array(anyItem(2), { minLength: 8, maxLength: 8 }), { numRuns: 6, seed: 20_240_101 })) {
      const folders = [{ key: 'f', parent: null, name: 'Folder' }];
      expect(
        lint(
          await part(
            folders,
            items.map((item) => ['f', item] as const),
            'permute',
          ),
        ),
      ).toBe('clean');
    }
  });

  it('finds nothing wrong with a tree of 70 folders and default folders', async () => {
    const folders: FolderSpec[] = [
      'inbox',
      'sentitems',
      'deleteditems',
      'drafts',
      'outbox',
      'calendar',
      'contacts',
      'tasks',
      'notes',
      'journal',
      'syncissues',
      'junkemail',
    ].map((name) => ({
      key: name,
      parent: null,
      name: `The ${name}`,
      wellKnownName: name,
    }));
    for (let i = 0; i < 60; i++) folders.push({ key: `f${i}`, parent: i < 5 ? 'inbox' : `f${i % 5}`, name: `Folder ${i}` });
    expect(
      lint(
        await part(
          folders,
          folders.map(({ key }) => [key, mail(`in ${key}`)]),
        ),
      ),
    ).toBe('clean');
  });

  it('finds nothing wrong with thousands of names', async () => {
    const items = Array.from({ length: 40 }, (_, k) =>
      mail(
        `names ${k}`,
        {},
        Array.from({ length: 100 }, (_unused, i) =>
          i % 2 === 0
            ? named({ set: PROPERTY_SET.common, lid: 0x8000 + 100 * k + i }, integer(0, i))
            : named({ set: i % 3 === 0 ? PROPERTY_SET.publicStrings : pattern(16, k), name: `Name ${k}-${i} ü` }, text(0, `${i}`)),
        ),
      ),
    );
    expect(
      lint(
        await part(
          [{ key: 'f', parent: null, name: 'F' }],
          items.map((item) => ['f', item]),
        ),
      ),
    ).toBe('clean');
  });

  it('finds nothing wrong with a folder whose table has thousands of rows, long cells and hidden items', async () => {
    const items = Array.from({ length: 3000 }, (_, i): MapiItem => {
      const recipients =
        i % 500 === 0
          ? Array.from({ length: 120 }, (_unused, k) => person(1 + (k % 3), `Somebody with a long name ${k}`, `p${k}@example.org`))
          : [];
      return mail(`message ${i} ${'x'.repeat(i % 90)}`, { recipients, associated: i % 7 === 0 });
    });
    expect(
      lint(
        await part(
          [{ key: 'f', parent: null, name: 'F' }],
          items.map((item) => ['f', item]),
        ),
      ),
    ).toBe('clean');
  });

  it('finds nothing wrong with data trees and subnode trees of two levels', async () => {
    const manyParts = mail('many parts', {
      attachments: Array.from({ length: 800 }, (_, i) => file(`part ${i}`, i % 400 === 0 ? 5000 : 10)),
    });
    const large = mail('large', {
      attachments: [file('large.bin', 1021 * 8176 + 12_345), file('exact.bin', 1021 * 8176), file('leaf.bin', 8176)],
    });
    expect(
      lint(
        await part(
          [{ key: 'f', parent: null, name: 'F' }],
          [
            ['f', manyParts],
            ['f', large],
          ],
        ),
      ),
    ).toBe('clean');
  });

  it('finds nothing wrong with messages in messages, twenty deep', async () => {
    let item = mail('innermost', { attachments: [file('a.txt', 5)] });
    for (let i = 0; i < 18; i++) item = mail(`level ${i}`, { attachments: [{ properties: [], embedded: item }] });
    expect(lint(await part([{ key: 'f', parent: null, name: 'F' }], [['f', item]]))).toBe('clean');
  });

  it('finds nothing wrong with a message of 700 properties', async () => {
    const more = Array.from({ length: 700 }, (_, i) => binary(0x5000 + i, i % 40 === 0 ? 4000 : i % 90));
    expect(lint(await part([{ key: 'f', parent: null, name: 'F' }], [['f', mail('wide', {}, more)]]))).toBe('clean');
  });

  it('finds nothing wrong with items that lack everything', async () => {
    const bare: MapiItem = {
      properties: [],
      recipients: [{ properties: [] }],
      attachments: [{ properties: [] }],
      associated: false,
      warnings: [],
    };
    const ole = { ...bare, attachments: [{ properties: [{ id: ID.AttachData, type: PT.Object, value: new Uint8Array(0) }] }] };
    expect(
      lint(
        await part(
          [{ key: 'f', parent: null, name: '' }],
          [
            ['f', bare],
            ['f', ole],
          ],
        ),
      ),
    ).toBe('clean');
  });
});
