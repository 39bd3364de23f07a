// Fails where `npm ci` could not verify what it installs: an entry of package-lock.json without a SHA-512 hash, or one that names a host.
// Usage: node tools/check-lock.mjs [FILE]. Exit 1 if there are any; `npm run lock` completes the file.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The packages that are fetched: every entry but the root, the workspaces, and the links to them. */
export const lockedPackages = (lock) =>
  Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && entry.link !== true)
    .map(([path, entry]) => ({
      path,
      entry,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version,
    }));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const packages = lockedPackages(lock);
  const problems = packages.flatMap(({ path, entry }) => [
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '') ? [] : [`${path}: no SHA-512 hash`]),
    ...(entry.resolved === undefined ? [] : [`${path}: "resolved" names a host; the configured registry serves it`]),
  ]);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.stdout.write(
    `lockfile: ${problems.length === 0 ? `${packages.length} packages with a hash` : `${problems.length} problems; run: npm run lock`}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
