// Writes large parts and asks everybody who can read them: our own verify, pstlint --strict, and the crate outlook-pst on both B-trees
// and every block. Usage: npm run soak -- [GIB…] [--dir DIRECTORY] [--keep], sizes 2.2, 4.1 and 10 by default; one part is on disk at a
// time. `npm run soak -- fuzz` sends 100,000 damaged files through reader and verify instead. Ends with 1 if anybody objects, with 2 if
// something needed is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const GIB = 1 << 30;
const MIB = 1 << 20;
/** Room on disk besides the part. */
const SPARE_BYTES = GIB;
/** Blocks of each kind that pstlint decodes; the B-trees, maps and counts it checks whole. */
const SAMPLE = '50';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shared = resolve(root, process.env.PSTREAM_SHARED ?? '../shared');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dir: { type: 'string' }, keep: { type: 'boolean', default: false } },
});

const leave = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(2);
};

if (positionals[0] === 'fuzz') {
  const run = spawnSync(
    process.execPath,
    [join(root, 'tools', 'jest.mjs'), '--selectProjects', 'pst', 'convert', '--testPathPatterns', 'damaged?(-sources)?\\.prop'],
    { stdio: 'inherit', cwd: root, env: { PSTREAM_FUZZ_RUNS: '100000', ...process.env } },
  );
  process.exit(run.status ?? 1);
}

const sizes = positionals.length === 0 ? [2.2, 4.1, 10] : positionals.map(Number);
if (sizes.some((size) => !(size > 0))) leave('Sizes are numbers of GiB, such as 2.2.');

const lint = join(shared, 'tools', 'pstlint.py');
const walker = join(root, '.cache', 'oracles', 'outlook-pst', 'release', process.platform === 'win32' ? 'pst-walk.exe' : 'pst-walk');
if (!existsSync(lint)) leave(`No pstlint at ${lint}: set PSTREAM_SHARED.`);
if (!existsSync(walker)) leave('outlook-pst is not built, run: node tools/oracles/install.mjs');

const directory = mkdtempSync(join(values.dir ?? tmpdir(), 'pstream-soak-'));
process.on('exit', () => values.keep || rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

let objections = 0;

/** Runs a step to its end; returns what it printed, or undefined after saying what was wrong. */
const step = (name, command, args) => {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * MIB });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status === 0) {
    process.stdout.write(`  ${name}: exit 0 in ${seconds} s\n`);
    return stdout;
  }
  objections++;
  process.stdout.write(
    `  ${name}: exit ${status ?? error?.message ?? 'by signal'} in ${seconds} s\n${`${stdout}${stderr}`.slice(-4000)}\n`,
  );
  return undefined;
};

const mib = (bytes) => `${(bytes / MIB).toFixed(0)} MiB`;

for (const size of sizes) {
  const limit = Math.floor(size * GIB);
  const { bavail, bsize } = statfsSync(directory);
  if (bavail * bsize < limit + SPARE_BYTES) leave(`A part of ${size} GiB needs ${mib(limit + SPARE_BYTES)} free at ${directory}.`);
  const path = join(directory, `${size}.pst`);
  process.stdout.write(`part of at most ${size} GiB\n`);
  const written = step('write', process.execPath, [join(root, 'test', 'soak', 'write-part.mjs'), path, String(limit)]);
  if (written !== undefined) {
    const { bytes, items, folders, seconds, peakRssBytes } = JSON.parse(written);
    const rate = `${(bytes / MIB / seconds).toFixed(0)} MiB/s`;
    process.stdout.write(`    ${bytes} bytes, ${items} items in ${folders} folders, ${rate}, peak RSS ${mib(peakRssBytes)}\n`);
    const verified = step('verify', process.execPath, [join(root, 'test', 'soak', 'verify-part.mjs'), path]);
    if (verified !== undefined) {
      const report = JSON.parse(verified);
      if (report.items !== items) objections++;
      process.stdout.write(
        `    ${report.items} items, ${(bytes / MIB / report.seconds).toFixed(0)} MiB/s, peak RSS ${mib(report.peakRssBytes)}\n`,
      );
    }
    const linted = step('pstlint --strict', 'python3', [lint, '--strict', '--sample', SAMPLE, path]);
    if (linted !== undefined) process.stdout.write(`    ${linted.trim().split('\n').at(-1)?.replace(directory, '')}\n`);
    const walked = step('outlook-pst, B-trees and blocks', walker, ['--database', path]);
    if (walked !== undefined) {
      const { database } = JSON.parse(walked);
      if (database.blocksRead !== database.blockEntries) objections++;
      process.stdout.write(`    ${database.nodes} nodes, ${database.blocksRead} of ${database.blockEntries} blocks read\n`);
    }
  }
  if (!values.keep) rmSync(path, { force: true });
}
process.stdout.write(objections === 0 ? 'no objections\n' : `${objections} objection(s)\n`);
process.exit(objections === 0 ? 0 : 1);
