// Starts jest in ESM mode on the workspace's own Node. Usage: node tools/jest.mjs [jest arguments]
// The time limit is given here, because jest reads it from the root configuration only, which `--projects` leaves aside. No test
// is a measurement: the limit is for what hangs, and a busy machine must not reach it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin', 'jest.js');
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    jest,
    '--testTimeout=120000',
    // Modules of suites that are over are never freed: a worker that has taken this much is replaced.
    '--workerIdleMemoryLimit=2GB',
    ...process.argv.slice(2),
  ],
  // Suites start some hundred processes, which would all compile the same modules: Node keeps the result.
  { stdio: 'inherit', env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../.cache/node', import.meta.url)), ...process.env } },
);
process.exit(run.status ?? 1);
