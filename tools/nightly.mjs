// The long run, `npm run nightly`: parts of 2.2 to 10 GiB before independent checkers (test/soak), 100,000 damaged files, then every property with
// new seeds, many times.
// `npm test` has a short version of each: test/src/soak.int.spec.ts, and each property once. Needs 11 GiB of disk and some hours.
// Usage: npm run nightly [-- ROUNDS], 20 by default. Exit 1 if anything failed; a failed property prints its seed.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './check.mjs';
import { ready } from './ready.mjs';

const rounds = Number(process.argv[2] ?? 20);
if (!Number.isInteger(rounds) || rounds < 0) {
  process.stderr.write('Usage: npm run nightly [-- ROUNDS]\n');
  process.exit(2);
}

const node = await ready(root);
const run = (...args) => spawnSync(node, args, { cwd: root, stdio: 'inherit' }).status === 0;

const failed = [];
const soak = join(root, 'test', 'soak', 'main.mjs');
if (!run('--disable-warning=ExperimentalWarning', soak)) failed.push('soak');
if (!run('--disable-warning=ExperimentalWarning', soak, 'fuzz')) failed.push('fuzz');
for (let round = 1; round <= rounds; round++) {
  process.stdout.write(`Properties, round ${round} of ${rounds}\n`);
  if (!run(join(root, 'tools', 'jest.mjs'), '--testPathPatterns', '\\.prop\\.spec\\.ts$')) failed.push(`properties, round ${round}`);
}
process.stdout.write(failed.length === 0 ? 'nightly passed\n' : `nightly failed: ${failed.join('; ')}\n`);
process.exit(failed.length === 0 ? 0 : 1);
