// Completes package-lock.json after `npm install --package-lock-only` (both: `npm run lock`), so that one lockfile installs on every
// platform and `npm ci` can verify each package:
// - npm leaves platform packages out when they are not for this platform, and `npm ci` then stops with "Missing: … from lock file". Every
//   optional dependency that is named but has no entry gets one, with os / cpu / libc taken from its name.
// - npm writes no hash for a package that it took from an installed tree. Each missing hash is asked of the registry, for exactly the locked
//   version; a hash that is there is never replaced.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { lockedPackages } from './check-lock.mjs';

const run = promisify(execFile);

const PLATFORMS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']);
/** Requests to the registry at a time. */
const AT_ONCE = 2;

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

/** Whether `name` resolves from `from` by Node's lookup: the package's own node_modules first, then each parent's. */
const isLocked = (from, name) => {
  let base = from;
  while (base !== '') {
    if (lock.packages[`${base}/node_modules/${name}`]) return true;
    const up = base.lastIndexOf('/node_modules/');
    base = up < 0 ? '' : base.slice(0, up);
  }
  return lock.packages[`node_modules/${name}`] !== undefined;
};

const constraints = (name) => {
  const words = name.split(/[/.-]/);
  const os = words.find((w) => PLATFORMS.has(w));
  const cpu = words.find((w) => PROCESSORS.has(w));
  const musl = words.some((w) => w.startsWith('musl'));
  const gnu = os === 'linux' && words.some((w) => w.startsWith('gnu'));
  return { os: [os ?? 'none'], ...(cpu ? { cpu: [cpu] } : {}), ...(musl ? { libc: ['musl'] } : gnu ? { libc: ['glibc'] } : {}) };
};

const missing = new Map();
for (const [path, entry] of Object.entries(lock.packages))
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    missing.set(`node_modules/${name}`, {
      version: range.replace(/^\D*/, ''),
      optional: true,
      ...(entry.dev ? { dev: true } : {}),
      ...constraints(name),
    });
  }
for (const [path, entry] of missing) lock.packages[path] = entry;

/** The hash that the registry publishes for a version, or undefined where it does not serve that version. */
const publishedHash = async ({ name, version }) => {
  try {
    const { stdout } = await run('npm', ['view', `${name}@${version}`, 'dist.integrity'], { shell: process.platform === 'win32' });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
};

const unhashed = lockedPackages(lock).filter(({ entry }) => entry.integrity === undefined);
const failed = [];
let filled = 0;
const work = async () => {
  for (let next = unhashed.pop(); next !== undefined; next = unhashed.pop()) {
    const integrity = await publishedHash(next);
    if (integrity === undefined) failed.push(`${next.name}@${next.version}`);
    else {
      const { name, version, ...rest } = next.entry;
      lock.packages[next.path] = { ...(name === undefined ? {} : { name }), version, integrity, ...rest };
      filled++;
    }
  }
};
await Promise.all(Array.from({ length: AT_ONCE }, work));

lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`package-lock.json: ${missing.size} platform packages and ${filled} hashes added\n`);
for (const one of failed) process.stderr.write(`package-lock.json: the registry serves no hash for ${one}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
