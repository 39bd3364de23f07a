import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../shared-dir.js';
import { runToEnd } from './child.js';

/** Folder with the jars of `libs/testing/servers/<server>/pom.xml` and, in `versions.txt`, their names; undefined where Maven cannot
 *  get them. Kept under the pom's hash in `.cache`; two processes may fetch them at once, the first to finish wins. */
export const mavenJars = async (server: string): Promise<string | undefined> => {
  const pom = join(repositoryRoot, 'libs/testing/servers', server, 'pom.xml');
  const cache = join(repositoryRoot, '.cache', server);
  const jars = join(cache, createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 16));
  if (existsSync(jars)) return jars;
  const partial = `${jars}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  const run = await runToEnd('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`]);
  if (run.code !== 0) {
    rmSync(partial, { recursive: true, force: true });
    return undefined;
  }
  writeFileSync(join(partial, 'versions.txt'), readdirSync(partial).join('\n'));
  try {
    renameSync(partial, jars);
  } catch {
    rmSync(partial, { recursive: true, force: true });
  }
  return jars;
};
