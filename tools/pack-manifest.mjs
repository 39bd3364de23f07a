// Makes a library ready for `npm pack` and puts it back afterwards: the `prepack` and `postpack` of every library that is packed. What goes
// into the package is the compiled code, the README, the licence, and a manifest without anything that only the workspace understands.
// Usage, in the folder of a library: node ../../tools/pack-manifest.mjs. Exit 1 if it cannot be packed; nothing is changed then.
// With --restore: puts the library back; in the root of the workspace, every one. With --check, in the root: exit 1 if one has to be.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compilerOf } from './compiler.mjs';

const root = resolve(fileURLToPath(new URL('..', import.meta.url)));
const here = process.cwd();
const name = relative(root, here);
const SELF = 'node tools/pack-manifest.mjs';
/** The condition under which the workspace reads sources. */
const SOURCE = '@pstream/source';
const SCOPE = '@pstream/';

const MANIFEST = 'package.json';
const LICENCE = 'LICENSE';
/** The workspace's manifest, while the other one is in its place. */
const KEPT = join('dist', '.package.json');
/** The one for the package, until it is written. */
const NEXT = join('dist', '.package-next.json');

const parsed = (file) => JSON.parse(readFileSync(file, 'utf8'));

const refuse = (text) => {
  process.stderr.write(`${name}: ${text}\n`);
  process.exit(1);
};

/** Whether the manifest in a folder is the one for the package; that has no scripts. */
const isReplaced = (folder) => existsSync(join(folder, KEPT)) && parsed(join(folder, MANIFEST)).scripts === undefined;

const replaced = () =>
  readdirSync(join(root, 'libs'))
    .map((library) => join(root, 'libs', library))
    .filter(isReplaced);

const restore = (folder) => {
  rmSync(join(folder, LICENCE), { force: true });
  renameSync(join(folder, KEPT), join(folder, MANIFEST));
};

/** Compiles the library and what it depends on, so that no older code is packed. */
const build = () => {
  const { status } = spawnSync(process.execPath, [compilerOf(root), '-b', here], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) refuse('does not compile, so it cannot be packed; the errors are above');
};

/** Compiled files whose source was renamed or deleted; the compiler leaves them where they are. */
const leftOver = () => {
  const sources = new Set(readdirSync(join(here, 'src'), { recursive: true }));
  return readdirSync(join(here, 'dist'), { recursive: true }).filter(
    (file) => /\.(js|d\.ts)$/.test(file) && !sources.has(file.replace(/\.(js|d\.ts)$/, '.ts')),
  );
};

/** The version that a dependency has in a package: that of the workspace, if it is packed as well. */
const pinned = (dependency, range, version) => {
  if (!dependency.startsWith(SCOPE)) return range;
  const folder = join('libs', dependency.slice(SCOPE.length));
  const other = existsSync(join(root, folder, 'package.json')) ? parsed(join(root, folder, 'package.json')) : {};
  if (other.files === undefined) refuse(`depends on ${dependency}, which is not packed; move what it needs into a library that is`);
  if (other.version !== version) refuse(`has version ${version}, but ${dependency} has ${other.version}; give both the same one`);
  return version;
};

/** The manifest for those who install the package. */
const published = (manifest) => {
  const { engines, version } = parsed(join(root, 'package.json'));
  if (manifest.version !== version) refuse(`has version ${manifest.version}, but the workspace has ${version}; give both the same one`);
  const { private: _private, scripts: _scripts, devDependencies: _tests, exports, dependencies, ...rest } = manifest;
  const entries = Object.entries(exports).map(([path, { [SOURCE]: _source, ...conditions }]) => [path, conditions]);
  return {
    ...rest,
    engines,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    dependencies: Object.fromEntries(Object.entries(dependencies).map(([other, range]) => [other, pinned(other, range, version)])),
  };
};

const prepare = () => {
  if (isReplaced(here)) refuse('is being packed by another run; wait for its end, and pack again');
  build();
  const stale = leftOver();
  if (stale.length > 0) refuse(`dist holds ${stale.join(', ')} without a source; delete ${name}/dist and pack again`);
  const text = `${JSON.stringify(published(parsed(MANIFEST)), null, 2)}\n`;
  copyFileSync(MANIFEST, KEPT);
  try {
    copyFileSync(join(root, 'LICENSE'), LICENCE);
    writeFileSync(NEXT, text);
    renameSync(NEXT, MANIFEST);
  } catch (error) {
    restore(here);
    throw error;
  }
};

/** The manifest for the package has no scripts, so only the run of all libraries can notice what an interrupted one has left. */
const check = () => {
  const libraries = replaced().map((folder) => relative(root, folder));
  if (libraries.length === 0) return;
  process.stderr.write(`${libraries.join(', ')}: being packed, or packing was interrupted. If no other run packs: ${SELF} --restore\n`);
  process.exit(1);
};

if (process.argv.includes('--check')) check();
else if (process.argv.includes('--restore')) for (const folder of here === root ? replaced() : [here].filter(isReplaced)) restore(folder);
else prepare();
