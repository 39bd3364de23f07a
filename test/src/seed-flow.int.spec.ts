import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@pstream/testing';

describe('the way of an operator', () => {
  it('leads from an empty system to a finished migration, with the command line alone', async () => {
    const script = join(repositoryRoot, 'tools', 'seed-flow.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script], { maxBuffer: 2 ** 24 });
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('seed flow passed');
  }, 600_000);
});
