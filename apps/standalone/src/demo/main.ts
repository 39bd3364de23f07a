import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signInPath } from '@pstream/contracts';
import { createSignInCode } from '@pstream/gateway';
import { systemClock as clock, systemIds as ids, systemRandom as random } from '@pstream/kernel';
import { environment, runProcess, UsageError, type Life } from '@pstream/platform';
import { standalone, systemOf, tokensDir, type Prepared, type Standalone } from '../system.js';
import { demoApi } from './api.js';
import { DemoFlow } from './flow.js';
import { DEMO_HELP, readDemoOptions, type DemoOptions } from './options.js';
import { Progress } from './progress.js';
import { printReport, reportMailbox, type DemoReport } from './report.js';
import { SpaceWatch } from './space-watch.js';
import { openPlace, saveState, type DemoPlace } from './state.js';
import { demoToken } from './token.js';
import { demoUsers, startTenantProcess } from './tenant.js';

/** Times that the stream of the made-up failing item is cut off: in its batch and twice alone in the Full Migration, and no more in the retry. */
const CUTS = 3;

/** How long an interrupted demo waits for its services to stop. */
const SHUTDOWN_MS = 10_000;

type DemoLife = Life<Standalone['keys'], Standalone['open']['keys'], Prepared>;

const run = async (options: DemoOptions, from: string, life: DemoLife): Promise<number> => {
  const started = clock.monotonicMs();
  const progress = life.closes(new Progress(process.stderr, environment()['TERM']), async (it) => it.close());
  const users = await demoUsers(options);
  const place = await openPlace(options, from);
  const scripts = await faults(options, place, users[0]?.userPrincipalName);
  const tenant = life.closes(await startTenantProcess(options, place.state.tenantPort, scripts), (it) => it.close());
  const own = { dataDir: join(place.dataDir, 'data'), host: '127.0.0.1', port: 0, cards: 'trial', logLevel: 'error' };
  const system = systemOf((await life.start(own)).running);
  progress.say(`pstream is running at ${system.url}, the simulated tenant at ${tenant.address.graphUrl}`);
  const api = demoApi(system.url, await demoToken(place, system.firstToken), { clock, ids });
  const flow = new DemoFlow(api, clock, progress, options, new SpaceWatch(place.out));
  const projects = await flow.prepare(users, tenant.address, place.out);
  await flow.verify(projects);
  await flow.migrate(projects);
  await flow.retryErrors(projects);
  const mailboxes = [];
  let ok = true;
  for (const project of projects) {
    for (const { view, parts } of await flow.outcome(project)) {
      const { report, problems } = reportMailbox(view, project.kind, parts);
      for (const problem of problems) progress.say(`✗ ${view.source} (${project.kind}): ${problem}`);
      ok &&= problems.length === 0;
      mailboxes.push(report);
    }
  }
  const report: DemoReport = {
    ok,
    mailboxes,
    seconds: Math.round(clock.monotonicMs() - started) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  await saveState(place, { finished: ok });
  progress.close();
  life.stderr.write(printReport(report));
  // A report that nobody gets is no success.
  if (options.json) await life.stdout.written(`${JSON.stringify(report)}\n`);
  if (options.keep) {
    const { code } = await createSignInCode(tokensDir(own.dataDir), { clock, random });
    life.stderr.write(`\nSign in with a browser, once and within 15 minutes: ${system.url}${signInPath(code)}\n`);
    life.stderr.write(`Still running at ${system.url} (API description: ${system.url}/docs). Interrupt to end it.\n`);
    await life.stopped;
  }
  return ok ? 0 : 1;
};

/** Of the first mailbox the stream of one item is cut off at first, and that of another is damaged for ever; only the made-up tenant has them. */
const faults = async (options: DemoOptions, place: DemoPlace, first: string | undefined): Promise<string | undefined> => {
  if (options.content.is !== 'generated' || first === undefined || options.content.items === 0) return undefined;
  const file = join(place.dataDir, 'faults.json');
  const { items } = options.content;
  const where = { on: 'exportItems', mailbox: first, kind: 'primary' };
  const cut = { ...where, itemIndex: Math.floor(items / 2), effect: 'item-cut', times: CUTS };
  const damaged = { ...where, itemIndex: Math.floor(items / 3), effect: 'item-damaged', atBytes: 0 };
  await writeFile(file, JSON.stringify({ rules: [cut, damaged] }));
  return file;
};

await runProcess({
  ...standalone('own'),
  name: 'demo',
  shutdownMs: SHUTDOWN_MS,
  interrupted: { code: 130, says: '\nStopping; start the demo again with the same arguments to go on.\n' },
  run: async (life) => {
    const from = process.cwd();
    try {
      const options = readDemoOptions(life.arguments, from);
      if (options !== undefined) return await run(options, from, life);
      life.stderr.write(DEMO_HELP);
      return 0;
    } catch (error) {
      throw error instanceof UsageError ? new UsageError(`${error.message}\nTry: npm run demo -- --help`) : error;
    }
  },
});
