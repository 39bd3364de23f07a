import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterTheFile, jestGlobal } from './jest-globals.js';

/** A suite on a file system of so many MiB of its own; skipped, with the reason in its title, where none can be mounted. */
export const describeSmallDisk = (title: string, mebibytes: number, body: (path: string) => void): void => {
  const path = mkdtempSync(join(tmpdir(), 'pstream-small-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    jestGlobal('describe').skip(`${title} (skipped: a file system of its own cannot be mounted here)`, () => {
      jestGlobal('it')('needs a file system of its own', () => undefined);
    });
    return;
  }
  afterTheFile(() => {
    execFileSync('umount', ['-l', path]);
    rmdirSync(path);
  });
  jestGlobal('describe')(title, () => body(path));
};
