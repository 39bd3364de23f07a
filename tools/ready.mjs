// Makes a clone ready to run: dependencies as the lockfile says, everything compiled. Does nothing when nothing is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilerOf } from './compiler.mjs';

/** The Node that everything runs on: a dependency, so that a clone needs none of its own but to start npm. */
export const ownNode = (root) => {
  const found = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(found) ? found : undefined;
};

/** Installs and compiles if need be; returns the path of the workspace's Node. Ends the process with a clear word if it cannot. */
export const ready = async (root) => {
  install(root);
  const node = ownNode(root);
  if (node === undefined) fail('The Node runtime of the workspace was not installed. Run "npm ci" without --ignore-scripts.');
  compile(root, node);
  bundledConsole(root, node);
  return node;
};

const projects = (root) =>
  ['apps', 'libs']
    .flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
    .filter((folder) => existsSync(join(folder, 'tsconfig.json')));

/** What the compiled programs follow from: name, size and time of each source, and the versions of the dependencies. Costs a fraction of a
 *  second less than asking the compiler. */
const fingerprint = (root) => {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path}\0${mtimeMs}\0${size}\n`);
  };
  for (const name of ['tsconfig.json', 'tsconfig.base.json']) add(join(root, name));
  for (const project of projects(root)) {
    for (const name of ['package.json', 'tsconfig.json']) add(join(project, name));
    for (const name of readdirSync(join(project, 'src'), { recursive: true }).sort())
      if (/\.(tsx?|css|html|json)$/.test(name)) add(join(project, 'src', name));
  }
  return hash.digest('hex');
};

/** Does some work unless the stamp says that it was done for the same sources, and its results are there. */
const once = (root, stampName, results, work) => {
  const stamp = join(root, '.cache', stampName);
  // Taken before the work: what changes while it runs is work for the next time.
  const current = fingerprint(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current && results.every((file) => existsSync(file))) return;
  work();
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(stamp, current);
};

const compile = (root, node) =>
  once(
    root,
    'compiled',
    projects(root).map((folder) => join(folder, 'dist', '.tsbuildinfo')),
    () => {
      const built = spawnSync(node, [compilerOf(root), '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
      if (built.status !== 0) fail('The sources do not compile; see above.');
    },
  );

/** Bundles the command line from what is compiled, if anything has changed. */
export const bundled = (root, node) =>
  once(root, 'bundled', [join(root, 'apps', 'cli', 'bundle', 'pstream.mjs')], () => {
    const run = spawnSync(node, [join(root, 'tools', 'bundle-cli.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
    if (run.status !== 0) fail('The command line cannot be bundled; see above.');
  });

/** Bundles the console from what is compiled, if anything has changed. The gateway serves what is there, and the API alone without it. */
export const bundledConsole = (root, node) =>
  once(root, 'bundled-console', [join(root, 'apps', 'console', 'bundle', 'index.html')], () => {
    const run = spawnSync(node, [join(root, 'tools', 'bundle-console.mjs')], { cwd: root, stdio: ['ignore', 2, 2] });
    if (run.status !== 0) fail('The console cannot be bundled; see above.');
  });

const install = (root) => {
  const stamp = join(root, 'node_modules', '.pstream-lock');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && ownNode(root) !== undefined) return;
  if (!existsSync(join(root, 'node_modules', '.package-lock.json')) || ownNode(root) === undefined || existsSync(stamp)) {
    process.stderr.write('Installing dependencies (once, about a minute)…\n');
    const npm = process.env.npm_execpath;
    const command =
      npm === undefined
        ? ['npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']]
        : [process.execPath, [npm, 'ci', '--no-audit', '--no-fund', '--loglevel=error']];
    const run = spawnSync(command[0], command[1], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: npm === undefined && process.platform === 'win32',
    });
    if (run.status !== 0) fail('npm ci failed; see above. Check the network and the npm registry that is configured.');
  }
  writeFileSync(stamp, lock);
};

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};
