import { bufferSource, openPst } from '../reader/index.js';
import { file, mail } from '../writer/items.fixture.js';
import { memoryPart } from '../writer/memory-target.fixture.js';
import { IMPORT_LIMITS, pstImportCheck } from './import-check.js';

describe('the check for an import', () => {
  it('names what is over a limit', async () => {
    const { target, writer } = memoryPart({ recordKey: new Uint8Array(16).fill(1), displayName: 'Part' });
    const long = 'n'.repeat(IMPORT_LIMITS.nameLength + 1);
    writer.ensureFolder({ key: 'in', parent: null, name: long });
    await writer.addItem('in', mail('small'));
    let parent = 'in';
    for (let level = 2; level <= IMPORT_LIMITS.levels + 1; level++) {
      writer.ensureFolder({ key: `${level}`, parent, name: 'x' });
      parent = `${level}`;
    }
    await writer.seal();
    const { folders, items, problems } = await pstImportCheck(await openPst(bufferSource(target.file()), { mode: 'lenient' }));
    expect([folders, items]).toEqual([IMPORT_LIMITS.levels + 3, 1]);
    expect(problems.map(({ code, found }) => [code, found])).toEqual([
      ['folder-name-too-long', IMPORT_LIMITS.nameLength + 1],
      ['folder-too-deep', IMPORT_LIMITS.levels + 1],
    ]);
  });

  it('names items that are left out for their size, and a file with too much in it', async () => {
    const { target, writer } = memoryPart({ recordKey: new Uint8Array(16).fill(1), displayName: 'Part' });
    writer.ensureFolder({ key: 'in', parent: null, name: 'Inbox' });
    await writer.addItem('in', mail('small'));
    await writer.addItem('in', mail('large', { attachments: [file('large.bin', 20_000)] }));
    await writer.seal();
    const limits = { ...IMPORT_LIMITS, fileBytes: 1_000, folders: 2, itemBytes: 20_000 };
    const bytes = target.file();
    const { problems } = await pstImportCheck(await openPst(bufferSource(bytes), { mode: 'lenient' }), undefined, limits);
    expect(problems).toEqual([
      { code: 'file-too-large', where: '', found: bytes.length, limit: 1_000 },
      { code: 'item-too-large', where: expect.stringMatching(/^Inbox#0x/) as string, found: expect.any(Number) as number, limit: 20_000 },
      { code: 'too-many-folders', where: '', found: 3, limit: 2 },
    ]);
  });
});
