import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { describeShared, tempDir } from '@pstream/testing';
import { convert } from './index.js';

// Two Python programs for each store; the machine may be busy.
jest.setTimeout(300_000);

/** What the independent comparison cannot read itself: ANSI, 4k pages, a store without its root, a message by a store's name. */
const NOT_COMPARED = /Outlook98Backup|EDRM_sample|2k_outlook|sample2|test_ansi|pstextractortest|badheader|not-a-pst/;

describeShared('every store and message of the reference data, converted', (shared) => {
  const data = join(shared, 'data');
  const stores = ['pst', 'ost'].flatMap((folder) => readdirSync(join(data, folder)).map((name) => join(data, folder, name)));
  const python = (tool: string, ...args: readonly string[]): string => {
    const { stdout, stderr } = spawnSync('python3', [join(shared, 'tools', tool), ...args], { encoding: 'utf8' });
    return stdout + stderr;
  };
  const run = async (sources: readonly string[]) => {
    const output = join(tempDir(), 'out.pst');
    const report = await convert({
      sources,
      nameOf: () => output,
      displayName: 'out',
      createdAt: '2024-01-01T00:00:00Z',
      recordKey: () => new Uint8Array(16).fill(3),
    });
    return { output, report };
  };

  it('is sound for a strict reader, adds up, and has every property', async () => {
    expect(stores.length).toBeGreaterThan(30);
    const outputs: string[] = [];
    for (const store of stores) {
      const { output, report } = await run([store]);
      outputs.push(output);
      expect([store, report.found, report.failed]).toEqual([store, report.written, 0]);
      if (NOT_COMPARED.test(store)) continue;
      expect([store, python('pstdiff.py', store, output)]).toEqual([store, expect.stringMatching(/kept 1\.0+, 0 difference\(s\)/)]);
    }
    const verdicts = python('pstlint.py', '--strict', ...outputs);
    expect(verdicts.match(/: 0 error\(s\), 0 warning\(s\)/g)).toHaveLength(stores.length);
  });

  it('goes into one PST with all the others', async () => {
    const { output, report } = await run([join(data, 'eml'), join(data, 'msg')]);
    expect(report).toMatchObject({ failed: 0, unreadable: 0 });
    expect(report.found).toBeGreaterThan(340);
    expect(python('pstlint.py', '--strict', output)).toMatch(/: 0 error\(s\), 0 warning\(s\)\n$/);
  });
});
