import { jest } from '@jest/globals';
import { join } from 'node:path';
import { repositoryRoot, tempDir } from '@pstream/testing';
import { describeWith, ORACLES, run } from './readers/oracles.fixture.js';

jest.setTimeout(300_000);

/** Gibibytes: 300 MB, beyond the first FMap page and with data trees of two levels. `npm run soak` takes larger ones. */
const SIZE = '0.3';

describeWith('a part of 300 MB', ORACLES.pstlint.missing ?? ORACLES['outlook-pst'].missing, () => {
  it('meets no objection of our verify, of pstlint --strict and of outlook-pst', () => {
    const { status, stdout, stderr } = run(process.execPath, [join(repositoryRoot, 'test', 'soak', 'main.mjs'), SIZE, '--dir', tempDir()]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/ 0 error\(s\), 0 warning\(s\)\n/);
    expect(stdout).toMatch(/no objections\n$/);
  });
});
