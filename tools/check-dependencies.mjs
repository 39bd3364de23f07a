// Holds every package.json of apps/ and libs/ against what its files import: a dependency that nothing imports, an import that is not
// listed, and one that only tests need and everybody installs. Tests may also use what the root lists. A peer of a package that is
// used counts as used. Usage: node tools/check-dependencies.mjs. Exit 1 if there are any.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
/** Listed for tests that are yet to be written, too. */
const HELPERS = '@pstream/testing';
const TEST_FILE = /\.(spec|contract|fixture)\.tsx?$/;
const IMPORT = /(?:\bfrom\s+|\bimport(?:\.meta\.resolve)?\s*\(?\s*)'([^'.][^'\s]*)'/g;

/** The package that a specifier leads to: its first part, or two with a scope. */
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Packages that the files import. */
const imported = (files) =>
  new Set(
    files
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, specifier]) => specifier))
      .filter((specifier) => !isBuiltin(specifier))
      .map(packageOf),
  );

/** What a package asks whoever lists it to bring along; with `optional`, also what it can do without. */
const peersOf = (name, optional) => {
  const found = join('node_modules', name);
  const { peerDependencies = {}, peerDependenciesMeta = {} } = existsSync(join(root, found)) ? manifest(found) : {};
  return Object.keys(peerDependencies).filter((peer) => optional || peerDependenciesMeta[peer]?.optional !== true);
};

/** The packages that are imported, with the peers that are listed. */
const withPeers = (names, listed) => {
  const all = new Set(names);
  // Peers that are added here are visited too.
  for (const name of all) for (const peer of peersOf(name, names.has(name))) if (listed.has(peer)) all.add(peer);
  return all;
};

const shared = new Set(Object.keys(manifest('.').devDependencies));
const problems = [];
for (const folder of ['apps', 'libs'].flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name)))) {
  const { name: own, dependencies = {}, devDependencies = {} } = manifest(folder);
  const listed = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]);
  const files = readdirSync(join(root, folder, 'src'), { recursive: true }).filter((file) => /\.tsx?$/.test(file));
  const paths = (some) => some.map((file) => join(root, folder, 'src', file));
  const atRun = imported(paths(files.filter((file) => !TEST_FILE.test(file))));
  const inTests = imported(paths(files.filter((file) => TEST_FILE.test(file))));
  const [usedAtRun, usedInTests] = [withPeers(atRun, listed), withPeers(inTests, listed)];
  const say = (text) => problems.push(`${join(folder, 'package.json')}: ${text}`);
  for (const name of atRun) if (name !== own && dependencies[name] === undefined) say(`${name} is imported, but no dependency`);
  for (const name of inTests)
    if (name !== own && !atRun.has(name) && !listed.has(name) && !shared.has(name)) say(`${name} is imported by tests, but not listed`);
  for (const name of Object.keys(dependencies))
    if (!usedAtRun.has(name))
      say(usedInTests.has(name) ? `${name} is imported by tests only, so it is a devDependency` : `nothing imports ${name}`);
  for (const name of Object.keys(devDependencies)) if (name !== HELPERS && !usedInTests.has(name)) say(`no test imports ${name}`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`dependencies: ${problems.length === 0 ? 'all imported, all listed' : `${problems.length} to put right`}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
