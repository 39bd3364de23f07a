import { jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeShared, tempDir } from '@pstream/testing';
import { bufferSource, fileSource, openPst } from '../reader/index.js';
import { pstDiff } from '../tools/index.js';
import { copyOf } from './store-copy.fixture.js';

// Each test starts Python programs; the machine may be busy.
jest.setTimeout(120_000);

/** Stores of contacts that have neither search key nor any time, by which pstdiff pairs items; a store must have both, so the copy has.
 *  There pairs are found by class and subject instead, and compared as always. */
const PAIRED_BY_SUBJECT = ['pst/Aspose.Email__PersonalStorageFile1.pst', 'pst/Aspose.Email__SampleContacts.pst'];
const BY_SUBJECT =
  'import pstdiff, sys; pstdiff.pair_key = lambda m: repr([pstdiff.kept(m.props).get(k) for k in (0x1A, 0x37)]); sys.exit(pstdiff.main())';

/** Three items with a property of an illegal type each: unreadable says our comparison, and so the copies of the rest are extra. */
const DAMAGED = 'pst/Aspose.Email__chunks_Personal_folders_part11.pst';

describeShared('the copy of every readable store, by our reader and writer', (shared) => {
  const { files } = JSON.parse(readFileSync(join(shared, 'data/manifest.json'), 'utf8')) as {
    files: { file: string; wVer?: number; items?: number }[];
  };
  const readable = files.filter(({ file, items }) => /^(pst|ost)\//.test(file) && items !== undefined);
  const tools = join(shared, 'tools');
  const scratch = tempDir();

  const python = (...args: readonly string[]): { status: number | null; output: string } => {
    const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8', env: { ...process.env, PYTHONPATH: tools } });
    return { status, output: stdout + stderr };
  };

  it('is of all but the two that no reader opens', () => {
    expect(files.filter(({ file }) => /^(pst|ost)\//.test(file)).length - readable.length).toBe(2);
    expect(readable.length).toBeGreaterThan(30);
  });

  it.each(readable.map((entry) => [entry.file, entry] as const))('has no error, no warning, no difference: %s', async (file, { wVer }) => {
    const original = join(shared, 'data', file);
    const { bytes, topFolder } = await copyOf(original, 'permute');
    const copy = join(scratch, basename(file));
    writeFileSync(copy, bytes);
    expect(python(join(tools, 'pstlint.py'), '--strict', copy).output).toMatch(/: 0 error\(s\), 0 warning\(s\)\n$/);
    const source = await fileSource(original);
    try {
      const options = { associated: true, topFolder, allowExtra: file === DAMAGED };
      const diff = await pstDiff(
        await openPst(source, { mode: 'lenient' }),
        [await openPst(bufferSource(bytes), { mode: 'strict' })],
        options,
      );
      expect(diff).toMatchObject({ differences: 0, notes: [], unreadable: file === DAMAGED ? 3 : 0 });
    } finally {
      await source.close();
    }
    // It reads Unicode stores with pages of 512 bytes only.
    if (wVer !== 23) return;
    const diff = PAIRED_BY_SUBJECT.includes(file) ? ['-c', BY_SUBJECT] : [join(tools, 'pstdiff.py')];
    const { status, output } = python(...diff, original, copy, '--show', '5');
    expect(status === 0 ? 'no difference' : output).toBe('no difference');
  });
});
