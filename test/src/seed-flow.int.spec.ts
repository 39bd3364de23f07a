import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot, tempDir } from '@pstream/testing';

const run = promisify(execFile);
const script = join(repositoryRoot, 'tools', 'seed-flow.mjs');

describe('the way of an operator', () => {
  it('leads from an empty system to a finished migration, with the command line alone', async () => {
    const { stdout } = await run(process.execPath, [script], { maxBuffer: 2 ** 24 });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('seed flow passed');
  }, 600_000);

  it('is not begun in a folder that holds something, which a second run would wait in for ever', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'kept.txt'), '');
    for (const given of [dir, join(dir, 'kept.txt'), '--help'])
      await expect(run(process.execPath, [script, given])).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`${given} cannot be used. Give a folder that is new or empty`) as string,
      });
    expect(readdirSync(dir)).toEqual(['kept.txt']);
  });
});
