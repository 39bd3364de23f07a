import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';

const root = join(import.meta.dirname, '..', '..');
type Entry = { integrity?: string; resolved?: string };
const locked = 'node_modules/zod';

/** What the check says of our lockfile with one entry changed. */
const checked = (change: (entry: Entry) => void): { readonly status: number | null; readonly stderr: string } => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
  change(lock.packages[locked] ?? {});
  const file = join(tempDir(), 'package-lock.json');
  writeFileSync(file, JSON.stringify(lock));
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools', 'check-lock.mjs'), file], { encoding: 'utf8' });
  return { status, stderr };
};

describe('the lockfile', () => {
  it('has a hash for every package, and names no host', () => expect(checked(() => undefined)).toEqual({ status: 0, stderr: '' }));

  it('is refused where a hash is missing, is weak, or a host is named', () => {
    const noHash = { status: 1, stderr: `${locked}: no SHA-512 hash\n` };
    expect(checked((entry) => delete entry.integrity)).toEqual(noHash);
    expect(checked((entry) => (entry.integrity = 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='))).toEqual(noHash);
    expect(checked((entry) => (entry.resolved = 'https://packages.example/zod.tgz')).stderr).toContain('names a host');
  });
});
