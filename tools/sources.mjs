// The files of the repository that checks read: what git tracks, and what is not ignored and not yet added.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths, relative to the root, that match the patterns of git. */
export const sources = (...patterns) =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z', '--', ...patterns], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)));

export const read = (path) => readFileSync(join(root, path), 'utf8');

/** Holds a count against tools/ratchets.json, where it may only fall. Prints one line; returns whether it passed. */
export const ratchet = (name, count, show = () => {}) => {
  const limit = JSON.parse(read('tools/ratchets.json'))[name] ?? 0;
  if (count > limit) {
    show();
    process.stderr.write(`${name}: ${count}, and there were ${limit}; fix what is new (tools/ratchets.json)\n`);
  } else if (count < limit) process.stderr.write(`${name}: ${count}; lower tools/ratchets.json from ${limit}, so that it stays so\n`);
  process.stdout.write(`${name}: ${count}${limit === 0 ? '' : ` of at most ${limit}`}\n`);
  return count <= limit;
};
