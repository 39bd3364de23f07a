import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { readRows } from './read-rows.js';

const read = async (content: string | Uint8Array) => {
  const file = join(tempDir(), 'a.csv');
  writeFileSync(file, content);
  const out = [];
  for await (const { row, cells } of readRows(file, ['Path'])) out.push([row, Object.fromEntries(cells)]);
  return out;
};

describe('rows of a CSV file', () => {
  it('are read as spreadsheets write them', async () => {
    const rows = [
      [2, { path: '/a', owner: 'b' }],
      [4, { path: '/c;d,e', owner: '' }],
    ];
    expect(await read('Path,Owner\r\n/a,b\r\n\r\n"/c;d,e",\r\n')).toEqual(rows);
    expect(await read('\uFEFFPATH;owner\n/a;b\n;\n"/c;d,e";\n')).toEqual(rows);
    expect(await read('path\tOwner\n/a\tb\n\t\n/c;d,e\t')).toEqual(rows);
  });
  it('lose the apostrophe that keeps a cell from being a formula, and nothing else', async () => {
    expect(await read("Path\n'=x\n'x\n /a \n")).toEqual([
      [2, { path: '=x' }],
      [3, { path: "'x" }],
      [4, { path: ' /a ' }],
    ]);
  });
  it('have more or fewer cells than the first one', async () => {
    expect(await read('Path,Owner\n/a\n/b,c,d\n')).toEqual([
      [2, { path: '/a' }],
      [3, { path: '/b', owner: 'c' }],
    ]);
  });
  it.each([
    ['nothing', '', 'plan.column-missing'],
    ['another file', 'hello\nworld\n', 'plan.column-missing'],
    ['Latin-1', Buffer.from('Path\n/J\xf6rg\n', 'latin1'), 'plan.not-utf8'],
    ['an open quotation mark', `Path\n/a\n"/b\n${'/c\n'.repeat(100_000)}`, 'plan.not-csv'],
  ])('are none in %s', async (_, content, code) => {
    await expect(read(content)).rejects.toMatchObject({ code });
  });
  it('are none where there is no file, or a folder', async () => {
    const all = async (file: string): Promise<void> => {
      for await (const row of readRows(file, [])) expect(row).toBeUndefined();
    };
    await expect(all(join(tempDir(), 'none.csv'))).rejects.toMatchObject({ code: 'plan.not-found' });
    await expect(all(tempDir())).rejects.toMatchObject({ code: 'plan.unreadable', facts: { reason: 'EISDIR' } });
  });
});
