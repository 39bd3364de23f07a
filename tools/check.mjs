// The quick gate, `npm run check`: everything that can be said of the sources without servers: types, lint, format, import rules, unused and
// duplicate code, spelling and prose, and the suites that need nothing but this process (unit, properties, golden). Under two minutes from
// nothing, seconds when nothing has changed. `steps` is used by tools/test.mjs as well.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready } from './ready.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name, file) => join(root, 'node_modules', name, file);
const tool = (name) => join(root, 'tools', name);

/** Nx runs these for each project, and takes from its cache what has not changed (tools/nx-plugin.mjs). */
const nx = (node, name, targets) => ({
  name,
  command: [node, bin('nx', 'dist/bin/nx.js'), 'run-many', '-t', targets.join(','), '--parallel=2', '--output-style=static'],
  environment: { NX_DAEMON: 'false', NX_TUI: 'false' },
});

/** The static steps, each one command that passes or fails. */
export const steps = (node) => [
  nx(node, 'types and lint', ['types', 'lint']),
  { name: 'format', command: [node, bin('prettier', 'bin/prettier.cjs'), '--check', '--cache', '--log-level=warn', '.'] },
  {
    name: 'import rules',
    command: [node, bin('dependency-cruiser', 'bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'apps', 'libs'],
  },
  { name: 'reference pages', command: [node, tool('config-table.mjs'), '--check'] },
  { name: 'API document', command: [node, tool('lint-api.mjs')] },
  { name: 'dependencies', command: [node, tool('check-dependencies.mjs')] },
  { name: 'lockfile', command: [node, tool('check-lock.mjs')] },
  { name: 'links', command: [node, tool('check-links.mjs')] },
  { name: 'files and commits', command: [node, tool('check-files.mjs')] },
  { name: 'unused code', command: [node, tool('check-unused.mjs')] },
  { name: 'duplicate code', command: [bin('.bin', 'jscpd'), '--config', '.jscpd.json'] },
  { name: 'prose', command: [node, tool('check-prose.mjs')] },
  {
    name: 'spelling',
    command: [
      node,
      bin('cspell', 'bin.mjs'),
      'lint',
      '--no-progress',
      '--no-summary',
      '--dot',
      '**/*.{ts,tsx,mjs,cjs,js,md}',
      'apps/console/src/words/en.json',
    ],
  },
];

const report = (name, passed) => process.stdout.write(`${passed ? '✓' : '✗'} ${name}\n`);

/** Runs a step and prints what it printed when it has ended, if it failed; resolves to whether it passed. */
const runQuietly = ({ name, command, environment = {} }) =>
  new Promise((resolve) => {
    const begun = performance.now();
    const child = spawn(command[0], command.slice(1), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    child.on('close', (status) => {
      if (status !== 0) process.stdout.write(Buffer.concat(said));
      report(`${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`, status === 0);
      resolve({ name, passed: status === 0 });
    });
  });

/** Runs the steps of Nx one by one, as each takes both processors, and the others two at a time; resolves to the outcome of each. */
export const runSteps = async (ofNx, others) => {
  const outcomes = [];
  for (const step of ofNx) outcomes.push(await runQuietly(step));
  const waiting = [...others];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) outcomes.push(await runQuietly(step));
  };
  await Promise.all([work(), work()]);
  return outcomes;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = await ready(root);
  const [first, ...others] = steps(node);
  const outcomes = await runSteps([first, nx(node, 'unit, properties, golden', ['unit'])], others);
  const failed = outcomes.filter(({ passed }) => !passed).map(({ name }) => name);
  process.stdout.write(failed.length === 0 ? 'check passed\n' : `check failed: ${failed.join(', ')}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
}
