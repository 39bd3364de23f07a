// Installs the independent PST readers that test/src/readers.int.spec.ts asks, and only what is missing:
// pffinfo and pffexport, readpst and lspst by the system's package manager (Debian, as root), and three small programs of our own on
// libraries of others, in .cache/oracles: pst-walk on the crate outlook-pst (cargo), PstWalk on java-libpst (Maven and a JDK), and what
// pypff/pst_walk.py needs (pip). Usage: node tools/oracles/install.mjs [--quiet]
// Ends with exit code 1 and a line for each reader that is not available; the others are installed all the same.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '..', '..', '.cache', 'oracles');
const quiet = process.argv.includes('--quiet');
const say = (text) => quiet || process.stdout.write(`${text}\n`);

/** Programs and the Debian packages they are in. */
const PACKAGES = { pffinfo: 'pff-tools', pffexport: 'pff-tools', readpst: 'pst-utils', lspst: 'pst-utils' };

const onPath = (name) => spawnSync(process.platform === 'win32' ? 'where' : 'which', [name], { stdio: 'ignore' }).status === 0;

/** Runs a command to its end; resolves with undefined or with why it failed. */
const run = (command, args, env = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-2000)));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) =>
      resolve(code === 0 ? undefined : `${command} ${args[0]} ended with ${code}: ${output.trim().split('\n').slice(-3).join(' / ')}`),
    );
  });

/** The readers of the system's packages; resolves with what is missing and why. */
const fromPackages = async () => {
  const missing = Object.keys(PACKAGES).filter((name) => !onPath(name));
  if (missing.length === 0) {
    say('pff-tools and pst-utils: there');
    return [];
  }
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))];
  if (!onPath('apt-get') || process.getuid?.() !== 0)
    return [
      `${missing.join(', ')}: install ${packages.join(' and ')} with the system's package manager (root and apt-get are needed to do it from here)`,
    ];
  const quietly = { DEBIAN_FRONTEND: 'noninteractive' };
  // The lists of a fresh container are empty, those of an old one out of date.
  const why =
    (await run('apt-get', ['-qq', 'update'], quietly)) ??
    (await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], quietly));
  if (why === undefined) say(`${packages.join(' and ')}: installed`);
  return why === undefined ? [] : [`${missing.join(', ')}: ${why}`];
};

/** The reader on the crate outlook-pst, rebuilt when its sources or its lock file changed. */
const withCargo = async () => {
  const source = join(here, 'outlook-pst');
  const target = join(cache, 'outlook-pst');
  const stamp = join(target, 'built-from');
  const hash = createHash('sha256');
  for (const file of [
    'Cargo.toml',
    'Cargo.lock',
    ...readdirSync(join(source, 'src'))
      .sort()
      .map((name) => join('src', name)),
  ])
    hash.update(readFileSync(join(source, file)));
  const digest = hash.digest('hex');
  const program = join(target, 'release', process.platform === 'win32' ? 'pst-walk.exe' : 'pst-walk');
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    say('pst-walk: there');
    return [];
  }
  const besides = join(process.env.HOME ?? '', '.cargo', 'bin', 'cargo');
  const cargo = onPath('cargo') ? 'cargo' : existsSync(besides) ? besides : undefined;
  if (cargo === undefined) return ['pst-walk: cargo is not installed'];
  mkdirSync(target, { recursive: true });
  const why = await run(cargo, [
    'build',
    '--release',
    '--locked',
    '--quiet',
    '--manifest-path',
    join(source, 'Cargo.toml'),
    '--target-dir',
    target,
  ]);
  if (why !== undefined) return [`pst-walk: ${why}`];
  writeFileSync(stamp, digest);
  say('pst-walk: built');
  return [];
};

/** java-libpst: the newest release, and what its archive must be. */
const JAVA_LIBPST = { version: '0.9.3', sha256: '039cd61635ded94dba67f909d3b1763e13f9c23d02f9750eb6259af10e1dabdb' };
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The reader on java-libpst, compiled again when its source changed. */
const withMaven = async () => {
  const source = join(here, 'java-libpst', 'PstWalk.java');
  const target = join(cache, 'java-libpst');
  const archive = join(target, `java-libpst-${JAVA_LIBPST.version}.jar`);
  const stamp = join(target, 'built-from');
  const digest = sha256(source);
  if (existsSync(archive) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) {
    say('java-libpst: there');
    return [];
  }
  for (const name of ['java', 'javac', 'mvn']) if (!onPath(name)) return [`java-libpst: ${name} is not installed`];
  mkdirSync(target, { recursive: true });
  const artifact = `com.pff:java-libpst:${JAVA_LIBPST.version}`;
  const why = existsSync(archive)
    ? undefined
    : await run('mvn', ['-q', '-B', COPY, `-Dartifact=${artifact}`, `-DoutputDirectory=${target}`]);
  if (why !== undefined) return [`java-libpst: ${why}`];
  if (sha256(archive) !== JAVA_LIBPST.sha256) return [`java-libpst: ${archive} is not the archive that was released`];
  const compiled = await run('javac', ['-d', target, '-cp', archive, source]);
  if (compiled !== undefined) return [`java-libpst: ${compiled}`];
  writeFileSync(stamp, digest);
  say('java-libpst: built');
  return [];
};

const PYPFF = 'libpff-python==20260926';

/** libpff's Python module, for python3 and no other. */
const withPip = async () => {
  const target = join(cache, 'pypff');
  const stamp = join(target, 'installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === PYPFF) {
    say('pypff: there');
    return [];
  }
  if (!onPath('python3')) return ['pypff: python3 is not installed'];
  const why = await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--upgrade', '--target', target, PYPFF]);
  if (why !== undefined) return [`pypff: ${why}`];
  writeFileSync(stamp, PYPFF);
  say('pypff: installed');
  return [];
};

const problems = (await Promise.all([fromPackages(), withCargo(), withMaven(), withPip()])).flat();
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
