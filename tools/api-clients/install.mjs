// Installs what strangers use on the API document, and only what is missing: a Python and a TypeScript generator of clients, and
// Schemathesis, which makes requests from the document. They go to
// .cache/api-clients and touch nothing else. Usage: node tools/api-clients/install.mjs [--quiet]
// Ends with exit code 1 and a line for each tool that could not be installed; what could be is there nevertheless.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = join(here, '..', '..', '.cache', 'api-clients');
const quiet = process.argv.includes('--quiet');
const say = (text) => quiet || process.stdout.write(`${text}\n`);

/** The TypeScript generator, and the compiler that it writes with. */
const NODE_TOOLS = ['@hey-api/openapi-ts@0.99.0', 'typescript@6.0.3'];

/** Runs a command; returns undefined or why it failed. */
const run = (command, args, cwd) => {
  const { status, error, stderr } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : `${command} ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`;
};

/** Installs one set of tools unless a stamp says that this very set is there. */
const install = (name, wanted, steps) => {
  const folder = join(cache, name);
  const stamp = join(folder, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    say(`${name}: there`);
    return [];
  }
  mkdirSync(folder, { recursive: true });
  for (const [command, ...args] of steps) {
    const why = run(command, args, folder);
    if (why !== undefined) return [`${name}: ${why}`];
  }
  writeFileSync(stamp, wanted);
  say(`${name}: installed`);
  return [];
};

const python = process.platform === 'win32' ? 'python' : 'python3';
const inVenv = process.platform === 'win32' ? join('venv', 'Scripts', 'python.exe') : join('venv', 'bin', 'python');

/** Installs what a file of requirements lists into a Python environment of its own. */
const installPython = (name, file) => {
  const requirements = join(here, file);
  return install(name, readFileSync(requirements, 'utf8'), [
    [python, '-m', 'venv', 'venv'],
    [join(cache, name, inVenv), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ]);
};

const missing = [
  ...installPython('python', 'requirements.txt'),
  ...installPython('schemathesis', 'schemathesis.txt'),
  ...install('node', NODE_TOOLS.join('\n'), [
    ['npm', 'init', '-y'],
    ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', ...NODE_TOOLS],
  ]),
];
for (const line of missing) process.stderr.write(`${line}\n`);
process.exitCode = missing.length === 0 ? 0 : 1;
