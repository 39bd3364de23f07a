// Runs benchmarks: npm run bench -- [name …] [--json]. Each measures its baseline in the same run and reports a ratio;
// ratio ≥ target means that it holds. With --json one line per benchmark on standard output, all else on standard error.
import { readdirSync } from 'node:fs';

const here = new URL('.', import.meta.url);
const args = process.argv.slice(2);
const json = args.includes('--json');
const mailboxesAt = args.indexOf('--mailboxes');
const mailboxes = mailboxesAt < 0 ? undefined : Number(args.splice(mailboxesAt, 2)[1]);
const wanted = args.filter((argument) => !argument.startsWith('--'));
const files = readdirSync(here)
  .filter((file) => file.endsWith('.bench.mjs'))
  .sort();
const benches = await Promise.all(files.map(async (file) => import(new URL(file, here).href)));
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name));
if (
  unknown.length > 0 ||
  (mailboxes !== undefined && !(mailboxes >= 1)) ||
  args.some((argument) => argument.startsWith('--') && argument !== '--json')
) {
  process.stderr.write(
    `Unknown: ${[...unknown, ...args.filter((argument) => argument.startsWith('--') && argument !== '--json')].join(', ')}\nUsage: npm run bench -- [${benches.map((bench) => bench.name).join('|')} …] [--json] [--mailboxes N]\n`,
  );
  process.exit(2);
}

const round = (value) => Number(value.toPrecision(4));
const log = (text) => process.stderr.write(`${text}\n`);
let missed = 0;
for (const bench of benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  log(`${bench.name}: measuring…`);
  const { value, unit, baseline, ratio, figures } = await bench.run({ log, options: { mailboxes } });
  const line = {
    name: bench.name,
    value: round(value),
    unit,
    baseline: round(baseline),
    ratio: round(ratio),
    target: bench.target,
    figures,
  };
  if (ratio < bench.target || figures?.some(({ holds }) => !holds)) missed++;
  if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
  else
    process.stdout.write(
      `${line.name.padEnd(20)} ${line.value} ${unit}, baseline ${line.baseline}, ratio ${line.ratio} (target ${line.target}: ${ratio < bench.target ? 'missed' : 'holds'})\n`,
    );
}
process.exitCode = missed > 0 ? 1 : 0;
