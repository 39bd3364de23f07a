// Everything, `npm test`: installs and builds what is missing, runs the static steps and every suite, and ends with one
// line `N passed, N failed` (`, N skipped`). Suites on real servers say what they use: servers named by environment
// variables, containers where an engine answers, or local processes. With CI=true none of them may be skipped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, runStep, steps } from './check.mjs';
import { ready } from './ready.mjs';

const node = await ready(root);
const scratch = mkdtempSync(join(tmpdir(), 'pstream-test-'));
const report = join(scratch, 'jest.json');
const environment = { ...process.env, ...(process.env.CI === 'true' ? { PSTREAM_REQUIRE_SERVERS: '1' } : {}) };

const results = steps(node).map(runStep);
const jest = spawnSync(node, [join(root, 'tools', 'jest.mjs'), '--json', '--outputFile', report, ...process.argv.slice(2)], {
  cwd: root,
  env: environment,
  stdio: ['ignore', 'ignore', 'inherit'],
});

let passed = results.filter(Boolean).length;
let failed = results.length - passed;
let skipped = 0;
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests + numRuntimeErrorTestSuites;
  skipped = numPendingTests + numTodoTests;
  const reasons = testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'pending').map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' › ')));
  for (const reason of reasons) process.stdout.write(`skipped: ${reason}\n`);
} catch {
  failed++;
}
if (jest.status !== 0 && failed === 0) failed++;
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed === 0 ? 0 : 1);
