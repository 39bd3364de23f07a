// Makes a clone ready to run: dependencies as the lockfile says, everything compiled. Does nothing when nothing is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

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
  const tsc = createRequire(join(root, 'package.json')).resolve('typescript/bin/tsc');
  const built = spawnSync(node, [tsc, '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) fail('The sources do not compile; see above.');
  return node;
};

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
