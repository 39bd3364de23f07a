// Everything, `npm test`: installs and builds what is missing, runs the static steps and every suite, and ends with one
// line `N passed, N failed` (`, N skipped`). Suites on real servers say what they use: servers named by environment
// variables, containers where an engine answers, or local processes. With CI=true none of them may be skipped: what is
// missing fails, and so does a skipped suite, unless this platform cannot have what it needs (`ALLOWED_TO_SKIP`).
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { root, runSteps, steps } from './check.mjs';
import { ready } from './ready.mjs';

/** Reasons, as they stand in a suite's title, that are no fault of the machine that tests. */
const ALLOWED_TO_SKIP = [/\(skipped: a file system of its own cannot be mounted here\)/, /\(PSTREAM_TEST_SMALL_DISK is not set\)/];
/** Suites that mostly wait: for a broker that finds a member dead, for an outage that ends. They run one by one beside the others, whose workers
 *  have the processors meanwhile. */
const WAITING = ['libs/transport/src/kafka/kafka-transport.int.spec.ts', 'libs/transport/src/kafka/unreliable.int.spec.ts'];
/** Suites wait for a good part of their time, so three of them share two processors, where the memory suffices for what a worker takes at most. */
const WORKERS = Math.max(1, Math.min(Math.ceil(1.5 * availableParallelism()), Math.floor(totalmem() / (4 * 1024 ** 3))));
const SLOWEST = 12;
const inCi = process.env.CI === 'true';

const node = await ready(root);
const scratch = mkdtempSync(join(tmpdir(), 'pstream-test-'));
const environment = { ...process.env, ...(inCi ? { PSTREAM_REQUIRE_SERVERS: '1' } : {}) };

const [first, ...others] = steps(node);
const results = await runSteps([first], others);

/** Runs jest and resolves to its status and its report, without one if it wrote none; its standard error goes on to ours, and the lines in which
 *  helpers say which server they took are kept. */
const runJest = (name, ...options) =>
  new Promise((resolve) => {
    const file = join(scratch, `${name}.json`);
    const child = spawn(node, [join(root, 'tools', 'jest.mjs'), '--json', '--outputFile', file, ...options], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const servers = new Set();
    let partial = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text) => {
      process.stderr.write(text);
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) if (/^\w+ for tests: /.test(line)) servers.add(line);
    });
    child.on('close', (status) =>
      resolve({ status, servers: [...servers], report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined }),
    );
  });

/** All suites, or those that the arguments select. */
const runSuites = () => {
  const given = process.argv.slice(2);
  const selects = (argument) => !argument.startsWith('-') || /^--(testPathPatterns|selectProjects|projects)\b/.test(argument);
  if (given.some(selects)) return [runJest('selected', ...given)];
  for (const path of WAITING) if (!existsSync(join(root, path))) throw new Error(`${path} is listed in tools/test.mjs and is not there`);
  const waiting = WAITING.map((path) => path.replaceAll('.', '\\.'));
  return [
    runJest('waiting', '--testPathPatterns', ...waiting, '--runInBand'),
    runJest(
      'others',
      ...(given.some((argument) => /^(--maxWorkers|-w|--runInBand|-i)\b/.test(argument)) ? [] : [`--maxWorkers=${WORKERS}`]),
      '--testSequencer',
      join(root, 'tools', 'slowest-first.mjs'),
      '--testPathIgnorePatterns',
      '/node_modules/',
      ...waiting,
      ...given,
    ),
  ];
};

const runs = await Promise.all(runSuites());
const servers = [...new Set(runs.flatMap((run) => run.servers))].sort();
let passed = results.filter((result) => result.passed).length;
let failed = results.length - passed;
let skipped = 0;
try {
  for (const { report } of runs) {
    passed += report.numPassedTests;
    failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  }
  const testResults = runs.flatMap(({ report }) => report.testResults);
  const pending = testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ ancestorTitles, title }) => [...ancestorTitles, title].join(' › ')),
  );
  for (const title of pending) {
    const isFault = inCi && !ALLOWED_TO_SKIP.some((allowed) => allowed.test(title));
    if (isFault) failed++;
    else skipped++;
    process.stdout.write(`${isFault ? 'skipped, which is a failure here' : 'skipped'}: ${title}\n`);
  }
  const slowest = testResults
    .map(({ name, startTime, endTime }) => ({ name: relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST);
  process.stdout.write(`\n${testResults.length} suites; the slowest:\n`);
  for (const { name, seconds } of slowest) process.stdout.write(`  ${seconds.toFixed(1).padStart(6)} s  ${name}\n`);
  for (const { name, message, assertionResults } of testResults) {
    if (assertionResults.length === 0 && message !== '') process.stdout.write(`did not run: ${relative(root, name)}\n`);
    for (const { status, ancestorTitles, title } of assertionResults)
      if (status === 'failed') process.stdout.write(`failed: ${[...ancestorTitles, title].join(' › ')}\n`);
  }
} catch (error) {
  process.stdout.write(`the report of the suites cannot be read: ${String(error)}\n`);
  failed++;
}
for (const line of servers) process.stdout.write(`${line}\n`);
if (runs.some(({ status }) => status !== 0) && failed === 0) failed++;
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exit(failed === 0 ? 0 : 1);
