// The quick gate, `npm run check`: types, lint, import rules, and the tests that need nothing but this process
// (unit, properties, golden). Under two minutes. `steps` is used by tools/test.mjs as well.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ready } from './ready.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name, file) => join(root, 'node_modules', name, file);

/** The static steps, each one command that passes or fails. */
export const steps = (node) => [
  { name: 'types', command: [node, bin('typescript', 'bin/tsc'), '-p', 'tsconfig.check.json'] },
  { name: 'lint', command: [node, bin('oxlint', 'bin/oxlint'), '--type-aware', 'apps', 'libs', 'test'] },
  {
    name: 'import rules',
    command: [node, bin('dependency-cruiser', 'bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.cjs', 'apps', 'libs'],
  },
  { name: 'reference pages', command: [node, join(root, 'tools', 'config-table.mjs'), '--check'] },
  { name: 'dependencies', command: [node, join(root, 'tools', 'check-dependencies.mjs')] },
  { name: 'lockfile', command: [node, join(root, 'tools', 'check-lock.mjs')] },
  { name: 'links', command: [node, join(root, 'tools', 'check-links.mjs')] },
];

/** Runs a step; returns whether it passed. */
export const runStep = ({ name, command }) => {
  process.stdout.write(`— ${name}\n`);
  const { status } = spawnSync(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name}\n`);
  return status === 0;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const node = await ready(root);
  const quick = {
    name: 'unit, properties, golden',
    command: [node, join(root, 'tools', 'jest.mjs'), '--testPathPatterns', '\\.(unit|prop|golden)\\.spec\\.ts$'],
  };
  const failed = [...steps(node), quick].filter((step) => !runStep(step));
  process.stdout.write(failed.length === 0 ? 'check passed\n' : `check failed: ${failed.map(({ name }) => name).join(', ')}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
}
