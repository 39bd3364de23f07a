// A process that does what the demo does, against a tenant that runs already. Prints its report as one JSON line.
// Usage: node export.mjs DUMP OUT ADDRESS (the tenant's JSON line)
import { join } from 'node:path';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { environment } from '@pstream/platform';
import { jsonLog, readConfig } from '@pstream/wiring';

const demo = new URL('../../apps/standalone/dist/', import.meta.url);
const [
  { standaloneKeys },
  { startSystem },
  { demoApi },
  { DemoFlow },
  { readDemoOptions },
  { Progress },
  { reportMailbox },
  { SpaceWatch },
  { openPlace },
  { demoToken },
  { demoUsers },
] = await Promise.all(
  [
    'config.js',
    'system.js',
    'demo/api.js',
    'demo/flow.js',
    'demo/options.js',
    'demo/progress.js',
    'demo/report.js',
    'demo/space-watch.js',
    'demo/state.js',
    'demo/token.js',
    'demo/tenant.js',
  ].map((file) => import(new URL(file, demo).href)),
);

const [dump, out, address] = process.argv.slice(2);
const options = readDemoOptions(['--tenant', dump, '--out', out, '--json'], process.cwd());
const users = await demoUsers(options);
const started = performance.now();
const place = await openPlace(options, process.cwd());
const config = readConfig(
  standaloneKeys,
  { ...environment(), PSTREAM_HOST: undefined, PSTREAM_PORT: undefined },
  { dataDir: join(place.dataDir, 'data'), port: 0, cards: 'trial' },
);
const system = await startSystem(
  config,
  { clock: systemClock, ids: systemIds, random: systemRandom, log: jsonLog(process.stderr, systemClock, 'error') },
  'own',
);
const flow = new DemoFlow(
  demoApi(system.url, await demoToken(place, system.firstToken), { clock: systemClock, ids: systemIds }),
  systemClock,
  new Progress(process.stderr),
  options,
  new SpaceWatch(place.out),
);
const projects = await flow.prepare(users, JSON.parse(address), place.out);
await flow.verify(projects);
await flow.migrate(projects);
let problems = [];
let exported = 0;
for (const project of projects) {
  for (const { view, parts } of await flow.outcome(project)) {
    const told = reportMailbox(view, project.kind, parts);
    problems = problems.concat(told.problems);
    exported += told.report.exported;
  }
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(
  `${JSON.stringify({ seconds, exported, problems: problems.length, peakRssBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
);
await system.close();
