import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { jestGlobal } from './jest-globals.js';

/** The root of this repository. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** The folder of reference data that is not part of the repository: env PSTREAM_SHARED, else `../shared` beside the
 *  repository's root; undefined where there is none. */
export const sharedDir = (): string | undefined => {
  const path = resolve(repositoryRoot, process.env['PSTREAM_SHARED'] ?? '../shared');
  return existsSync(path) ? path : undefined;
};

/** A suite over reference data; skipped, with the reason in its title, where the data is not there. */
export const describeShared = (title: string, body: (shared: string) => void): void => {
  const shared = sharedDir();
  if (shared !== undefined) jestGlobal('describe')(title, () => body(shared));
  else {
    jestGlobal('describe').skip(`${title} (skipped: no reference data, set PSTREAM_SHARED)`, () => {
      jestGlobal('it')('needs reference data', () => undefined);
    });
  }
};
