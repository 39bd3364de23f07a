// Rules for files and commits as such: length, no host of a package registry, no path of somebody's machine, subjects of commits.
// Usage: node tools/check-files.mjs. Exit 1 if one is broken.
import { execFileSync } from 'node:child_process';
import { read, root, sources } from './sources.mjs';

const LONGEST = 400;

/** Written so that this file does not name them itself. */
const HOSTS =
  /\b(registry\.npm[j]s|npm[j]s\.com|py[p]i\.org|files\.python[h]osted|proxy\.golang[.]org|static\.crates[.]io|repo1?\.maven[.](?:org|apache)|deb\.debian[.]org)/;
const MACHINE = /(?<![\w.])(\/work\/(?:main|shared|brief|[A-Z]\/)|\/ro[o]t\/)/;

/** Commits before this one are as they are. */
const SINCE = 'd3c0e416aad1';
const LONGEST_SUBJECT = 72;

const problems = [];
for (const path of sources('*.ts', '*.tsx', '*.mjs', '*.cjs', '*.js')) {
  const lines = read(path).split('\n').length - 1;
  if (lines > LONGEST) problems.push(`${path}: ${lines} lines; at most ${LONGEST}`);
}
for (const path of sources(':!package-lock.json', ':!*.bin', ':!*.pst', ':!*.msg'))
  for (const [at, line] of read(path).split('\n').entries()) {
    if (HOSTS.test(line)) problems.push(`${path}:${at + 1}: names the host of a package registry`);
    if (MACHINE.test(line)) problems.push(`${path}:${at + 1}: names a path of one machine`);
  }

/** Lines that git prints; none where the history is not there, as in an archive or a shallow clone. */
const git = (...args) => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n');
  } catch {
    return [];
  }
};
for (const line of git('log', '--format=%h%x09%p%x09%s', `${SINCE}..HEAD`).filter((text) => text !== '')) {
  const [commit, parents, subject] = line.split('\t');
  if (parents.includes(' ')) problems.push(`commit ${commit}: a merge; rebase instead`);
  if (!subject.includes(' ')) problems.push(`commit ${commit}: the subject "${subject}" does not say what the commit does`);
  if (subject.length > LONGEST_SUBJECT)
    problems.push(`commit ${commit}: a subject of ${subject.length} characters; at most ${LONGEST_SUBJECT}`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`files and commits: ${problems.length === 0 ? 'in order' : `${problems.length} problems`}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
