// npm leaves platform packages out of the lockfile when the registry at hand does not carry them, and `npm ci` then
// stops with "Missing: … from lock file". This adds every optional dependency that is named but has no entry, with
// os / cpu / libc taken from its name, so that one lockfile installs on Linux, macOS and Windows. Run after each change.
import { readFileSync, writeFileSync } from 'node:fs';

const PLATFORMS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']);

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));

/** Node's lookup: the package's own node_modules first, then each parent's. */
function isLocked(from, name) {
  let base = from;
  while (base !== '') {
    if (lock.packages[`${base}/node_modules/${name}`]) return true;
    const up = base.lastIndexOf('/node_modules/');
    base = up < 0 ? '' : base.slice(0, up);
  }
  return lock.packages[`node_modules/${name}`] !== undefined;
}

function constraints(name) {
  const words = name.split(/[/.-]/);
  const os = words.find((w) => PLATFORMS.has(w));
  const cpu = words.find((w) => PROCESSORS.has(w));
  const musl = words.some((w) => w.startsWith('musl'));
  const gnu = os === 'linux' && words.some((w) => w.startsWith('gnu'));
  return { os: [os ?? 'none'], ...(cpu ? { cpu: [cpu] } : {}), ...(musl ? { libc: ['musl'] } : gnu ? { libc: ['glibc'] } : {}) };
}

const missing = new Map();
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    missing.set(`node_modules/${name}`, {
      version: range.replace(/^\D*/, ''),
      optional: true,
      ...(entry.dev ? { dev: true } : {}),
      ...constraints(name),
    });
  }
}
for (const [path, entry] of missing) lock.packages[path] = entry;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stderr.write(`${missing.size} platform packages added to package-lock.json\n`);
