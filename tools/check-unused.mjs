// Files and exports that nothing uses, found by knip (knip.json). Exports through an index count too: nobody outside this repository
// imports a library. Their number may only fall. Usage: node tools/check-unused.mjs [--list]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ratchet, root } from './sources.mjs';

const knip = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'knip', 'bin', 'knip.js'),
    ...['--include-entry-exports', '--include', 'files,exports,types,duplicates', '--reporter', 'json', '--no-progress', '--no-exit-code'],
  ],
  { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
);
if (knip.status !== 0) {
  process.stderr.write(knip.stderr);
  process.exit(1);
}
/** Loaded by a path that is assembled at run time, or by Nx and .ci/run: nothing imports them. */
const LOADED_BY_PATH = /^(bench\/.*\.bench\.mjs|tools\/(nx-plugin|api-clients\/install)\.mjs|test\/src\/api\/main-job\.mjs)$/;

const issues = JSON.parse(knip.stdout).issues.filter(({ file }) => !LOADED_BY_PATH.test(file));
const found = issues.flatMap(({ file, files = [], exports = [], types = [], duplicates = [] }) => [
  ...files.map(() => `${file}: nothing imports this file`),
  ...[...exports, ...types].map(({ name, line }) => `${file}:${line}: nothing uses ${name}`),
  ...duplicates.map((names) => `${file}: one thing, exported as ${names.map(({ name }) => name).join(' and ')}`),
]);
const show = () => found.forEach((line) => process.stderr.write(`${line}\n`));
if (process.argv.includes('--list')) show();
process.exitCode = ratchet('unused exports and files', found.length, show) ? 0 : 1;
