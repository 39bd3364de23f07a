// Runs a program of the workspace on the workspace's own Node, installing and building first what is missing.
// Started by whatever Node npm found (20 or newer), so it uses nothing but Node. All its own output goes to standard error.
// Usage: node tools/run.mjs demo|start|tenant|cli|bench|soak [arguments]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { bundled, ready } from './ready.mjs';

const PROGRAMS = {
  demo: 'apps/standalone/dist/demo/main.js',
  start: 'apps/standalone/dist/main.js',
  tenant: 'apps/tenant-sim/dist/main.js',
  cli: 'apps/cli/bin/pstream.mjs',
  bench: 'bench/main.mjs',
  soak: 'test/soak/main.mjs',
};

const [name, ...args] = process.argv.slice(2);
const program = PROGRAMS[name];
if (program === undefined) {
  process.stderr.write(`Usage: node tools/run.mjs ${Object.keys(PROGRAMS).join('|')} [arguments]\n`);
  process.exit(2);
}

const root = fileURLToPath(new URL('..', import.meta.url));
const node = await ready(root);
if (name === 'cli') bundled(root, node);
// The caller's directory is what relative paths in the arguments mean; npm runs scripts from the root.
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, program), ...args], {
  stdio: 'inherit',
  cwd: process.env.INIT_CWD ?? process.cwd(),
});
// A terminal signals the program as well as this process: passed on, one Ctrl+C would count as two.
const onTerminal = process.stdin.isTTY === true || process.stderr.isTTY === true;
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => onTerminal || child.kill(signal));
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
